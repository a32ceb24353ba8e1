"""Owners that are invited to a tenant, as a text by its name in the stack file. Pure.

An invitation is an event of the past: what stands is what was declared, and no look finds it otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .model import Change

Props = Mapping[str, Any]
GONE = "the look at its invitations would drop the note of who was invited from the state"
OTHERWISE = "other owners are noted as invited than are declared"
REQUESTS = 3  # who is there, who is invited already, and the invitation
_HIDDEN = ("[secret]", "04da6b54-80e4-46f7-96ec-b56ff0331ba9")  # the second: known after the update only


def declared(props: Props) -> dict[str, str]:
    """Who is invited; {} where nobody is. The case of an address says nothing."""
    owners = props.get("owners")
    given = owners if isinstance(owners, list | tuple) else ()
    told = sorted({owner.lower() for owner in given if isinstance(owner, str)})
    return {"owners": ", ".join(told)} if told else {}


def can_be_shown(props: Props) -> bool:
    """Whether every owner is a plain one."""
    owners = props.get("owners")
    if not isinstance(owners, list | tuple):
        return owners is None
    return all(isinstance(owner, str) and owner not in _HIDDEN for owner in owners)


def drifted(_before: Props, _after: Props, _changed: Sequence[Change]) -> str:
    return OTHERWISE
