"""Values as lines of YAML that mean to every reader what they say. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# Texts that are read as texts without quotes, whoever reads them.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9@./+_-]*(?: [A-Za-z0-9@./+_-]+)*")
_NO_TEXT = frozenset("true false yes no on off y n t f null nan inf".split())
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def block(item: Mapping[str, Any] | str, indent: int) -> list[str]:
    """The lines of a list's item, its dash at column `indent`."""
    if isinstance(item, str):
        return [f"{' ' * indent}- {text(item)}"]
    lines = [f"{key}: {flow(value)}" for key, value in item.items()]
    return [f"{' ' * indent}{'- ' if number == 0 else '  '}{line}" for number, line in enumerate(lines)]


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{text(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return text(value)


def text(value: str) -> str:
    """A text, in double quotes unless it needs none."""
    if _PLAIN.fullmatch(value) and value.lower() not in _NO_TEXT:
        return value
    return '"' + "".join(_SHORT.get(c) or (c if c.isprintable() else _escaped(ord(c))) for c in value) + '"'


def _escaped(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
