"""What can be read of each stack: its files, its state where its key is here, or a published inventory. Prints nothing.

Nothing that can't be read is an error: the view says per stack what was read and what wasn't.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psaas_resources import rules, stack_files
from psaas_resources.errors import ConfigError
from review import inventory
from review.declared import Declared
from review.inventory import InventoryError

from .assembly import Source
from .model import Looked

AT_ONCE = 4  # states that the engine opens at a time


@dataclass(frozen=True)
class Wanted:
    """Which stacks (all where empty), whether their states are opened, and a folder of inventories, STACK.json each."""

    root: Path
    stacks: Sequence[str] = ()
    states: bool = True
    inventories: Path | None = None


def read(wanted: Wanted, each: Callable[[], None] = lambda: None) -> list[Source]:
    """A source for each stack. `each` is called when one is read. Raises ConfigError for a stack that isn't there."""
    files = stack_files.from_disk(wanted.root)
    names = stacks_in(files, wanted.stacks)

    def one(stack: str) -> Source:
        try:
            return _source(stack, files, wanted)
        finally:
            each()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, names))


def stacks_in(files: Mapping[str, str], chosen: Sequence[str]) -> list[str]:
    """The chosen stacks, or all that have a file but the template."""
    there = stack_files.stacks_in(files)
    for stack in chosen:
        if stack not in there:
            raise ConfigError(stack_files.unknown(stack, there))
    return sorted(set(chosen)) or [stack for stack in there if stack != stack_files.TEMPLATE]


def _source(stack: str, files: Mapping[str, str], wanted: Wanted) -> Source:
    declared = Declared.of_files(stack, files)
    read, gaps = ["stack file"], []
    document: dict[str, Any] | None = None
    if wanted.states:
        document, written, problem = _of_state(stack, files[stack_files.path_of(stack)], wanted.root)
        read += [f"state{written}"] if document else []
        gaps += [problem] if problem else []
    if document is None and wanted.inventories:
        document, problem = _of_inventory(stack, wanted.inventories)
        read += [f"inventory of {document['commit'][:12] or 'its last deploy'}"] if document else []
        gaps += [problem] if problem else []
    return Source(declared, document, read=tuple(read), gaps=tuple(gaps))


def _of_state(stack: str, text: str, root: Path) -> tuple[dict[str, Any] | None, str, str]:
    """The state as an inventory, when it was written in words, and why it could not be read."""
    from review.engine_run import Engine, EngineError

    try:
        export = Engine(root, stack).export()
    except EngineError as error:
        return None, "", f"state: {rules.printable(str(error))}"
    return inventory.of_state(export, stack=stack, stack_file=text), written_at(export), ""


def written_at(export: Mapping[str, Any]) -> str:
    """` of 2026-11-24 20:00 UTC`: when the last update or refresh has written a state; "" where it doesn't say."""
    manifest = (export.get("deployment") or {}).get("manifest") or {}
    try:
        time = datetime.fromisoformat(str(manifest.get("time")))
    except ValueError:
        return ""
    return f" of {time.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if time.tzinfo else ""


def _of_inventory(stack: str, folder: Path) -> tuple[dict[str, Any] | None, str]:
    path = folder / f"{stack}.json"
    try:
        return inventory.parse(path.read_text(encoding="utf-8"), stack=stack), ""
    except FileNotFoundError:
        return None, f"inventory: {rules.printable(str(path))} is not there"
    except (OSError, UnicodeDecodeError):
        return None, f"inventory: {rules.printable(str(path))} can't be read"
    except InventoryError as error:
        return None, f"inventory: {error}"


def with_look(source: Source, looked: Looked | None, problem: str) -> Source:
    """The same with a look at the appliance, or with why there is none."""
    if looked is None:
        return replace(source, gaps=(*source.gaps, f"look: {problem}"), unseen=True)
    seen = "the appliance's list" if looked.listed is not None else "the tenants' domains"
    return replace(source, looked=looked, read=(*source.read, seen))
