"""What several tests start from: an authority, peers, and a transport that never really sleeps."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest

from psaas_resources.transport import Transport
from tests import hurried

from .peer import Act, Authority, Peer, Server

# The same examples each time, however slow the machine: a test run depends on the code alone.
hypothesis.settings.register_profile("unit", deadline=None, derandomize=True)
hypothesis.settings.load_profile("unit")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def running() -> Iterator[Callable[[Any], Any]]:
    """Ends a server with the test."""
    with contextlib.ExitStack() as stack:

        def enter(server: Server) -> Server:
            return stack.enter_context(server)

        yield enter


@pytest.fixture
def peer(authority: Authority, running: Callable[[Any], Any]) -> Callable[..., Peer]:
    """A peer that does these acts; TLS with a good certificate unless a test says otherwise."""

    def start(*acts: Act, **options: Any) -> Peer:
        if "context" not in options:
            options["context"] = authority.context()
        return running(Peer(*acts, **options))

    return start


@pytest.fixture
def sleeps() -> list[float]:
    """How long our code wanted to sleep, in seconds, in order."""
    return []


@pytest.fixture
def transport_to(authority: Authority, sleeps: list[float]) -> Callable[..., Transport]:
    """A transport that reaches a peer under any name, with no jitter and a clock that stands at 1,000,000."""

    def make(peer: Server | None, **options: Any) -> Transport:
        given: dict[str, Any] = {
            "ca_bundle": authority.pem,
            "connect_to": peer.address if peer else None,
            "timeout_seconds": 20.0,
            "clock": lambda: 1_000_000.0,
            "jitter": lambda: 0.0,
        }
        return hurried.transport(slept=sleeps.append, **given | options)

    return make


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without proxies, for a test to put its own into."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch
