"""What a change of files means: which stacks it touches, and a Review of each. Knows revisions; no engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from psaas_resources import stack_files
from psaas_resources.errors import ConfigError

from . import inventory
from .comparison import Judgement, compare
from .declared import Declared
from .inventory import InventoryError
from .model import Diagnostic, Review, SettingRow
from .revisions import Pair, Tree

POLICY_SETTINGS = f"{stack_files.FOLDER}/policy.json"


class UnknownStack(Exception):
    """No revision has a file of that stack; the message is one line for a person."""


def reviews(
    pair: Pair, *, judgement: Judgement, stack: str = "", inventories: Path | None = None
) -> tuple[Review, ...]:
    """A Review of each stack that the change touches, or of `stack` alone whether it does or not.

    `inventories` is a folder with what the last deploy of each stack has published, `<stack>.json`. Where no stack is
    touched, and other files are, one Review without a stack says so.
    """
    stacks = [stack] if stack else touched(pair)
    known = {*_stacks(pair.before), *_stacks(pair.after)}
    if stack and stack not in known:
        raise UnknownStack(stack_files.unknown(stack, sorted(known), where="of both revisions"))
    others = other_files(pair)
    sides = _Side(pair.before), _Side(pair.after)
    found = [
        _review(name, *sides, told=_of_trees(pair), judgement=judgement, inventories=inventories) for name in stacks
    ]
    rule_rows = _rule_settings(pair, judgement.approval)
    if not found and (others or rule_rows or pair.error):
        found = [Review("files", "", "", diagnostics=_of_trees(pair))]
    return tuple(
        replace(one, base=pair.base, head=pair.head, settings=(*one.settings, *rule_rows), other_files=others)
        for one in found
    )


def touched(pair: Pair) -> list[str]:
    """The stacks whose own or included files differ."""
    changed = {path for path in pair.changed if path.startswith(f"{stack_files.FOLDER}/") and path.endswith(".yaml")}
    names = sorted({*_stacks(pair.before), *_stacks(pair.after)})
    return [
        name for name in names
        if stack_files.path_of(name) in changed
        or any(_reads(name, tree.files, changed) for tree in (pair.before, pair.after))
    ]  # fmt: skip


def other_files(pair: Pair) -> tuple[str, ...]:
    """Files that differ and that no stack reads."""
    read = {POLICY_SETTINGS}
    for tree in (pair.before, pair.after):
        for name in _stacks(tree):
            read |= {stack_files.path_of(name), *_included(name, tree.files)}
    return tuple(path for path in pair.changed if path not in read)


def _stacks(tree: Tree) -> list[str]:
    """Also those whose file is a link or too large, of which only the path is known."""
    return stack_files.stacks_in(dict.fromkeys(tree.blobs, ""))


def _reads(name: str, files: Mapping[str, str], changed: set[str]) -> bool:
    return bool(changed.intersection(_included(name, files)))


def _included(name: str, files: Mapping[str, str]) -> tuple[str, ...]:
    """The included files of a stack; of one that can't be read none are known."""
    try:
        return stack_files.included_in(name, files)
    except ConfigError:
        return ()


class _Side:
    """One of the two trees, each of whose stacks is read once."""

    def __init__(self, tree: Tree) -> None:
        self.stacks = _stacks(tree)
        self._files = tree.files
        self._declared: dict[str, Declared] = {}

    def declared(self, name: str) -> Declared:
        """What the tree declares; a stack without a file declares nothing."""
        if name not in self._declared:
            here = name in self.stacks
            self._declared[name] = Declared.of_files(name, self._files) if here else Declared(name)
        return self._declared[name]


def _review(
    name: str,
    base: _Side,
    head: _Side,
    *,
    told: tuple[Diagnostic, ...],
    judgement: Judgement,
    inventories: Path | None,
) -> Review:
    old, new = base.declared(name), head.declared(name)
    known = None
    if inventories:
        known, problem = _inventory(name, inventories)
        told += (Diagnostic("warning", problem),) if problem else ()
    before = replace(known, settings=old.settings) if known else old
    if name not in head.stacks:
        told += (_removed(name, before),)
    told += tuple(_taken_elsewhere(name, new, old, head))
    return compare(before, new, judgement=judgement, source="inventory" if known else "files", diagnostics=told)


def _inventory(name: str, folder: Path) -> tuple[Declared | None, str]:
    """What is known of the state; a stack that was never deployed has no inventory."""
    path = folder / f"{name}.json"
    try:
        if not path.is_file():
            return None, ""
        document: dict[str, Any] = inventory.parse(path.read_text(encoding="utf-8"), stack=name)
    except (OSError, UnicodeDecodeError):
        return None, "the inventory of the last deploy can't be read; the report is made without it"
    except InventoryError as error:
        return None, f"{error}; the report is made without it"
    return Declared.of_inventory(document), ""


def _removed(name: str, before: Declared) -> Diagnostic:
    """Without its file a stack is not run any more, so what its tenants would go through never happens."""
    left = sum(not tenant.retired for tenant in before.tenants.values())
    tenants = "its tenant" if left == 1 else f"its {left} tenants"
    words = f"{stack_files.path_of(name)}: is removed, so no update of that stack runs any more"
    if not left:
        return Diagnostic("warning", words)
    return Diagnostic("error", f"{words}; let {tenants} go first, by psaas:retired, and remove the file afterwards")


def _taken_elsewhere(name: str, new: Declared, old: Declared, head: _Side) -> Iterator[Diagnostic]:
    """New names that another stack of the same appliance declares: a second POST would be refused, and one that is
    taken over twice would have two stacks that change it.
    """
    names = [n for n, tenant in new.tenants.items() if n not in old.tenants and not tenant.retired]
    for other in head.stacks if names else []:
        there = head.declared(other)
        if other != name and there.rta == new.rta:
            for taken in (n for n in names if n in there.tenants):
                place = new.tenants[taken].place
                yield Diagnostic("error", f"{place}: {taken}: stack {other} of the same appliance declares it too")


def _of_trees(pair: Pair) -> tuple[Diagnostic, ...]:
    problems = [*pair.after.problems, *([pair.error] if pair.error else [])]
    return tuple(Diagnostic("error", problem) for problem in problems)


def _rule_settings(pair: Pair, approval: str) -> tuple[SettingRow, ...]:
    """A change of the rules' settings is guarded: it counts from when it is merged, and not for itself."""
    before, after = (tree.blobs.get(POLICY_SETTINGS, ("", ""))[1] for tree in (pair.before, pair.after))
    if before == after:
        return ()
    return (SettingRow(POLICY_SETTINGS, _object(before), _object(after), True, approval),)


def _object(object_id: str) -> str:
    return f"fingerprint {object_id[:16]}" if object_id else ""
