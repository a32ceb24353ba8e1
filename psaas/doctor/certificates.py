"""A server's certificate as this machine sees it: who trusts it, for how long, and what to do where nobody does."""

from __future__ import annotations

import socket
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psaas_resources import connection
from psaas_resources.errors import Untrusted

from .finding import Fact, Finding, bad, doubtful, good

SECONDS = 10.0
SOON_DAYS = 30
EXPIRED, NOT_YET, WRONG_NAME = 10, 9, 62
FAILURES = (Untrusted, OSError)


@dataclass(frozen=True)
class Server:
    """Where it is, and in whose words it is told. `at` is where to connect to instead, under the same name.

    `named_by` and `trusted_by` are the keys of the stack file for its name and its authorities.
    """

    host: str
    port: int
    ca_bundle: str
    called: str
    named_by: str
    trusted_by: str
    trusted_by_variable: str
    at: tuple[str, int] | None = None

    @property
    def authority(self) -> str:
        return self.trusted_by if self.ca_bundle else "this system's authorities"

    @property
    def proxied(self) -> bool:
        """Whether a proxy of this machine stands in between."""
        if self.at or urllib.request.proxy_bypass(self.host):
            return False
        return "https" in urllib.request.getproxies()


def shown(server: Server) -> Mapping[str, Any]:
    """The certificate, if a session can be made. Raises one of FAILURES."""
    context = connection.trust(server.ca_bundle)
    with (
        socket.create_connection(server.at or (server.host, server.port), timeout=SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=server.host) as secured,
    ):
        return dict(secured.getpeercert() or {})


def refused(name: str, server: Server, error: Exception) -> Finding:
    """Why there is no session, and the way out."""
    if isinstance(error, Untrusted):
        return bad(name, str(error), f"name a file of PEM certificates in {server.trusted_by}", trusted=False)
    if isinstance(error, ssl.SSLCertVerificationError):
        said = f"the certificate of {server.host} is not accepted: {error.verify_message.rstrip('.')}"
        return bad(name, said, _mend(server, error.verify_code), trusted=False, openssl_code=error.verify_code)
    mend = (
        f"the port must speak TLS 1.2 or newer; is a load balancer or another program in front of the {server.called}?"
    )
    reason = getattr(error, "reason", None) or "the connection ended"
    return bad(name, f"no TLS session with {server.host}: {reason}", mend, trusted=False, tls=False)


def judged(name: str, certificate: Mapping[str, Any], *, authority: str, called: str) -> Finding:
    """For how long it will be accepted."""
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    days = (ends - datetime.now(UTC)).days
    facts: dict[str, Fact] = {"trusted": True, "days_left": days, "authority": authority}
    if days < SOON_DAYS:
        said = f"trusted by {authority}, and ends on {ends:%Y-%m-%d}, in {days} days"
        return doubtful(name, said, f"have it renewed on the {called}", **facts)
    return good(name, f"trusted by {authority}, until {ends:%Y-%m-%d}", **facts)


def _mend(server: Server, code: int) -> str:
    if code == EXPIRED:
        return f"have it renewed on the {server.called}; and is this machine's clock right?"
    if code == NOT_YET:
        return "this machine's clock is behind, or the certificate is for later"
    if code == WRONG_NAME:
        return (
            f"{server.named_by} must be a name that the certificate holds; or the {server.called} serves another host's"
        )
    return (
        f"its authority is not among {server.authority}: get the authority's certificate from whoever runs the "
        f"{server.called}, and name its PEM file in {server.trusted_by} or {server.trusted_by_variable}; verification "
        "can't be turned off"
    )
