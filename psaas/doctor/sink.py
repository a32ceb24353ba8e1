"""Checks of the place where teams read their credentials: it is there, and lets us write. Writes nothing, anywhere."""

from __future__ import annotations

import shutil
import socket
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from psaas_resources import settings, sink_settings, sinks
from psaas_resources.errors import ConfigError, PsaasError, SinkDown
from psaas_resources.rules import printable
from psaas_resources.sink_place import SinkPlace
from psaas_resources.sink_settings import SinkSettings

from . import certificates
from .certificates import Server
from .finding import Finding, bad, doubtful, good
from .subject import PATIENCE_SECONDS, Subject


def reached(subject: Subject) -> Finding:
    """Whether the sink that the stack names is the expected one, and can be talked to."""
    place = _template(subject)
    if place is None:
        return good("sink", "none: this stack writes no credential to where a team reads it", declared=False)
    finding = _command(subject) if place.kind == "command" else _server(subject, place)
    return replace(finding, facts={"declared": True, "kind": place.kind, **finding.facts})


def rights(subject: Subject) -> Finding:
    """Whether the sink takes our token, and lets it write the credential of one tenant."""
    name = "sink-rights"
    if _template(subject) is None:
        return good(name, "none needed: there is no sink", needed=False)
    places = _places(subject)
    if not places:
        return good(name, "not asked: no tenant of this stack has a credential for the sink", needed=False)
    place = places[0]
    try:
        found = sinks.of(place, _settings(subject)).rights(place)
    except PsaasError as error:
        opening = f"; {subject.opening_problem}" if isinstance(error, ConfigError) and subject.opening_problem else ""
        return bad(name, f"{error}{opening}", _mend(place, error), told=False, kind=type(error).__name__)
    one = f" (one of {len(places)} places)" if len(places) > 1 else ""
    if found is None:
        return good(name, "not asked: only an update starts the command", told=False)
    if found.lacking:
        said = f"the token may not {' or '.join(found.lacking)} {place}{one}"
        return bad(name, said, f"it needs {_needed(place)}", told=True, lacking=len(found.lacking))
    if not found.told:
        said = f"the token is taken and may read {place}{one}; the sink doesn't tell whether it may write there"
        return doubtful(name, said, f"nothing to mend if it has {_needed(place)}", told=False)
    return good(name, f"the token may write {place}{one}", told=True, lacking=0)


def _template(subject: Subject) -> SinkPlace | None:
    fleet = subject.fleet
    return fleet.sink.template() if fleet and fleet.sink.kind else None


def _places(subject: Subject) -> list[SinkPlace]:
    fleet = subject.fleet
    return [place for entry in fleet.tenants if (place := fleet.sink_of(entry))] if fleet else []


def _settings(subject: Subject) -> SinkSettings:
    given = subject.settings.sink
    return replace(given, timeout_seconds=min(given.timeout_seconds, PATIENCE_SECONDS))


def _command(subject: Subject) -> Finding:
    """Whether the programs are there. They are not started."""
    given = subject.settings.sink
    if not given.command:
        mend = f"set {sink_settings.COMMAND} to the program that keeps credentials; it is never taken from a file"
        return bad("sink", f"it is a command, and {sink_settings.COMMAND} is not set", mend, executable=False)
    for variable, words in (
        (sink_settings.COMMAND, given.command), (sink_settings.LOOK_COMMAND, given.look_command),
    ):  # fmt: skip
        if words and not _program(subject, words[0]):
            said = f"{variable}: {printable(words[0])} is not there, or can't be executed"
            return bad("sink", said, "name a program on PATH, or its whole path; `chmod +x` it", executable=False)
    looks = bool(given.look_command)
    said = f"{printable(given.command[0])} is there, and was not started"
    said += "" if looks else f"; without {sink_settings.LOOK_COMMAND} nobody sees what it keeps"
    return good("sink", said, executable=True, looks=looks)


def _program(subject: Subject, word: str) -> str | None:
    """As an update finds it, from the folder of the project."""
    here = str(subject.root / word) if "/" in word and not Path(word).is_absolute() else word
    return shutil.which(here, path=subject.environment.get("PATH"))


def _server(subject: Subject, place: SinkPlace) -> Finding:
    given = subject.settings.sink
    if problem := sink_settings.host_problem(place.address, given.expected_host):
        mend = f"is the stack file right? Then set {sink_settings.EXPECTED} where you deploy; nothing was sent"
        return bad("sink", problem, mend, expected=False)
    parts = urlsplit(place.address)
    server = Server(
        parts.hostname or "", parts.port or 443, given.ca_bundle, called="sink", named_by="psaas:sink.address",
        trusted_by="psaas:sinkCaBundle", trusted_by_variable="PSAAS_SINK_CA_BUNDLE",
    )  # fmt: skip
    if server.proxied:
        return good("sink", f"{parts.netloc}, looked at by the next check, through the proxy", trusted="by a proxy")
    try:
        certificate = certificates.shown(server)
    except socket.gaierror:
        mend = "check psaas:sink.address for a mistake, and the DNS of this machine"
        return bad("sink", f"{server.host} does not resolve here", mend, connects=False)
    except (ConnectionRefusedError, TimeoutError):
        mend = "is the sink up, and its port open from here? If a proxy should be used, set HTTPS_PROXY"
        return bad("sink", f"{parts.netloc} accepts no connection", mend, connects=False)
    except certificates.FAILURES as error:
        return certificates.refused("sink", server, error)
    found = certificates.judged("sink", certificate, authority=server.authority, called="sink")
    return replace(found, message=f"{parts.netloc}, {found.message}")


def _needed(place: SinkPlace) -> str:
    if place.kind == "vault":
        capabilities = '["create", "read", "update"]'
        return f'path "{place.mount}/data/{place.path}" {{ capabilities = {capabilities} }} in its policy'
    return f"the verbs get, create and patch for secrets of the namespace {place.namespace} in its role"


def _mend(place: SinkPlace, error: PsaasError) -> str:
    if isinstance(error, SinkDown):
        return "look at the sink itself: is it up, unsealed, and with no log-in page before it?"
    what, key = ("secret ID", "sinkSecretId") if place.role_id else ("token", "sinkToken")
    variable = settings.variable(key)
    return (
        f"a {what} is given as {variable}, {variable}_FILE or psaas:{key}, without a line end or quotes; the token "
        f"needs {_needed(place)}"
    )
