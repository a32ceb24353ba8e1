"""Which tenant names are taken for one another. Pure functions on text, and an index of names.

Two names look alike if nothing is left of their difference without hyphens and with letters that are read as one
(`rn` as `m`), or if they are one letter apart (another, one more, two swapped). Digits count exactly: `customer-1`
and `customer-2` are two names of a series. So do letters of short parts, which are codes: `shop-eu`, `shop-au`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

READ_AS_ONE = (("rn", "m"), ("vv", "w"), ("cl", "d"))


class Lookalikes:
    """Names seen so far. Adding one costs about its length, however many there are.

    `shortest`: how many letters a part between hyphens has at least in which a single letter's difference counts.
    """

    def __init__(self, shortest: int) -> None:
        self._shortest = shortest
        self._names: dict[str, list[str]] = defaultdict(list)

    def add(self, name: str) -> tuple[str, ...]:
        """Those of the names seen so far that look like this one, in order."""
        keys = set(_keys(name, self._shortest))
        candidates = dict.fromkeys(other for key in sorted(keys) for other in self._names[key] if other != name)
        found = tuple(other for other in candidates if look_alike(name, other, shortest=self._shortest))
        for key in keys:
            if name not in self._names[key]:
                self._names[key].append(name)
        return found


def look_alike(one: str, other: str, *, shortest: int) -> bool:
    """Whether two names are taken for one another."""
    if skeleton(one) == skeleton(other):
        return True
    return _one_letter_apart(_by_parts(one, shortest), _by_parts(other, shortest))


def skeleton(name: str) -> str:
    """What is left of a name that is read in a hurry."""
    text = re.sub("[-_]", "", name.lower())
    for letters, read in READ_AS_ONE:
        text = text.replace(letters, read)
    return text


def _by_parts(name: str, shortest: int) -> str:
    """The skeleton of each part, in capitals where it counts exactly."""
    parts = map(skeleton, re.split("[-_]", name))
    return "".join(part if sum(map(str.isalpha, part)) >= shortest else part.upper() for part in parts)


def _one_letter_apart(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) == len(long):
        a, b = short[at : at + 2], long[at : at + 2]
        another = a[:1].islower() and b[:1].islower() and short[at + 1 :] == long[at + 1 :]
        swapped = len(a) == 2 and a.isalpha() and a.islower() and a == b[::-1] and short[at + 2 :] == long[at + 2 :]
        return another or swapped
    return len(long) == len(short) + 1 and long[at].islower() and short[at:] == long[at + 1 :]


def _keys(name: str, shortest: int) -> Iterator[str]:
    """Two names that look alike have a key in common: skeletons, or what remains without one letter."""
    yield f"={skeleton(name)}"
    parts = _by_parts(name, shortest)
    yield parts
    yield from (parts[:i] + parts[i + 1 :] for i, letter in enumerate(parts) if letter.islower())
