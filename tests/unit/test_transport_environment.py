"""What the machine's environment may change about a request: its proxy, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psaas_resources.errors import Unreachable, Untrusted
from psaas_resources.transport import Transport

from .peer import HOST, Authority, ConnectProxy, Peer, reply

URL = f"https://{HOST}/api/v2/tenants"
Start = Callable[..., Peer]
Make = Callable[..., Transport]
Running = Callable[[Any], Any]


@pytest.fixture
def environment(no_proxy: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    return no_proxy


def by_name(host: str, peer: Peer) -> str:
    return f"https://{host}:{peer.address[1]}/api/v2/tenants"


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_requests_go_through_the_proxy_of_the_environment_and_the_token_is_for_the_appliance_alone(
    peer: Start, transport_to: Make, running: Running, environment: pytest.MonkeyPatch, variable: str
) -> None:
    server = peer(reply(200, {"fine": True}))
    proxy = running(ConnectProxy(server.address))
    environment.setenv(variable, f"http://127.0.0.1:{proxy.address[1]}")
    assert transport_to(None).send("GET", URL, token="token-1").ok
    assert [(asked.method, asked.target) for asked in proxy.asked] == [("CONNECT", f"{HOST}:443")]
    assert "token-1" not in str(proxy.asked)
    assert server.requests[0].headers["authorization"] == "Bearer token-1"
    assert server.requests[0].server_name == HOST


def test_the_certificate_is_checked_behind_a_proxy_too(
    peer: Start,
    transport_to: Make,
    running: Running,
    environment: pytest.MonkeyPatch,
    authority: Authority,
    tmp_path: Path,
) -> None:
    for number, context in enumerate((Authority(tmp_path).context(), authority.context(("other.appliance.test",)))):
        server = peer(context=context)
        proxy = running(ConnectProxy(server.address))
        environment.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.address[1]}")
        with pytest.raises(Untrusted, match=HOST):
            transport_to(None).send("GET", URL, token=f"token-{number}")
        assert server.requests == []


def test_hosts_in_no_proxy_are_reached_directly(
    peer: Start, transport_to: Make, running: Running, environment: pytest.MonkeyPatch
) -> None:
    server = peer()
    proxy = running(ConnectProxy(server.address))
    environment.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.address[1]}")
    environment.setenv("NO_PROXY", "localhost,.elsewhere.test")
    assert transport_to(None).send("GET", by_name("localhost", server)).ok
    assert proxy.connections == 0


def test_connect_to_goes_past_the_proxy(
    peer: Start, transport_to: Make, running: Running, environment: pytest.MonkeyPatch
) -> None:
    server = peer()
    proxy = running(ConnectProxy(server.address))
    environment.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.address[1]}")
    assert transport_to(server).send("GET", URL).ok
    assert proxy.connections == 0


@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_proxy_that_refuses_is_named_and_nothing_counts_as_sent(
    peer: Start, transport_to: Make, running: Running, environment: pytest.MonkeyPatch, status: int
) -> None:
    server = peer()
    proxy = running(ConnectProxy(server.address, refuse_with=status))
    environment.setenv("HTTPS_PROXY", f"http://me:proxy-password@127.0.0.1:{proxy.address[1]}")
    with pytest.raises(Unreachable, match="proxy") as caught:
        transport_to(None).send("POST", URL, token="token-1", body={}, once=True)
    assert "proxy-password" not in str(caught.value)
    assert server.connections == 0


def test_a_proxy_that_is_not_there_is_named(peer: Start, transport_to: Make, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with pytest.raises(Unreachable, match="HTTPS_PROXY"):
        transport_to(None).send("POST", URL, token="token-1", body={}, once=True)


def test_a_netrc_never_replaces_the_token(
    peer: Start, transport_to: Make, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine localhost login me password from-netrc\ndefault login me password from-netrc\n")
    netrc.chmod(0o600)
    environment.setenv("NETRC", str(netrc))
    environment.setenv("HOME", str(tmp_path))
    server = peer()
    transport = transport_to(None)
    transport.send("GET", by_name("localhost", server), token="token-1")
    transport.send("POST", by_name("localhost", server), body={"client_id": "abc"})
    assert server.requests[0].headers["authorization"] == "Bearer token-1"
    assert "authorization" not in server.requests[1].headers


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_ca_bundle_of_the_environment_adds_no_trust(
    peer: Start,
    transport_to: Make,
    environment: pytest.MonkeyPatch,
    tmp_path: Path,
    authority: Authority,
    variable: str,
) -> None:
    stranger = Authority(tmp_path)
    environment.setenv(variable, stranger.pem)
    strange, known = peer(context=stranger.context()), peer()
    with pytest.raises(Untrusted):
        transport_to(None).send("GET", by_name("localhost", strange))
    assert transport_to(None).send("GET", by_name("localhost", known)).ok


def test_an_empty_ca_bundle_in_the_environment_does_not_switch_checking_off(
    peer: Start, transport_to: Make, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("REQUESTS_CA_BUNDLE", "")
    environment.setenv("PYTHONHTTPSVERIFY", "0")
    server = peer(context=Authority(tmp_path).context())
    with pytest.raises(Untrusted):
        transport_to(None).send("GET", by_name("localhost", server))


def test_cookies_are_not_kept(peer: Start, transport_to: Make) -> None:
    server = peer(reply(200, b"{}", {"Set-Cookie": "session=abc; Path=/; Domain=appliance.test"}))
    transport = transport_to(server)
    transport.send("GET", URL)
    transport.send("GET", URL)
    transport.send("GET", "https://customer-1.appliance.test/")
    assert all("cookie" not in request.headers for request in server.requests)


def test_only_what_was_asked_for_is_sent(peer: Start, transport_to: Make) -> None:
    server = peer()
    transport_to(server).send("GET", URL, query={"take": 100, "from": "a b&c"})
    transport_to(server).send("POST", URL, token="token-1", body={"name": "customer-1", "owners": ["me@email.com"]})
    first, second = server.requests
    assert (first.method, first.target, first.body) == ("GET", "/api/v2/tenants?take=100&from=a+b%26c", b"")
    assert "authorization" not in first.headers
    assert second.json == {"name": "customer-1", "owners": ["me@email.com"]}
    assert second.headers["content-type"] == "application/json"
    assert second.headers["accept"] == "application/json"
