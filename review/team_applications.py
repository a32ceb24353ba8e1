"""The application of a tenant's team, as texts by their names in the stack file; what a step or a look means. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .model import Change

Props = Mapping[str, Any]
DEFAULTS: Props = {"name": "Team", "rotate": "", "previous_hours": 168}  # of the resource
ENDS = "its team's application is deleted, and the credential that was handed over stops working"
OUTLIVED = "the application from before the last rotation has had its time, and is deleted"
GONE = "its team's application is gone; an update with --refresh makes another one, with another credential"
PUT_RIGHT = "an update with --refresh puts its team's application right"
_HIDDEN = ("[secret]", "04da6b54-80e4-46f7-96ec-b56ff0331ba9")  # the second: known after the update only


def declared(props: Props) -> dict[str, str]:
    """What is wanted; {} where no application is."""
    if not (scopes := _list(props.get("scopes"))):
        return {}
    given = {**DEFAULTS, **{key: value for key, value in props.items() if value is not None}}
    hours = given["previous_hours"]
    told = {
        "name": _text(given["name"]),
        "previousHours": f"{hours:g}" if isinstance(hours, int | float) else "",
        "rotate": _text(given["rotate"]),
        "scopes": scopes,
    }
    return {name: text for name, text in told.items() if text}


def standing(props: Props) -> dict[str, str]:
    """What stands of a state's application: the scopes that it was last seen to have, if it was in order."""
    wanted, seen = declared(props), props.get("applied_scopes")
    in_order = wanted and props.get("ready") is True and isinstance(seen, list | tuple)
    return {**wanted, "scopes": _list(seen) or "none"} if in_order else wanted


def can_be_shown(props: Props) -> bool:
    """Whether every value that is told is a plain one."""
    values = [props.get(key) for key in ("name", "rotate")]
    for key in ("scopes", "applied_scopes"):
        given = props.get(key)
        values += given if isinstance(given, list | tuple) else [given]
    return all(value is None or (isinstance(value, str) and value not in _HIDDEN) for value in values)


def ends(changed: Sequence[Change]) -> bool:
    """Whether these differences take the application away."""
    return any(change.name == "managementClient.name" and not change.after for change in changed)


def requests(changed: Sequence[Change]) -> int:
    """How many requests an update sends at least for these differences of the application."""
    names = {change.name.rpartition(".")[2]: change for change in changed}
    if not names:
        return 0
    if ends(changed):
        return 1  # DELETE it
    if "rotate" in names or "name" in names:
        return 5  # look for one that a run has left, make it, look twice for its grant, make that
    return 4 if "scopes" in names else 2  # look at it and at its grant; look again, and change that


def drifted(before: Props, after: Props, changed: Sequence[Change]) -> str:
    """What a look has found, beside the scopes that differ."""
    problem = _text(after.get("problem"))
    if before.get("ready") is True and after.get("ready") is not True and problem:
        return f"{PUT_RIGHT}: {problem}"
    return PUT_RIGHT if changed else "its team's application is as declared again"


def outlived(before: Props, after: Props) -> bool:
    """Whether a step that shows no difference is the end of the application before the last rotation."""
    has_one = bool(before.get("previous_client_id")) and before.get("ready") is True
    return has_one and declared(before) == declared(after)


def _list(given: Any) -> str:
    return ", ".join(sorted({text for text in given if _text(text)})) if isinstance(given, list | tuple) else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value not in _HIDDEN else ""
