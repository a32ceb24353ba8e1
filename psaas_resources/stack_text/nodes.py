"""Where something stands in a YAML text, and where it ends, comments included. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from .. import documents
from ..errors import ConfigError


def at(node: yaml.Node | None, path: Sequence[str]) -> yaml.Node | None:
    """The value that a path of keys leads to; None where there is none."""
    for key in path:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for name, value in pairs if name.value == key), None)
    return node


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


def said(file: str, text: str) -> Any:
    """What a text says; None where it can't be read."""
    try:
        document = documents.parse(file, text)
    except ConfigError:
        return None
    return document.root.plain()
