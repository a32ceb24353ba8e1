"""What is declared and known of a provisioning application, and what makes a change. Sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from . import rules
from .settings import Credential

INPUTS = ("rta", "name", "description", "adopt", "rotate")
OUTPUTS = ("client_id", "client_secret", "drift", "secret_since")
IMMUTABLE = ("rta",)
UPDATABLE = ("name", "description")

MARKER = "psaas_marker"  # the note on the appliance by which an application of ours is known again
KIND: Mapping[str, Any] = {"app_type": "non_interactive", "grant_types": ["client_credentials"]}
NOWHERE = ("callbacks", "allowed_origins", "web_origins", "allowed_logout_urls")
LONGEST_DESCRIPTION = 140


@dataclass(frozen=True)
class Application:
    """A provisioning application as the state has it: the inputs, and what we know.

    `adopt` is the client ID of an existing application that is taken over, else "". `rotate` is the marker of the last
    rotation, any text. `drift` says in words what is not as it was declared, for example a connection that is enabled.
    `secret_since` is when its secret was made, in ISO 8601 (UTC), "" where we didn't make it.
    """

    rta: str
    name: str
    description: str = ""
    adopt: str = ""
    rotate: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    drift: tuple[str, ...] = ()
    secret_since: str = ""

    @staticmethod
    def of(props: Mapping[str, Any]) -> Application:
        """From the engine's properties, of which outputs may be missing or None."""
        given = {key: props[key] for key in (*INPUTS, *OUTPUTS) if props.get(key) is not None}
        return Application(**given | {"drift": tuple(given.get("drift", ()))})

    def outputs(self) -> dict[str, Any]:
        return asdict(self) | {"drift": list(self.drift)}

    @property
    def credential(self) -> Credential:
        return Credential(self.client_id, self.client_secret)


@dataclass(frozen=True)
class Note:
    """What the escrow holds of an application: its marker before it is made, then its secret before the state has it.

    `rotation` is the marker of the rotation that `client_secret` belongs to; `previous` the secret before it, until
    the new one was seen in the state.
    """

    marker: str
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    rotation: str = ""
    previous: str = field(default="", repr=False)

    @staticmethod
    def of(given: Mapping[str, str]) -> Note:
        return Note(**{name: given.get(name, "") for name in Note.__dataclass_fields__})

    def stored(self) -> dict[str, str]:
        return asdict(self)


def check(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the inputs, by property. `olds` are the old inputs, empty for a new application."""
    problems = {key: "expected text" for key in INPUTS if key in news and not isinstance(news[key], str)}
    if problems:
        return problems
    if olds.get("rta") not in (None, news.get("rta")):
        problems["rta"] = f"the application belongs to {olds['rta']}; a stack can't move to another appliance"
    name = news.get("name", rules.APPLICATION_NAME)
    if not name.strip() or "<" in name or ">" in name:
        problems["name"] = "expected a name, without < and >"
    if len(news.get("description", "")) > LONGEST_DESCRIPTION:
        problems["description"] = f"is longer than {LONGEST_DESCRIPTION} characters, which is all the appliance keeps"
    return problems


def diff(last: Application, news: Mapping[str, Any]) -> list[str]:
    """The properties that make an update. A rotation is asked for by another marker, never by taking it away."""
    before = last.outputs()
    changed = [name for name in UPDATABLE if name in news and news[name] != before[name]]
    if news.get("rotate") and news["rotate"] != last.rotate:
        changed.append("rotate")
    if news.get("adopt") and news["adopt"] != last.client_id:
        changed.append("adopt")
    return changed + (["drift"] if last.drift else [])


def properties_of(wanted: Application) -> dict[str, Any]:
    """What a new application says of itself: for machines only, known to nobody's browser."""
    described = {"description": wanted.description} if wanted.description else {}
    return {"name": wanted.name, **described, **KIND}


def out_of_line(wanted: Application, live: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a live application that are not as declared, with the values that they shall have."""
    wrong: dict[str, Any] = {}
    if live.get("name") != wanted.name:
        wrong["name"] = wanted.name
    if (live.get("description") or "") != wanted.description:
        wrong["description"] = wanted.description or None
    wrong |= {name: value for name, value in KIND.items() if live.get(name) != value}
    return wrong | {name: [] for name in NOWHERE if live.get(name)}


def drift_of(wanted: Application, live: Mapping[str, Any], connections: list[str]) -> tuple[str, ...]:
    """In words, what is not as declared."""
    said = [f"{name} is {rules.printable(repr(live.get(name)), 80)}" for name in out_of_line(wanted, live)]
    return tuple(said + [f'connection "{rules.printable(name, 80)}" is enabled' for name in sorted(connections)])


def without_previous(note: Note) -> Note:
    return replace(note, previous="")
