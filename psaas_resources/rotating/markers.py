"""A YAML text with the markers of entries set, and nothing else of it moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..stack_text import values
from ..stack_text.values import Value


@dataclass(frozen=True)
class Marker:
    """`field` of the entry `name`, in the list that `path` leads to; without a `name`, of the mapping there."""

    path: tuple[str, ...]
    name: str
    field: tuple[str, ...]
    text: str


def marked(file: str, text: str, wanted: Sequence[Marker]) -> str:
    """`text` with these markers. Raises ConfigError, which names the entry, for a form that isn't known."""
    given = [Value(one.path, one.name, one.field, one.text) for one in wanted]
    return values.with_values(file, text, given, otherwise="no marker can be set here; write it by hand")
