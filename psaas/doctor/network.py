"""Checks of the way to the appliance: its name, a connection, its certificate, its clock."""

from __future__ import annotations

import email.utils
import secrets
import socket
import ssl
import time
import urllib.request
from datetime import UTC, datetime
from typing import Any

from psaas_resources import connection
from psaas_resources.errors import AnswerUnusable, PsaasError, Untrusted

from .finding import Finding, bad, doubtful, good
from .subject import Subject

SECONDS = 10.0
SOON_DAYS = 30
SKEW_SECONDS, MOST_SKEW_SECONDS = 10.0, 60.0
NO_PROXY_WORDS = "if this machine should go through a proxy, set HTTPS_PROXY"
EXPIRED, NOT_YET, WRONG_NAME = 10, 9, 62


def name(subject: Subject) -> Finding:
    """Whether the RTA's name resolves here."""
    host, port = _host_and_port(subject)
    if subject.settings.connect_to:
        return good("name", f"not asked: psaas:connectTo leads to {_shown(subject)}", resolves="not asked")
    if _proxied(subject):
        return good("name", "not asked: a proxy stands in between, and resolves it", resolves="by a proxy")
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)}
    except OSError:
        mend = "check psaas:domain for a mistake, and the DNS of this machine: `getent hosts NAME`, a VPN, /etc/hosts"
        return bad("name", f"{host} does not resolve here", mend, resolves=False)
    return good("name", f"{host} resolves to {', '.join(sorted(found)[:3])}", resolves=True, addresses=len(found))


def connect(subject: Subject) -> Finding:
    """Whether the appliance accepts a connection."""
    if _proxied(subject):
        return good("connection", "not tried: a proxy stands in between", connects="by a proxy")
    host, port = subject.settings.connect_to or _host_and_port(subject)
    try:
        socket.create_connection((host, port), timeout=SECONDS).close()
    except TimeoutError:
        mend = f"a firewall drops what goes to port {port}, or the appliance is off; {NO_PROXY_WORDS}"
        said = f"{host}:{port} did not accept a connection in {SECONDS:g} s"
        return bad("connection", said, mend, connects="timeout")
    except OSError:
        mend = f"is the appliance up, and is port {port} open from here? {NO_PROXY_WORDS}"
        return bad("connection", f"{host}:{port} refused the connection", mend, connects="refused")
    return good("connection", f"{host}:{port} accepts connections", connects=True)


def certificate(subject: Subject) -> Finding:
    """Whether the certificate is trusted with today's psaas:caBundle, and for how long it will be."""
    if _proxied(subject):
        return good("certificate", "looked at by the calls below, through the proxy", trusted="by a proxy")
    authority = "psaas:caBundle" if subject.settings.ca_bundle else "this system's authorities"
    host, _ = _host_and_port(subject)
    try:
        shown = _handshake(subject)
    except Untrusted as error:
        return bad("certificate", str(error), "name a file of PEM certificates in psaas:caBundle", trusted=False)
    except ssl.SSLCertVerificationError as error:
        said = f"the certificate of {host} is not accepted: {error.verify_message.rstrip('.')}"
        return bad("certificate", said, _mend(error, authority), trusted=False, openssl_code=error.verify_code)
    except (OSError, ssl.SSLError) as error:
        mend = "the port must speak TLS 1.2 or newer; is a load balancer or another program in front of the appliance?"
        reason = getattr(error, "reason", None) or "the connection ended"
        return bad("certificate", f"no TLS session with {host}: {reason}", mend, trusted=False, tls=False)
    return certificate_finding(subject, shown, authority)


def clock(subject: Subject) -> Finding:
    """This machine's clock against the appliance's, which both judge tokens by."""
    answer = subject.first_answer
    told = next((v for k, v in answer.headers.items() if k.lower() == "date"), "") if answer else ""
    parsed = email.utils.parsedate_tz(told) if told else None
    if parsed is None:
        return doubtful("clock", "the appliance doesn't tell its time", "compare by hand: `timedatectl`", told=False)
    skew = time.time() - email.utils.mktime_tz(parsed)
    facts: dict[str, Any] = {"told": True, "seconds_apart": round(skew)}
    if abs(skew) < SKEW_SECONDS:
        return good("clock", f"{abs(skew):.0f} s apart", **facts)
    said = f"this machine's clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the appliance's"
    mend = "set the clock by NTP (`timedatectl set-ntp true`), here or on the appliance: see which one is wrong"
    return (bad if abs(skew) >= MOST_SKEW_SECONDS else doubtful)("clock", said, mend, **facts)


def appliance(subject: Subject) -> Finding:
    """Whether a root tenant authority answers under that name, and calls itself so."""
    rta = subject.settings.rta
    try:
        answer = subject.first_answer = subject.get(f"https://{rta}/.well-known/openid-configuration")
        document = answer.json() if answer.ok else {}
    except AnswerUnusable as error:
        return bad("appliance", str(error), "psaas:domain must be the RTA's own host, with no log-in page before it")
    except PsaasError as error:
        return bad("appliance", str(error), "see the checks above", answers=False, kind=type(error).__name__)
    issuer = document.get("issuer") if isinstance(document, dict) else None
    if not answer.ok:
        mend = "is psaas:domain the RTA's host? If the appliance has no such page, the token check tells more"
        return doubtful("appliance", f"{rta} answers {answer.status} for its own configuration", mend,
                        status=answer.status)  # fmt: skip
    if issuer != f"https://{rta}/":
        mend = "psaas:domain must be the RTA's own host, not a custom domain or another tenant's"
        return bad("appliance", f"{rta} calls itself by another name", mend, issuer_matches=False)
    return good("appliance", f"{rta} answers, under its own name", issuer_matches=True, status=answer.status)


def tenant_domains(subject: Subject) -> Finding:
    """Whether new tenants will have a name and a certificate by a wildcard, or need one each."""
    parent = subject.settings.tenant_domain
    covered = f"*.{parent}" in subject.certificate_names
    resolves: bool | str = "not asked"
    if not (subject.settings.connect_to or _proxied(subject)):
        try:
            socket.getaddrinfo(f"psaas-doctor-{secrets.token_hex(4)}.{parent}", 443)
            resolves = True
        except OSError:
            resolves = False
    facts = {"certificate_wildcard": covered, "dns_wildcard": resolves}
    lacks = [what for what, there in (("certificate", covered), ("DNS entry", resolves)) if there is False]
    if lacks:
        said = f"no wildcard for *.{parent}: each new tenant needs a {' and a '.join(lacks)} of its own"
        mend = "have them made before or with the tenant; it is made all the same and stays `ready: false` until then"
        return doubtful("tenant-domains", said, mend, **facts)
    return good("tenant-domains", f"a wildcard covers *.{parent}", **facts)


def certificate_finding(subject: Subject, shown: dict[str, Any], authority: str) -> Finding:
    subject.certificate_names = tuple(value for kind, value in shown.get("subjectAltName", ()) if kind == "DNS")
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)
    days = (ends - datetime.now(UTC)).days
    facts: dict[str, Any] = {"trusted": True, "days_left": days, "authority": authority}
    if days < SOON_DAYS:
        said = f"trusted by {authority}, and ends on {ends:%Y-%m-%d}, in {days} days"
        return doubtful("certificate", said, "have it renewed on the appliance", **facts)
    return good("certificate", f"trusted by {authority}, until {ends:%Y-%m-%d}", **facts)


def _handshake(subject: Subject) -> dict[str, Any]:
    host, port = _host_and_port(subject)
    context = connection.trust(subject.settings.ca_bundle)
    with (
        socket.create_connection(subject.settings.connect_to or (host, port), timeout=SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        return dict(secured.getpeercert() or {})


def _mend(error: ssl.SSLCertVerificationError, authority: str) -> str:
    if error.verify_code == EXPIRED:
        return "have it renewed on the appliance; and is this machine's clock right?"
    if error.verify_code == NOT_YET:
        return "this machine's clock is behind, or the certificate is for later"
    if error.verify_code == WRONG_NAME:
        return "psaas:domain must be a name that the certificate holds; or the appliance serves another host's"
    return (
        f"its authority is not among {authority}: get the authority's certificate from whoever runs the appliance, and "
        "name its PEM file in psaas:caBundle or PSAAS_CA_BUNDLE; verification can't be turned off"
    )


def _host_and_port(subject: Subject) -> tuple[str, int]:
    host, _, port = subject.settings.rta.partition(":")
    return host, int(port or 443)


def _proxied(subject: Subject) -> bool:
    host, _ = _host_and_port(subject)
    if subject.settings.connect_to or urllib.request.proxy_bypass(host):
        return False
    return "https" in urllib.request.getproxies()


def _shown(subject: Subject) -> str:
    host, port = subject.settings.connect_to or ("", 0)
    return f"{host}:{port}"
