"""A YAML text with items added to one of its lists: every other character stays where it is, comments included.

What was written is read again, and must say what it said before and the new items, and nothing else. A form that
this can't add to (a list within a text, an alias) is refused, never rewritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from .. import documents
from ..errors import ConfigError
from . import wording

Item = Mapping[str, Any] | str


def appended(file: str, text: str, path: Sequence[str], items: Sequence[Item]) -> str:
    """`text` with `items` at the end of the list that `path` leads to, made where it is missing.

    Raises ConfigError where the list has another form.
    """
    before = documents.parse(file, text).root.plain()
    changed = _appended(text, path, items)
    if changed is None or said(file, changed) != _with(before, path, items):
        raise ConfigError(
            f"{file}: {path[-1]}: has a form that nothing can be added to here; write it as a list with an item a line"
        )
    return changed


def replaced(file: str, text: str, path: Sequence[str], changes: Mapping[str, Mapping[str, Any]]) -> str:
    """`text` with other values in entries of a list: for each name the fields, which the entry has already."""
    found = at(documents.composed(text), path)
    lines = text.split("\n")
    for entry in found.value if isinstance(found, yaml.SequenceNode) else []:
        fields = {key.value: value for key, value in entry.value} if isinstance(entry, yaml.MappingNode) else {}
        name = fields["name"].value if "name" in fields else ""
        for field, value in changes.get(name, {}).items():
            node = fields[field]
            line, start, end = node.start_mark.line, node.start_mark.column, node.end_mark.column
            lines[line] = lines[line][:start] + wording.flow(value) + lines[line][end:]
    changed = "\n".join(lines)
    if said(file, changed) != _changed(documents.parse(file, text).root.plain(), path, changes):
        raise ConfigError(f"{file}: {path[-1]}: has a form in which entries can't be changed here; change them by hand")
    return changed


def _appended(text: str, path: Sequence[str], items: Sequence[Item]) -> str | None:
    """By the form of what is there; None for a form that is not known."""
    root = documents.composed(text)
    parent, found = at(root, path[:-1]), at(root, path)
    if not isinstance(parent, yaml.MappingNode) or parent.flow_style or not parent.value:
        return None
    lines = text.split("\n")
    if found is None:
        indent = parent.value[0][0].start_mark.column
        new = [f"{' ' * indent}{path[-1]}:", *_block(items, indent + 2)]
        return spliced(lines, behind(parent, lines, indent), new)
    if isinstance(found, yaml.SequenceNode) and found.value and not found.flow_style:
        indent = found.start_mark.column
        return spliced(lines, behind(found, lines, indent), _block(items, indent))
    if isinstance(found, yaml.SequenceNode) and found.value:
        line, column = found.end_mark.line, found.end_mark.column - 1
        if line != found.start_mark.line:
            return None
        comma = "" if lines[line][:column].rstrip().endswith(",") else ", "
        shown = lines[line][:column].rstrip() if comma else lines[line][:column]
        lines[line] = f"{shown}{comma}{', '.join(map(wording.flow, items))}{lines[line][column:]}"
        return "\n".join(lines)
    return _in_place_of_nothing(lines, parent, path[-1], items)


def _in_place_of_nothing(lines: list[str], parent: yaml.MappingNode, key: str, items: Sequence[Item]) -> str | None:
    """`key: []`, `key:` and `key: null` become a list; what stands behind them on the line stays."""
    name, value = next((k, v) for k, v in parent.value if k.value == key)
    empty = isinstance(value, yaml.SequenceNode) or (isinstance(value, yaml.ScalarNode) and value.value in ("", "null"))
    line, start, end = value.start_mark.line, value.start_mark.column, value.end_mark.column
    if not empty or value.end_mark.line != line or line != name.start_mark.line:
        return None
    rest = lines[line][end:].strip()
    lines[line] = lines[line][:start].rstrip() + (f"  {rest}" if rest else "")
    return spliced(lines, line + 1, _block(items, name.start_mark.column + 2))


def behind(node: yaml.Node, lines: Sequence[str], indent: int) -> int:
    """The number of the line behind a block's last one, and behind comments that lie deeper than it."""
    line = _last_line(node) + 1
    while line < len(lines) and lines[line].startswith(" " * (indent + 1)) and lines[line].lstrip()[:1] == "#":
        line += 1
    return line


def _last_line(node: yaml.Node) -> int:
    """The last line on which a value has something."""
    last = node
    while isinstance(last, yaml.SequenceNode | yaml.MappingNode) and last.value and not last.flow_style:
        inner = last.value[-1]
        last = inner[1] if isinstance(inner, tuple) else inner
    end = last.end_mark
    return int(end.line if end.column or end.line == last.start_mark.line else end.line - 1)


def at(node: yaml.Node | None, path: Sequence[str]) -> yaml.Node | None:
    for key in path:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for name, value in pairs if name.value == key), None)
    return node


def _block(items: Sequence[Item], indent: int) -> list[str]:
    return [line for item in items for line in wording.block(item, indent)]


def spliced(lines: Sequence[str], at: int, new: Sequence[str]) -> str:
    tail = list(lines[at:]) or [""]
    return "\n".join([*lines[:at], *new, *tail])


def said(file: str, text: str) -> Any:
    """What a text says; None where it can't be read."""
    try:
        document = documents.parse(file, text)
    except ConfigError:
        return None
    return document.root.plain()


def _with(document: Any, path: Sequence[str], items: Sequence[Item]) -> Any:
    """The plain document with the items at the end of the list."""
    key, *rest = path
    if not isinstance(document, dict):
        return document
    inner = _with(document.get(key), rest, items) if rest else [*(document.get(key) or []), *items]
    return {**document, key: inner}


def _changed(document: Any, path: Sequence[str], changes: Mapping[str, Mapping[str, Any]]) -> Any:
    key, *rest = path
    if rest:
        return {**document, key: _changed(document[key], rest, changes)}
    return {**document, key: [{**entry, **changes.get(entry.get("name"), {})} for entry in document[key]]}
