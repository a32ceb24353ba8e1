"""Whom the transport talks to. Nothing leaves before the certificate was accepted, under the URL's own name."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from psaas_resources.errors import AnswerUnusable, PsaasError, Untrusted
from psaas_resources.transport import Transport

from .peer import HOST, Authority, Peer, reply

URL = f"https://{HOST}/api/v2/tenants"
Start = Callable[..., Peer]
Make = Callable[..., Transport]


def refused(transport: Transport, peer: Peer, url: str = URL) -> str:
    """The message of a refusal to talk; asserts that the peer got no request, and was asked once only."""
    with pytest.raises(Untrusted) as caught:
        transport.send("POST", url, token="token-1", body={"name": "customer-1"}, once=True)
    assert peer.requests == []
    assert peer.connections == 1
    assert "token-1" not in str(caught.value)
    return str(caught.value)


def test_a_certificate_of_the_given_authority_is_accepted(peer: Start, transport_to: Make) -> None:
    server = peer(reply(200, {"fine": True}))
    assert transport_to(server).send("GET", URL).json() == {"fine": True}


def test_an_unknown_authority_is_refused_and_the_message_names_ca_bundle(
    peer: Start, transport_to: Make, tmp_path: Path
) -> None:
    server = peer(context=Authority(tmp_path).context())
    message = refused(transport_to(server), server)
    assert "psaas:caBundle" in message
    assert HOST in message


def test_public_authorities_alone_do_not_accept_a_private_one(peer: Start, transport_to: Make) -> None:
    server = peer()
    assert "psaas:caBundle" in refused(transport_to(server, ca_bundle=""), server)


def test_an_expired_certificate_is_refused(peer: Start, transport_to: Make, authority: Authority) -> None:
    server = peer(context=authority.context(expired=True))
    assert "expired" in refused(transport_to(server), server)


def test_a_certificate_of_another_name_is_refused_and_the_message_says_which_name_was_wanted(
    peer: Start, transport_to: Make, authority: Authority
) -> None:
    server = peer(context=authority.context(("other.appliance.test",)))
    assert HOST in refused(transport_to(server), server)


def test_the_address_that_is_connected_to_is_not_a_name_that_counts(
    peer: Start, transport_to: Make, authority: Authority
) -> None:
    server = peer(context=authority.context(("127.0.0.1",)))
    refused(transport_to(server), server)


def test_the_name_is_checked_for_every_host_that_shares_the_address(
    peer: Start, transport_to: Make, authority: Authority
) -> None:
    server = peer(context=authority.context((HOST,)))
    transport = transport_to(server)
    assert transport.send("GET", URL).ok
    with pytest.raises(Untrusted):
        transport.send("GET", "https://customer-1.appliance.test/oauth/token", token="token-1")
    assert len(server.requests) == 1


def test_another_name_is_refused_without_connect_to_as_well(
    peer: Start, transport_to: Make, authority: Authority, no_proxy: pytest.MonkeyPatch
) -> None:
    server = peer(context=authority.context((HOST,)))
    port = server.address[1]
    assert "localhost" in refused(transport_to(None), server, f"https://localhost:{port}/api/v2/tenants")


def test_tls_1_1_is_refused(peer: Start, transport_to: Make, authority: Authority) -> None:
    old = authority.context()
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    server = peer(context=old)
    assert "TLS 1.2" in refused(transport_to(server), server)


def test_a_server_that_speaks_plain_http_is_refused(peer: Start, transport_to: Make) -> None:
    def greeting(stream: socket.socket) -> None:
        stream.recv(1)
        stream.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    server = peer(greeting=greeting)
    assert "TLS" in refused(transport_to(server), server)


def test_an_address_without_tls_is_never_used(peer: Start, transport_to: Make, no_proxy: pytest.MonkeyPatch) -> None:
    server = peer(context=None)
    with pytest.raises(PsaasError):
        transport_to(None).send("GET", f"http://localhost:{server.address[1]}/api/v2/tenants", token="token-1")
    assert server.requests == []


def test_a_ca_bundle_without_certificates_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(Untrusted, match="psaas:caBundle") as caught:
        Transport(ca_bundle=str(tmp_path / "ca.pem"))
    assert str(tmp_path / "ca.pem") in str(caught.value)


def test_connect_to_keeps_host_header_and_server_name_of_the_url(peer: Start, transport_to: Make) -> None:
    server = peer()
    transport = transport_to(server)
    for host in (HOST, "customer-1.appliance.test"):
        transport.send("GET", f"https://{host}/.well-known/openid-configuration")
    assert [r.headers["host"] for r in server.requests] == [HOST, "customer-1.appliance.test"]
    assert [r.server_name for r in server.requests] == [HOST, "customer-1.appliance.test"]


def test_connect_to_keeps_the_port_of_the_url_in_the_host_header(peer: Start, transport_to: Make) -> None:
    server = peer()
    transport_to(server).send("GET", "https://localhost:8443/api/v2/tenants")
    assert server.requests[0].headers["host"] == "localhost:8443"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(peer: Start, transport_to: Make, status: int) -> None:
    elsewhere = peer()
    server = peer(reply(status, b"", {"Location": f"https://localhost:{elsewhere.address[1]}/login"}))
    with pytest.raises(AnswerUnusable, match="redirect"):
        transport_to(server).send("GET", URL, token="token-1")
    assert len(server.requests) == 1
    assert elsewhere.connections == 0


def test_a_redirect_of_a_post_is_not_followed_on_the_same_host_either(peer: Start, transport_to: Make) -> None:
    server = peer(reply(307, b"", {"Location": f"https://{HOST}/api/v2/other"}))
    with pytest.raises(AnswerUnusable):
        transport_to(server).send("POST", URL, token="token-1", body={"name": "customer-1"}, once=True)
    assert [r.target for r in server.requests] == ["/api/v2/tenants"]
