"""What is declared and known of a place where a team reads its credential; what makes a change. Sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from . import sink_place
from .sink_place import SinkPlace

INPUTS = ("rta", "tenant", "domain", "client", "client_id", "sink", "adopt")
OUTPUTS = ("fingerprint", "seen", "written_at", "ready", "problem")
IMMUTABLE = ("tenant",)


@dataclass(frozen=True)
class CredentialSinkState:
    """A tenant's credential in a sink.

    `client` is the name of the team's application in the tenant, "" for the tenant's own credential. `fingerprint` is
    that of what was written last, `seen` that of what was found there last, "" for nothing. `written_at` is a time in
    ISO 8601 (UTC). `ready`: the place holds the credential; if not, `problem` says why, and every update tries again.
    """

    rta: str
    tenant: str
    domain: str
    client: str = ""
    client_id: str = ""
    sink: SinkPlace = field(default_factory=lambda: SinkPlace(""))
    adopt: bool = False
    fingerprint: str = ""
    seen: str = ""
    written_at: str = ""
    ready: bool = False
    problem: str = ""

    @staticmethod
    def of(props: Mapping[str, Any]) -> CredentialSinkState:
        """From the engine's properties, of which outputs may be missing or None."""
        given = {key: props[key] for key in (*INPUTS, *OUTPUTS) if props.get(key) is not None}
        return CredentialSinkState(**{**given, "sink": SinkPlace.of(given.get("sink", {}))})

    def outputs(self) -> dict[str, Any]:
        """For the engine. No secret is in them."""
        return {name: getattr(self, name) for name in (*INPUTS, *OUTPUTS)} | {"sink": self.sink.props()}

    @property
    def holder(self) -> str:
        """Under which the credential is held in this process, see `keyring`."""
        return f"{self.tenant}/{self.client}" if self.client else self.tenant

    def failed(self, problem: str) -> CredentialSinkState:
        return replace(self, ready=False, problem=problem)


def check(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the inputs, by property. `olds` are the old inputs, empty for new ones."""
    problems: dict[str, str] = {}
    if "rta" in olds and "rta" in news and olds["rta"] != news["rta"]:
        problems["rta"] = f"the credential is of a tenant on {olds['rta']}; a stack can't move to another appliance"
    if "sink" in news and not isinstance(news["sink"], Mapping):
        problems["sink"] = "expected an object with kind, address and path"
    elif "sink" in news:
        place = SinkPlace.of(news["sink"])
        left = [name for name in ("path", "namespace") if sink_place.variables(getattr(place, name))]
        found = [*sink_place.template_problems(place), *((name, "has a variable without a value") for name in left)]
        if not found and (wrong := sink_place.place_problem(place)):
            found = [wrong]
        if found:
            problems["sink"] = "; ".join(f"{name}: {words}" for name, words in found)
    return problems


def diff(last: CredentialSinkState, news: Mapping[str, Any], *, fingerprint: str) -> list[str]:
    """The properties that make an update. `fingerprint` is that of the credential as this run knows it, else "".

    What isn't known before the update may be another credential, so it counts as changed. So does what is missing or
    older in the sink, and a place that isn't in order, for as long as that lasts.
    """
    compared = ("tenant", "domain", "client", "client_id")
    changed = [name for name in compared if name not in news or news[name] != getattr(last, name)]
    if "sink" not in news or SinkPlace.of(news["sink"]) != last.sink:
        changed.append("sink")
    if fingerprint and fingerprint != last.fingerprint:
        changed.append("fingerprint")
    if last.seen != last.fingerprint:
        changed.append("seen")
    if not last.ready and not changed:
        changed.append("ready")
    return changed
