"""What is declared and known of a provisioning application, and what makes a change. Sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from . import assertion, rules
from .settings import Credential

INPUTS = ("rta", "name", "description", "adopt", "rotate", "signs", "previous_key_hours")
OUTPUTS = ("client_id", "client_secret", "drift", "client_key", "previous_key_id", "key_rotated_at", "secret_since")
IMMUTABLE = ("rta",)
UPDATABLE = ("name", "description", "signs", "previous_key_hours")

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
    `signs`: it proves itself by a key pair, of which `client_key` is the private half (PEM), and by no secret. The key
    before the last rotation, `previous_key_id`, stays good for `previous_key_hours` after `key_rotated_at` (ISO 8601).
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
    signs: bool = False
    previous_key_hours: float = 168.0
    client_key: str = field(default="", repr=False)
    previous_key_id: str = ""
    key_rotated_at: str = ""

    @staticmethod
    def of(props: Mapping[str, Any]) -> Application:
        """From the engine's properties, of which outputs may be missing or None."""
        given = {key: props[key] for key in (*INPUTS, *OUTPUTS) if props.get(key) is not None}
        return Application(**given | {"drift": tuple(given.get("drift", ()))})

    def outputs(self) -> dict[str, Any]:
        return asdict(self) | {"drift": list(self.drift)}

    @property
    def credential(self) -> Credential:
        if self.client_key:
            return Credential(self.client_id, "", private_key=self.client_key)
        return Credential(self.client_id, self.client_secret)

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The thumbprints of the keys that are good: that of the state first."""
        return tuple(filter(None, (assertion.key_id(self.client_key), self.previous_key_id)))

    def key_had_its_time(self, now: datetime) -> bool:
        """Whether everybody has had `previous_key_hours` to take the new key."""
        if not self.previous_key_id:
            return False
        return now - datetime.fromisoformat(self.key_rotated_at) >= timedelta(hours=self.previous_key_hours)


@dataclass(frozen=True)
class Note:
    """What the escrow holds of an application: its marker before it is made, then its secret before the state has it.

    `rotation` is the marker of the rotation that `client_secret` belongs to; `previous` the secret before it, until
    the new one was seen in the state. `client_key` and `previous_key` are the same of private keys.
    """

    marker: str
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    rotation: str = ""
    previous: str = field(default="", repr=False)
    client_key: str = field(default="", repr=False)
    previous_key: str = field(default="", repr=False)

    @staticmethod
    def of(given: Mapping[str, str]) -> Note:
        return Note(**{name: given.get(name, "") for name in Note.__dataclass_fields__})

    def stored(self) -> dict[str, str]:
        return asdict(self)


def check(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the inputs, by property. `olds` are the old inputs, empty for a new application."""
    texts = ("rta", "name", "description", "adopt", "rotate")
    problems = {key: "expected text" for key in texts if key in news and not isinstance(news[key], str)}
    if problems:
        return problems
    if olds.get("rta") not in (None, news.get("rta")):
        problems["rta"] = f"the application belongs to {olds['rta']}; a stack can't move to another appliance"
    name = news.get("name", rules.APPLICATION_NAME)
    if not name.strip() or "<" in name or ">" in name:
        problems["name"] = "expected a name, without < and >"
    if len(news.get("description", "")) > LONGEST_DESCRIPTION:
        problems["description"] = f"is longer than {LONGEST_DESCRIPTION} characters, which is all the appliance keeps"
    if not isinstance(news.get("signs", False), bool):
        problems["signs"] = "expected true or false"
    hours = news.get("previous_key_hours", 1)
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 1 <= hours <= 24 * 365:
        problems["previous_key_hours"] = "expected a number of hours, 1 to 8760"
    return problems


def diff(last: Application, news: Mapping[str, Any], *, now: datetime | None = None) -> list[str]:
    """The properties that make an update. A rotation is asked for by another marker, never by taking it away.

    Also that the key before the last rotation has had its time.
    """
    before = last.outputs()
    changed = [name for name in UPDATABLE if name in news and news[name] != before[name]]
    if news.get("rotate") and news["rotate"] != last.rotate:
        changed.append("rotate")
    if news.get("adopt") and news["adopt"] != last.client_id:
        changed.append("adopt")
    if last.key_had_its_time(now or datetime.now(UTC)):
        changed.append("previous_key_id")
    return changed + (["drift"] if last.drift else [])


def unused_key(last: Application, news: Mapping[str, Any], given: str) -> str:
    """Why a private key that is given isn't taken up; "" where none is given, or it is."""
    if not given:
        return ""
    if not news.get("signs", last.signs):
        return "psaas:applicationPrivateKey is given and not used, since psaas:applicationKey is not true"
    rotates = bool(news.get("rotate")) and news["rotate"] != last.rotate
    if rotates or not last.client_key or assertion.key_id(given) == assertion.key_id(last.client_key):
        return ""
    return (
        f"application {last.client_id} uses another key than the one that is given as psaas:applicationPrivateKey; "
        "give psaas:rotate another value to have it taken up"
    )


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
