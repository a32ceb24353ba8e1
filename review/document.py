"""A report as sections of paragraphs, lists and tables. Knows neither a Review nor a markup.

A text is made of our own words (`str`) and of what others wrote (`Value`): whoever prints it must keep the two apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .verdict import Verdict

# What our own sentences are made of: nothing that any markup, or a forge's text filters, would see a meaning in.
_PLAIN = re.compile(r"(?!\d)(?:[A-Za-z0-9 ,.;()'\"]|: |psaas:(?=[a-z])|-(?=[a-z]))*")
_NOT_PLAIN = re.compile(r"www\.|[0-9a-f]{7,}|:\w+:", re.IGNORECASE)


@dataclass(frozen=True)
class Value:
    """What others wrote: a name, a path, a message. Shown up to `most` characters."""

    text: str
    most: int = 120


Text = tuple["str | Value", ...]
Tone = Literal["forbidden", "danger", "attention", "plain"]
LOUD: tuple[Tone, ...] = ("forbidden", "danger")


@dataclass(frozen=True)
class Paragraph:
    text: Text


@dataclass(frozen=True)
class Items:
    items: tuple[Text, ...]


@dataclass(frozen=True)
class Table:
    """Columns in which every cell is empty are left out by `table`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]


Block = Paragraph | Items | Table


@dataclass(frozen=True)
class Section:
    """`tone` says how loud it is; `folded` sections are closed where the markup can."""

    title: str
    blocks: tuple[Block, ...]
    tone: Tone = "plain"
    folded: bool = False

    @property
    def loud(self) -> bool:
        return self.tone in LOUD

    @property
    def length(self) -> int:
        """How many items and rows it has."""
        lists = (block.items for block in self.blocks if isinstance(block, Items))
        tables = (block.rows for block in self.blocks if isinstance(block, Table))
        return sum(map(len, (*lists, *tables)))


@dataclass(frozen=True)
class Report:
    """What is said of one Review."""

    stack: str
    appliance: str
    digest: str
    verdict: Verdict
    counts: str
    caution: str = ""
    appliance_before: str = ""
    sections: tuple[Section, ...] = field(default=())


def marked(text: str, most: int = 400) -> Text:
    """A sentence in which backticks mark what others wrote; one whose own words look odd is a Value as a whole."""
    parts = text.split("`")
    ours, theirs = parts[::2], parts[1::2]
    plain = all(_PLAIN.fullmatch(part) and not _NOT_PLAIN.search(part) for part in ours)
    if not plain or len(ours) == len(theirs) or not all(theirs) or len(text) > most:
        return (Value(text, most),)
    return tuple(Value(part) if number % 2 else part for number, part in enumerate(parts) if part)


def listed(values: Iterable[str], most: int = 8) -> Text:
    """Values with commas between, and how many more there are."""
    known = list(values)
    parts: list[str | Value] = []
    for value in known[:most]:
        parts += [", ", Value(value)] if parts else [Value(value)]
    return (*parts, f" and {len(known) - most:,} more") if len(known) > most else tuple(parts)


def table(columns: Sequence[str], rows: Iterable[Sequence[Text]]) -> Table:
    """A Table without the columns that say nothing."""
    all_rows = [tuple(row) for row in rows]
    told = [number for number in range(len(columns)) if any(row[number] for row in all_rows)]
    return Table(tuple(columns[n] for n in told), tuple(tuple(row[n] for n in told) for row in all_rows))
