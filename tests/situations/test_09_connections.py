"""Situations 9 to 11 and 15: no connection comes about, or it leads elsewhere."""

from __future__ import annotations

import contextlib
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from psaas_resources.errors import AnswerUnusable, Unreachable, Untrusted
from psaas_resources.transport import ATTEMPTS
from tests.local_appliance import LocalAppliance
from tests.situations import situation
from tests.situations.faults import LIST_TENANTS, POST_TENANT, RTA_TOKEN, on
from tests.situations.world import World
from tests.unit.peer import ConnectProxy, Peer


@pytest.fixture
def closed_port() -> Iterator[str]:
    """An address on which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{bound.getsockname()[1]}"


@situation(9)
def test_an_appliance_that_refuses_connections_is_tried_again_and_then_said_to_be_down(
    world: World, closed_port: str
) -> None:
    world.environment["PSAAS_CONNECT_TO"] = closed_port

    with world.fails(Unreachable, f"could not connect to {world.appliance.rta}", "is the appliance up"):
        world.run().create(world.name())

    assert len(world.sleeps) == ATTEMPTS - 1
    assert world.sleeps == sorted(world.sleeps)
    assert world.posts() == []


@situation(9)
def test_connections_that_are_refused_for_a_moment_make_no_difference(world: World) -> None:
    world.goes_wrong(on({"path": "/down"}, refuse_connections=1))
    with contextlib.suppress(Exception):
        world.appliance.request("GET", "/down")
    world.while_waiting = lambda: time.sleep(0.5)
    name = world.name()

    assert world.run().create(name).ready

    assert 0 < len(world.sleeps) < ATTEMPTS
    assert world.posts() == [201]


@situation(9)
def test_a_name_that_does_not_resolve_is_named_and_nothing_is_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def nothing_resolves(host: str, *_: Any, **__: Any) -> Any:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", nothing_resolves)
        with world.fails(Unreachable, f"the name {world.appliance.rta} does not resolve", "psaas:domain"):
            world.run(PSAAS_CONNECT_TO="").create(world.name())

    assert asked == [world.appliance.rta] * ATTEMPTS
    assert world.posts() == []


@situation(9)
def test_a_connection_that_is_never_accepted_ends_in_time(world: World) -> None:
    with socket.socket() as full, contextlib.ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):  # the queue of connections that nobody accepts is full then
            pending = waiting.enter_context(socket.socket())
            pending.setblocking(False)
            pending.connect_ex(full.getsockname())
        world.patience_seconds = 0.1
        world.environment["PSAAS_CONNECT_TO"] = f"127.0.0.1:{full.getsockname()[1]}"

        with world.fails(Unreachable, f"{world.appliance.rta} did not accept a connection in time"):
            world.run().create(world.name())

    assert len(world.sleeps) == ATTEMPTS - 1


@situation(10)
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("unknown-ca", ("was not accepted", "PSAAS_CA_BUNDLE")),
        ("expired", ("was not accepted: certificate has expired",)),
        ("wrong-name", ("was not accepted", "rta.appliance.test")),
        ("plain-http", ("does not speak TLS 1.2 or newer",)),
    ],
)
def test_tls_that_can_not_be_trusted_ends_the_run_at_once(
    appliance_data: Path, tmp_path: Path, fault: str, words: tuple[str, ...]
) -> None:
    shutil.copytree(appliance_data, tmp_path / "own")
    with LocalAppliance.start(tmp_path / "own", "--tls-fault", fault) as appliance:
        world = World(appliance, tmp_path / "escrow")  # nobody can look into this appliance, not even the test

        with world.fails(Untrusted, *words):
            world.run().create(world.name())

    assert world.sleeps == []
    assert not any(secret in said for said in world.said for secret in appliance.secrets)


@situation(11)
@pytest.mark.parametrize("status", [407, 403, 502])
def test_a_proxy_that_refuses_is_named_with_the_variables_that_lead_to_it(
    world: World, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    with ConnectProxy(("127.0.0.1", 9), refuse_with=status) as proxy:
        for name in ("no_proxy", "NO_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTPS_PROXY", "http://{}:{}".format(*proxy.address))

        with world.fails(Unreachable, "the proxy refused or did not answer", "HTTPS_PROXY", "NO_PROXY"):
            world.run(PSAAS_CONNECT_TO="").create(world.name())

        assert 0 < len(proxy.asked) <= ATTEMPTS
    assert world.posts() == []


@situation(11)
def test_a_proxy_that_is_not_there_is_named_with_the_variables_that_lead_to_it(
    world: World, monkeypatch: pytest.MonkeyPatch, closed_port: str
) -> None:
    for name in ("no_proxy", "NO_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", f"http://{closed_port}")

    with world.fails(Unreachable, "HTTPS_PROXY"):
        world.run(PSAAS_CONNECT_TO="").create(world.name())


@situation(15)
@pytest.mark.parametrize("route", [RTA_TOKEN, POST_TENANT])
def test_a_redirect_is_never_followed(world: World, route: dict[str, Any]) -> None:
    with Peer(context=None) as elsewhere:
        world.goes_wrong(on(route, redirect="http://{}:{}/login".format(*elsewhere.address)))

        with world.fails(AnswerUnusable, "redirect (302)", "never followed", "psaas:domain", "log-in proxy"):
            world.run().create(world.name())

        assert elsewhere.connections == 0
    assert world.happened() == 1
    assert sum(world.made(name) for name in world.names) == 0


@situation(15)
def test_a_redirect_of_a_list_is_never_followed_either(world: World) -> None:
    made = world.run().create(world.name())
    with Peer(context=None) as elsewhere:
        world.goes_wrong(on(LIST_TENANTS, redirect="http://{}:{}/login".format(*elsewhere.address)))

        with world.fails(AnswerUnusable, "redirect (302)"):
            world.run().tenants.read(made)

        assert elsewhere.connections == 0
