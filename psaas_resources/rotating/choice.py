"""Which credentials are due, and which of them come first. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..errors import WrongUse
from .ages import Aged, Kind

_AGE = re.compile(r"([0-9]{1,5})\s*([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


@dataclass(frozen=True)
class Choice:
    """`marked` are those of this wave, the oldest first; `later` are due too, and wait for another wave.

    `pending` have another marker in the stack files than in the state already; of `unknown` nobody knows the age.
    `young` is how many are not due.
    """

    marked: tuple[Aged, ...] = ()
    later: tuple[Aged, ...] = ()
    pending: tuple[Aged, ...] = ()
    unknown: tuple[Aged, ...] = ()
    young: int = 0


def age(text: str) -> timedelta:
    """`90d`, `12w`, `36h`. Raises WrongUse."""
    found = _AGE.fullmatch(text.strip().lower())
    if not found:
        raise WrongUse(f'"{text[:40]}" is no age; write for example 90d, 12w or 36h')
    return int(found[1]) * _UNITS[found[2]]


def choose(
    credentials: Iterable[Aged],
    *,
    older_than: timedelta,
    now: datetime,
    declared: Mapping[tuple[Kind, str], str],
    kinds: Collection[Kind],
    waves: int = 0,
    at_most: int = 0,
) -> Choice:
    """`declared` are the markers that stack files have, of every credential that they declare; others aren't theirs.

    `at_most` limits a wave; so does `waves`, which allows a share of all credentials: with 4, a fourth. 0 is no limit.
    """
    considered = [one for one in credentials if one.kind in kinds and (one.kind, one.tenant) in declared]
    pending = [one for one in considered if declared[one.kind, one.tenant] != one.marker]
    at_rest = [one for one in considered if one not in pending]
    unknown = [one for one in at_rest if one.since is None]
    due = [one for one in at_rest if one.since and now - one.since >= older_than]
    due.sort(key=lambda one: (one.since or now, one.kind, one.tenant))
    most = at_most or (-(-len(considered) // waves) if waves else 0) or len(due)
    young = len(at_rest) - len(unknown) - len(due)
    return Choice(tuple(due[:most]), tuple(due[most:]), tuple(pending), tuple(unknown), young)


def marker(today: str, before: str) -> str:
    """Another text than the marker before: the date, and a number behind it where that was the marker already."""
    if before != today and not before.startswith(f"{today}."):
        return today
    number = before.removeprefix(today).removeprefix(".")
    return f"{today}.{int(number) + 1 if number.isdecimal() else 2}"
