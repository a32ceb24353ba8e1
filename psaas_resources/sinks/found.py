"""What lies in a place of a sink, and what each sink can do. Knows no sink."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..handed_over import HandedOver
from ..sink_place import SinkPlace


@dataclass(frozen=True)
class Found:
    """A look at a place. `values` may hold a credential, and stays out of `repr`.

    `fingerprint` is that of our variables there, "" where there are none. `version` is what a write must have seen
    last. `owner` says whose the place is, where it isn't this tenant's: "" if it is free or ours.
    """

    fingerprint: str = ""
    version: Any = None
    owner: str = ""
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Whose:
    """The tenant for which a place is looked at, and its domain."""

    tenant: str
    domain: str


@dataclass(frozen=True)
class Rights:
    """What may be done at a place. `lacking` is what a write needs and is not allowed, in the sink's own words.

    `told` is False where the sink doesn't say: then the place could be read, and nothing else is known.
    """

    lacking: tuple[str, ...] = ()
    told: bool = True


class OvertakenError(Exception):
    """Somebody wrote there between our look and our write; look again."""


class Sink(Protocol):
    """Raises SinkError where the sink says no, SinkDown where it gives no usable answer, ConfigError."""

    def look(self, place: SinkPlace, whose: Whose) -> Found | None:
        """What lies there; None where this sink can't tell."""

    def write(self, place: SinkPlace, what: HandedOver, found: Found | None) -> None:
        """Put our variables there, and leave all others as they are. Raises OvertakenError."""

    def rights(self, place: SinkPlace) -> Rights | None:
        """What we may do there, found out without writing; None where this sink can't tell."""
