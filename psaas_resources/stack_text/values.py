"""A YAML text with fields of entries set, in their place or behind the others: every other character stays.

What was written is read again, and must say what it said before and the new values, and nothing else. A form that this
can't change (a list within a text, an alias) is refused, never rewritten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, NamedTuple

import yaml

from .. import documents
from ..errors import ConfigError
from . import nodes, wording


@dataclass(frozen=True)
class Value:
    """`field` of the entry `name`, in the list that `path` leads to; without a `name`, of the mapping there."""

    path: tuple[str, ...]
    name: str
    field: tuple[str, ...]
    value: str | bool


class _Edit(NamedTuple):
    """Text in the place of some columns of a line; with `start` -1 a line of its own before it."""

    line: int
    start: int
    end: int
    text: str


def with_values(file: str, text: str, wanted: Sequence[Value], *, otherwise: str) -> str:
    """`text` with these values. Raises ConfigError, which names the entry, for a form that isn't known.

    `otherwise` says in that message what can't be done, and the way out.
    """
    root, lines = documents.composed(text), text.split("\n")
    found = {path: nodes.at(root, path) for path in {one.path for one in wanted}}
    entries = {path: _entries(node) for path, node in found.items()}
    edits: list[_Edit] = []
    for one in wanted:
        node = entries[one.path].get(one.name) if one.name else found[one.path]
        edit = _edit(lines, node, one.field, one.value)
        if edit is None:
            raise _unknown_form(file, one, otherwise)
        edits.append(edit)
    changed = _applied(lines, edits)
    if nodes.said(file, changed) != _expected(documents.parse(file, text).root.plain(), wanted):
        raise _unknown_form(file, wanted[0], otherwise)
    return changed


def _unknown_form(file: str, one: Value, otherwise: str) -> ConfigError:
    whose = f"{one.path[-1]}: {one.name}" if one.name else one.path[-1]
    return ConfigError(f"{file}: {whose}: has a form in which {otherwise}")


def _edit(lines: Sequence[str], node: yaml.Node | None, field: Sequence[str], wanted: str | bool) -> _Edit | None:
    """None for a form that is not known."""
    if not isinstance(node, yaml.MappingNode):
        return None
    key, *rest = field
    value = next((value for name, value in node.value if name.value == key), None)
    if isinstance(value, yaml.MappingNode) and rest and value.value:
        return _edit(lines, value, rest, wanted)
    written = wording.flow({rest[0]: wanted} if rest else wanted)
    if value is not None:
        return _in_its_place(lines, value, written)
    if node.flow_style:
        return _into_braces(lines, node, f"{key}: {written}")
    indent = node.value[0][0].start_mark.column
    return _Edit(nodes.behind(node, lines, indent), -1, -1, f"{' ' * indent}{key}: {written}")


def _in_its_place(lines: Sequence[str], value: yaml.Node, written: str) -> _Edit | None:
    """Instead of a value that is there; what stands behind it on the line stays."""
    line, start, end = value.start_mark.line, value.start_mark.column, value.end_mark.column
    if value.end_mark.line != line or (isinstance(value, yaml.CollectionNode) and value.value):
        return None
    return _Edit(line, start, end, written if lines[line][:start].endswith(" ") else f" {written}")


def _into_braces(lines: Sequence[str], node: yaml.MappingNode, said: str) -> _Edit | None:
    line = node.end_mark.line
    if line != node.start_mark.line:
        return None
    head = lines[line][: node.end_mark.column - 1].rstrip()
    before = "" if head.endswith("{") else " " if head.endswith(",") else ", "
    return _Edit(line, len(head), len(head), f"{before}{said}")


def _applied(lines: Sequence[str], edits: Sequence[_Edit]) -> str:
    """From the end to the beginning, so that none moves another."""
    changed = list(lines)
    for line, start, end, text in sorted(edits, reverse=True):
        if start < 0:
            changed[line:line] = [text]
        else:
            changed[line] = changed[line][:start] + text + changed[line][end:]
    at_the_end = any(edit.start < 0 and edit.line == len(lines) for edit in edits)
    return "\n".join([*changed, ""] if at_the_end else changed)


def _entries(found: yaml.Node | None) -> dict[str, yaml.Node]:
    """The entries of a list by their names; the first of each."""
    named: dict[str, yaml.Node] = {}
    for entry in found.value if isinstance(found, yaml.SequenceNode) else []:
        for key, value in entry.value if isinstance(entry, yaml.MappingNode) else []:
            if key.value == "name" and isinstance(value, yaml.ScalarNode):
                named.setdefault(value.value, entry)
    return named


def _expected(document: Any, wanted: Sequence[Value]) -> Any:
    """The plain document with the values."""
    at_path: defaultdict[tuple[str, ...], list[Value]] = defaultdict(list)
    for one in wanted:
        at_path[one.path].append(one)
    return reduce(lambda so_far, path: _inside(so_far, path, at_path[path]), at_path, document)


def _inside(part: Any, path: Sequence[str], wanted: Sequence[Value]) -> Any:
    if path:
        return {**part, path[0]: _inside(part[path[0]], path[1:], wanted)}
    named: defaultdict[str, list[Value]] = defaultdict(list)
    for one in wanted:
        named[one.name].append(one)
    if isinstance(part, list):
        return [reduce(_set, named.get(entry.get("name"), ()), entry) for entry in part]
    return reduce(_set, wanted, part)


def _set(mapping: Mapping[str, Any], one: Value) -> dict[str, Any]:
    key, *rest = one.field
    return {**mapping, key: {**(mapping.get(key) or {}), rest[0]: one.value} if rest else one.value}
