"""Markers of old credentials: what would be written, to be shown first, then written. Prints nothing, asks nobody."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from .. import stack_files
from ..adoption import disk
from ..errors import ConfigError
from ..fleet import Fleet
from ..text_diff import unified
from . import ages, choice, markers
from .ages import KINDS, Aged, Kind
from .choice import Choice
from .markers import Marker

FIELDS: Mapping[Kind, tuple[str, ...]] = {
    "tenant": ("rotate",), "client": ("managementClient", "rotate"), "application": ("psaas:rotate",),
}  # fmt: skip


@dataclass(frozen=True)
class Request:
    """What a person asked for. `inventory` is a checked inventory of the stack; `now` has a time zone.

    `waves` and `at_most` as in `choice.choose`; `root` is the project's folder.
    """

    stack: str
    older_than: timedelta
    inventory: Mapping[str, Any] = field(repr=False)
    now: datetime
    kinds: Collection[Kind] = KINDS
    waves: int = 0
    at_most: int = 0
    root: Path = Path()


@dataclass(frozen=True)
class Plan:
    """What is to be done."""

    choice: Choice
    new_markers: Mapping[Aged, str]
    before: Mapping[str, str] = field(repr=False)
    after: Mapping[str, str] = field(repr=False)
    root: Path = field(repr=False)

    @property
    def diff(self) -> str:
        """What would be written, as a unified diff."""
        return unified(self.before, self.after)

    def write(self) -> None:
        """Put the markers into the files. Raises ConfigError where one is another by now."""
        for file, text in self.after.items():
            disk.write(self.root, file, text, before=self.before[file])


def plan(request: Request) -> Plan:
    """What would be done. Raises ConfigError for mistakes in the stack files, and forms that can't be changed."""
    files = stack_files.from_disk(request.root)
    fleet = stack_files.read(request.stack, files)
    chosen = choice.choose(
        ages.of_inventory(request.inventory),
        older_than=request.older_than,
        now=request.now,
        declared=declared(fleet),
        kinds=request.kinds,
        waves=request.waves,
        at_most=request.at_most,
    )
    today = request.now.date().isoformat()
    new_markers = {one: choice.marker(today, one.marker) for one in chosen.marked}
    by_file = _by_file(request.stack, fleet, new_markers)
    after = {file: markers.marked(file, files[file], wanted) for file, wanted in sorted(by_file.items())}
    _check(request.stack, fleet, {**files, **after}, new_markers)
    return Plan(chosen, new_markers, files, after, request.root)


def _by_file(stack: str, fleet: Fleet, new_markers: Mapping[Aged, str]) -> dict[str, list[Marker]]:
    """Which markers go into which file: that of the entry, wherever it is included from."""
    places = {entry.name: entry.place.rpartition(":")[0] for entry in fleet.tenants}
    own = stack_files.path_of(stack)
    found: dict[str, list[Marker]] = {}
    for one, text in new_markers.items():
        file = places.get(one.tenant, own)
        path = ("tenants",) if file != own else ("config", "psaas:tenants") if one.tenant else ("config",)
        found.setdefault(file, []).append(Marker(path, one.tenant, FIELDS[one.kind], text))
    return found


def declared(fleet: Fleet) -> dict[tuple[Kind, str], str]:
    """The marker of every credential that the stack files declare."""
    found: dict[tuple[Kind, str], str] = {}
    for entry in fleet.tenants:
        if entry.adopt != "inventory":
            found["tenant", entry.name] = entry.rotate
        if client := fleet.management_client_of(entry):
            found["client", entry.name] = client.get("rotate", "")
    if fleet.manage_application:
        found["application", ""] = fleet.rotate
    return found


def _check(stack: str, before: Fleet, changed: Mapping[str, str], new_markers: Mapping[Aged, str]) -> None:
    """Read the result: the new markers, and nothing else that differs."""
    after = stack_files.read(stack, changed)
    wanted = declared(before) | {(one.kind, one.tenant): marker for one, marker in new_markers.items()}
    if declared(after) != wanted or _without_markers(after) != _without_markers(before):
        raise ConfigError(
            f"{stack_files.path_of(stack)}: the markers would not be read as they were meant, so nothing was written; "
            "write them by hand"
        )


def _without_markers(fleet: Fleet) -> Fleet:
    bare = tuple(
        entry.model_copy(
            update={"rotate": "", "management_client": entry.management_client.model_copy(update={"rotate": None})}
        )
        for entry in fleet.tenants
    )
    return fleet.model_copy(update={"tenants": bare, "rotate": ""})
