"""Where a team reads its credential, as texts by their names in the stack file; what a look at it found. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic.alias_generators import to_camel

from .model import Change

Props = Mapping[str, Any]
FIELDS = ("kind", "address", "namespace", "mount", "path", "role_id")
MISSING = "its credential is missing where its team reads it; an update with --refresh writes it there again"
OLDER = (
    "another credential than the present one lies where its team reads it; an update with --refresh writes the present "
    "one"
)
AGAIN = "its credential lies where its team reads it again"
GONE = "the look at the place of its credential would drop it from the state"
_HIDDEN = ("[secret]", "04da6b54-80e4-46f7-96ec-b56ff0331ba9")  # the second: known after the update only


def declared(props: Props) -> dict[str, str]:
    """The place, and whose credential it is for; {} where there is none."""
    given = props.get("sink")
    place = given if isinstance(given, Mapping) else {}
    told = {to_camel(name): str(place[name]) for name in FIELDS if place.get(name)}
    if told:
        told["credential"] = "its own" if props.get("client") == "" else "its team's"
    return told


def standing(props: Props) -> dict[str, str]:
    """What stands of a state's sink: what it was last seen to hold, if it was in order."""
    told, seen = declared(props), props.get("seen")
    if told and props.get("ready") is True and seen != props.get("fingerprint"):
        told["credential"] = "another" if seen else "none"
    return told


def can_be_shown(props: Props) -> bool:
    """Whether the place is a plain one."""
    given = props.get("sink")
    if not isinstance(given, Mapping):
        return given is None
    return "ciphertext" not in given and all(
        isinstance(value, str) and value not in _HIDDEN for value in given.values()
    )  # fmt: skip


def drifted(_before: Props, after: Props, _changed: Sequence[Change]) -> str:
    """What a look has found there."""
    if after.get("seen") == after.get("fingerprint"):
        return AGAIN
    return OLDER if after.get("seen") else MISSING
