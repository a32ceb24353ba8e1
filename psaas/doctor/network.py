"""Checks of the way to the appliance: its name, a connection, its certificate, its clock."""

from __future__ import annotations

import email.utils
import secrets
import socket
import time
from collections.abc import Mapping
from typing import Any

from psaas_resources.errors import AnswerUnusable, PsaasError

from . import certificates
from .certificates import SECONDS, Server
from .finding import Finding, bad, doubtful, good
from .subject import Subject

SKEW_SECONDS, MOST_SKEW_SECONDS = 10.0, 60.0
NO_PROXY_WORDS = "if this machine should go through a proxy, set HTTPS_PROXY"


def name(subject: Subject) -> Finding:
    """Whether the RTA's name resolves here."""
    server = _server(subject)
    host, port = server.host, server.port
    if subject.settings.connect_to:
        return good("name", f"not asked: psaas:connectTo leads to {_shown(subject)}", resolves="not asked")
    if server.proxied:
        return good("name", "not asked: a proxy stands in between, and resolves it", resolves="by a proxy")
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)}
    except OSError:
        mend = "check psaas:domain for a mistake, and the DNS of this machine: `getent hosts NAME`, a VPN, /etc/hosts"
        return bad("name", f"{host} does not resolve here", mend, resolves=False)
    return good("name", f"{host} resolves to {', '.join(sorted(found)[:3])}", resolves=True, addresses=len(found))


def connect(subject: Subject) -> Finding:
    """Whether the appliance accepts a connection."""
    server = _server(subject)
    if server.proxied:
        return good("connection", "not tried: a proxy stands in between", connects="by a proxy")
    host, port = server.at or (server.host, server.port)
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
    server = _server(subject)
    if server.proxied:
        return good("certificate", "looked at by the calls below, through the proxy", trusted="by a proxy")
    try:
        shown = certificates.shown(server)
    except certificates.FAILURES as error:
        return certificates.refused("certificate", server, error)
    return certificate_finding(subject, shown, server.authority)


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
    if not (subject.settings.connect_to or _server(subject).proxied):
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


def certificate_finding(subject: Subject, shown: Mapping[str, Any], authority: str) -> Finding:
    subject.certificate_names = tuple(value for kind, value in shown.get("subjectAltName", ()) if kind == "DNS")
    return certificates.judged("certificate", shown, authority=authority, called="appliance")


def _server(subject: Subject) -> Server:
    host, _, port = subject.settings.rta.partition(":")
    return Server(
        host, int(port or 443), subject.settings.ca_bundle, called="appliance", named_by="psaas:domain",
        trusted_by="psaas:caBundle", trusted_by_variable="PSAAS_CA_BUNDLE", at=subject.settings.connect_to,
    )  # fmt: skip


def _shown(subject: Subject) -> str:
    host, port = subject.settings.connect_to or ("", 0)
    return f"{host}:{port}"
