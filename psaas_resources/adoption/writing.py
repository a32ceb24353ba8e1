"""Which file gets which entries, and its new text, checked by reading all of it again. Pure.

A few go into the stack file; many into a file of their own below stacks/existing/, which the stack file then names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import declaration, included, rules, stack_files
from ..entries import TenantEntry
from ..errors import ConfigError
from ..fleet import Fleet
from ..stack_text import insertion, values
from ..stack_text.values import Value
from . import wording

MANY = 20
KEY = "existingTenantFiles"


@dataclass(frozen=True)
class Entries:
    """What is to be said: new entries, and places of tenants whose `adopt: inventory` becomes `adopt: true`."""

    new: Sequence[TenantEntry] = ()
    with_credential: Mapping[str, str] = field(default_factory=dict)


def texts(stack: str, files: Mapping[str, str], entries: Entries, *, into: str = "") -> dict[str, str]:
    """The files that change, and their new texts, in the order in which they are to be written.

    `into` names a file below stacks/ for the new entries, "" leaves the choice to their number. Raises ConfigError
    where the result would not say exactly what was asked for.
    """
    before = stack_files.read(stack, files)
    changed = dict(files)
    target = into or (f"{stack_files.FOLDER}/existing/{stack}.yaml" if len(entries.new) > MANY else "")
    if entries.new and target and target != stack_files.path_of(stack):
        _into_included(stack, target, changed, entries.new)
    elif entries.new:
        _append(changed, stack_files.path_of(stack), ("config", "psaas:tenants"), _items(entries.new))
    for file, names in _by_file(entries.with_credential).items():
        path = ("config", "psaas:tenants") if file == stack_files.path_of(stack) else ("tenants",)
        wanted = [Value(path, name, ("adopt",), True) for name in names]
        by_hand = "entries can't be changed here; change them by hand"
        changed[file] = values.with_values(file, changed[file], wanted, otherwise=by_hand)
    _check(stack, files, changed, before, entries)
    order = sorted((file for file in changed if changed[file] != files.get(file)), key=_stack_files_last)
    return {file: changed[file] for file in order}


def _into_included(stack: str, target: str, files: dict[str, str], new: Sequence[TenantEntry]) -> None:
    """Entries that stand there already, from a run that was interrupted, are not written again."""
    _refuse(stack, target, files)
    if target not in files:
        schema = f"{'../' * (target.count('/') - 1)}schema/existing.json"
        files[target] = f"# yaml-language-server: $schema={schema}\ntenants: []\n"
    there = {entry.get("name") for entry in included.of_files({target: included.EITHER}, files).entries}
    missing = [entry for entry in new if entry.name not in there]
    if missing:
        _append(files, target, ("tenants",), _items(missing))
    named = included.chosen({KEY: _named(stack, files)}, files)[0]
    if target not in named:
        pattern = target.removeprefix(f"{stack_files.FOLDER}/")
        _append(files, stack_files.path_of(stack), ("config", f"psaas:{KEY}"), [pattern])


def _refuse(stack: str, target: str, files: Mapping[str, str]) -> None:
    """Raises ConfigError for a file that can't be one of existing tenants of this stack."""
    inside = target.removeprefix(f"{stack_files.FOLDER}/")
    if inside == target or not inside.endswith(".yaml") or included.pattern_problem(inside) or "*" in inside:
        raise ConfigError(f"{rules.printable(target)}: is no path of a file below stacks/ that ends in .yaml")
    for other in stack_files.stacks_in(files):
        if target == stack_files.path_of(other):
            raise ConfigError(f"{target}: is the stack file of {other}, not a file to be included")
        if other != stack and target in stack_files.included_in(other, files):
            raise ConfigError(f"{target}: is a file of stack {other}; a tenant belongs to one stack, so name another")
    if (
        target in stack_files.included_in(stack, files)
        and target not in included.chosen({KEY: _named(stack, files)}, files)[0]
    ):
        raise ConfigError(
            f"{target}: psaas:tenantFiles names it, so it can't take over tenants; name another file, for example "
            f"stacks/existing/{stack}.yaml"
        )


def _named(stack: str, files: Mapping[str, str]) -> Any:
    """The patterns of existing tenants' files, if the stack file has a list of them."""
    return declaration.unwrapped(KEY, stack_files.opened(stack, files).values.get(KEY))


def _check(stack: str, files: Mapping[str, str], changed: Mapping[str, str], before: Fleet, entries: Entries) -> None:
    """Read the result: what was there and what was asked for, and nothing else."""
    after = stack_files.read(stack, changed)
    wanted = {
        entry.name: entry.model_copy(update={"adopt": True}) if entry.name in entries.with_credential else entry
        for entry in (*before.tenants, *entries.new)
    }
    same = {"tenants": before.tenants, "existing_tenant_files": before.existing_tenant_files}
    alike = after.model_copy(update=same) == before.model_copy(update=same)
    if {entry.name: entry for entry in after.tenants} != wanted or not alike:
        raise ConfigError(
            f"{stack_files.path_of(stack)}: the new entries would not be read as they were meant, so nothing was "
            "written; write them by hand"
        )
    for other in stack_files.stacks_in(files):
        if other != stack and stack_files.included_in(other, changed) != stack_files.included_in(other, files):
            raise ConfigError(f"{stack_files.path_of(other)}: its patterns would include a new file of stack {stack}")


def _append(files: dict[str, str], file: str, path: Sequence[str], items: Sequence[dict[str, Any] | str]) -> None:
    files[file] = insertion.appended(file, files[file], path, items)


def _items(new: Sequence[TenantEntry]) -> list[dict[str, Any] | str]:
    return [wording.entry(entry.name, entry.adopt, entry.owners, entry.labels) for entry in new]


def _by_file(places: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, place in places.items():
        found.setdefault(place.rpartition(":")[0], []).append(name)
    return found


def _stack_files_last(file: str) -> tuple[bool, str]:
    """A stack file that names a file which is not there is a mistake; a file that no one names is not."""
    return bool(stack_files.stacks_in({file: ""})), file
