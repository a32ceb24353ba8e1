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
from . import nodes, wording

Item = Mapping[str, Any] | str


def appended(file: str, text: str, path: Sequence[str], items: Sequence[Item]) -> str:
    """`text` with `items` at the end of the list that `path` leads to, made where it is missing.

    Raises ConfigError where the list has another form.
    """
    before = documents.parse(file, text).root.plain()
    changed = _appended(text, path, items)
    if changed is None or nodes.said(file, changed) != _with(before, path, items):
        raise ConfigError(
            f"{file}: {path[-1]}: has a form that nothing can be added to here; write it as a list with an item a line"
        )
    return changed


def _appended(text: str, path: Sequence[str], items: Sequence[Item]) -> str | None:
    """By the form of what is there; None for a form that is not known."""
    root = documents.composed(text)
    parent, found = nodes.at(root, path[:-1]), nodes.at(root, path)
    if not isinstance(parent, yaml.MappingNode) or parent.flow_style or not parent.value:
        return None
    lines = text.split("\n")
    if found is None:
        indent = parent.value[0][0].start_mark.column
        new = [f"{' ' * indent}{path[-1]}:", *_block(items, indent + 2)]
        return _spliced(lines, nodes.behind(parent, lines, indent), new)
    if isinstance(found, yaml.SequenceNode) and found.value and not found.flow_style:
        indent = found.start_mark.column
        return _spliced(lines, nodes.behind(found, lines, indent), _block(items, indent))
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
    return _spliced(lines, line + 1, _block(items, name.start_mark.column + 2))


def _block(items: Sequence[Item], indent: int) -> list[str]:
    return [line for item in items for line in wording.block(item, indent)]


def _spliced(lines: Sequence[str], at: int, new: Sequence[str]) -> str:
    tail = list(lines[at:]) or [""]
    return "\n".join([*lines[:at], *new, *tail])


def _with(document: Any, path: Sequence[str], items: Sequence[Item]) -> Any:
    """The plain document with the items at the end of the list."""
    key, *rest = path
    if not isinstance(document, dict):
        return document
    inner = _with(document.get(key), rest, items) if rest else [*(document.get(key) or []), *items]
    return {**document, key: inner}
