"""The provisioning application: how it stands, how it is declared, and what follows from the difference. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .model import ApplicationAction, ApplicationRow, Change

PROTECTED = (
    "it makes and looks after tenants, and is protected; whoever means it unprotects it in the state first. How to "
    "keep it and stop managing it is in docs/first-appliance.md"
)
PUT_RIGHT = "put right"
SECRET_REFUSED = "refused"  # noqa: S105  # what the program writes into `drift` where it will replace the secret


@dataclass(frozen=True)
class Application:
    """In the state, or in a stack file. `adopt` is the client ID of one that is taken over. `key`: it proves itself by
    a key pair, and by no secret.

    What only a state knows: `client_id`; `drift`, what it was last seen to be that is not declared; `protected`.
    """

    name: str
    description: str = ""
    adopt: str = ""
    rotate: str = ""
    client_id: str = ""
    drift: tuple[str, ...] = ()
    protected: bool = False
    key: bool = False
    previous_key_hours: str = ""


def hours_of(props: Mapping[str, Any]) -> str:
    """How long the key before a rotation stays good, where there is a key."""
    hours = props.get("previous_key_hours", 168)
    return f"{hours:g}" if props.get("signs") is True and isinstance(hours, int | float) else ""


def row(before: Application | None, after: Application | None) -> ApplicationRow:
    """What an update does about an application that stands as `before` and is declared as `after`."""
    shown = after or before
    if shown is None:
        raise ValueError("an application that neither stands nor is declared has no row")
    changes = tuple(_changes(before, after)) if after else ()
    does = _action(before, after, changes)
    note = PROTECTED if does == "refused" else ""
    return ApplicationRow(shown.name, does, _client_id(before, after), changes, note)


def _action(before: Application | None, after: Application | None, changes: tuple[Change, ...]) -> ApplicationAction:
    if after is None:
        return "refused" if before and before.protected else "delete"
    if before is None:
        return "adopt" if after.adopt else "create"
    if any(c.name == "rotate" for c in changes) or any(SECRET_REFUSED in words for words in before.drift):
        return "rotate"
    return "change" if changes else "unchanged"


def _changes(before: Application | None, after: Application) -> Iterator[Change]:
    """A marker that goes rotates nothing; the first one of an application that is new doesn't either."""
    if (old := before.description if before else "") != after.description:
        yield Change("description", old, after.description)
    if (before.key if before else False) != after.key:
        yield Change("applicationKey", str(not after.key).lower(), str(after.key).lower())
    if before is None:
        return
    if after.adopt and after.adopt != before.client_id:
        yield Change("adopt", before.client_id, after.adopt)
    if before.drift:
        yield Change("drift", "; ".join(before.drift), PUT_RIGHT)
    if before.key and after.key and before.previous_key_hours != after.previous_key_hours:
        yield Change("previousKeyHours", before.previous_key_hours, after.previous_key_hours)
    if before.name != after.name:
        yield Change("name", before.name, after.name)
    if after.rotate and after.rotate != before.rotate:
        yield Change("rotate", before.rotate, after.rotate)


def _client_id(before: Application | None, after: Application | None) -> str:
    return (before.client_id if before else "") or (after.adopt if after else "")
