"""A YAML text with the markers of entries set: every other character stays where it is, comments included.

What was written is read again, and must say what it said before and the markers, and nothing else. A form that this
can't change (a list within a text, an alias) is refused, never rewritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, NamedTuple

import yaml

from .. import documents
from ..adoption import insertion, wording
from ..errors import ConfigError


@dataclass(frozen=True)
class Marker:
    """`field` of the entry `name`, in the list that `path` leads to; without a `name`, of the mapping there."""

    path: tuple[str, ...]
    name: str
    field: tuple[str, ...]
    text: str


class _Edit(NamedTuple):
    """Text in the place of some columns of a line; with `start` -1 a line of its own before it."""

    line: int
    start: int
    end: int
    text: str


def marked(file: str, text: str, wanted: Sequence[Marker]) -> str:
    """`text` with these markers. Raises ConfigError, which names the entry, for a form that isn't known."""
    root, lines = documents.composed(text), text.split("\n")
    edits: list[_Edit] = []
    for marker in wanted:
        found = insertion.at(root, marker.path)
        node = _entry(found, marker.name) if marker.name else found
        edit = _edit(lines, node, marker.field, marker.text)
        if edit is None:
            raise _unknown_form(file, marker)
        edits.append(edit)
    changed = _applied(lines, edits)
    before = documents.parse(file, text).root.plain()
    if insertion.said(file, changed) != reduce(_expected, wanted, before):
        raise _unknown_form(file, wanted[0])
    return changed


def _unknown_form(file: str, marker: Marker) -> ConfigError:
    whose = f"{marker.path[-1]}: {marker.name}" if marker.name else marker.path[-1]
    return ConfigError(f"{file}: {whose}: has a form in which no marker can be set here; write it by hand")


def _edit(lines: Sequence[str], node: yaml.Node | None, field: Sequence[str], marker: str) -> _Edit | None:
    """None for a form that is not known."""
    if not isinstance(node, yaml.MappingNode):
        return None
    key, *rest = field
    value = next((value for name, value in node.value if name.value == key), None)
    if isinstance(value, yaml.MappingNode) and rest and value.value:
        return _edit(lines, value, rest, marker)
    written = wording.flow({rest[0]: marker}) if rest else wording.text(marker)
    if value is not None:
        return _in_its_place(lines, value, written)
    if node.flow_style:
        return _into_braces(lines, node, f"{key}: {written}")
    indent = node.value[0][0].start_mark.column
    return _Edit(insertion.behind(node, lines, indent), -1, -1, f"{' ' * indent}{key}: {written}")


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


def _entry(found: yaml.Node | None, name: str) -> yaml.Node | None:
    for entry in found.value if isinstance(found, yaml.SequenceNode) else []:
        pairs = entry.value if isinstance(entry, yaml.MappingNode) else []
        if any(key.value == "name" and value.value == name for key, value in pairs):
            return entry  # type: ignore[no-any-return]
    return None


def _expected(document: Any, marker: Marker) -> Any:
    """The plain document with a marker."""

    def inside(part: Any, path: Sequence[str]) -> Any:
        if path:
            return {**part, path[0]: inside(part[path[0]], path[1:])}
        if marker.name:
            return [_set(entry, marker) if entry.get("name") == marker.name else entry for entry in part]
        return _set(part, marker)

    return inside(document, marker.path)


def _set(mapping: Mapping[str, Any], marker: Marker) -> dict[str, Any]:
    key, *rest = marker.field
    return {**mapping, key: {**(mapping.get(key) or {}), rest[0]: marker.text} if rest else marker.text}
