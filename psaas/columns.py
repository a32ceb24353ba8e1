"""Which columns of a table a terminal has room for, and how wide each is. Pure.

A word is never broken: cells are folded between words, and where that isn't enough, columns are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 2  # blanks between two columns
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Layout:
    """Numbers of the columns that are shown, the width of each, and the headings of those left out with their words."""

    shown: tuple[int, ...]
    widths: tuple[int, ...]
    left_out: tuple[str, ...] = ()


def layout(columns: Sequence[str], rows: Rows, room: int, *, least: Sequence[str] = ()) -> Layout | None:
    """How the table fits into `room` characters; None where it doesn't.

    `least` are the headings that may be left out, the least important first; columns without a word go before them.
    """
    lines = [columns, *rows]
    words = [max(_longest_word(line[number]) for line in lines) for number in range(len(columns))]
    whole = [max(len(line[number]) for line in lines) for number in range(len(columns))]
    kept = list(range(len(columns)))
    empty = [n for n in range(len(columns)) if not any(row[n] for row in rows)]
    for number in (None, *sorted(map(columns.index, least), key=lambda n: n not in empty)):
        if number is not None:
            kept.remove(number)
        free = room - sum(words[n] for n in kept) - GAP * (len(kept) - 1)
        if free >= 0:
            widths = _widths([words[n] for n in kept], [whole[n] for n in kept], free)
            gone = [n for n in range(len(columns)) if n not in (*kept, *empty)]
            return Layout(tuple(kept), widths, tuple(columns[n] for n in gone))
    return None


def _widths(words: Sequence[int], whole: Sequence[int], free: int) -> tuple[int, ...]:
    """Widths between the longest word and the longest cell: what is free goes first to those that need the least."""
    widths = list(words)
    for number in sorted(range(len(words)), key=lambda n: whole[n] - words[n]):
        more = min(free, whole[number] - words[number])
        widths[number] += more
        free -= more
    return tuple(widths)


def _longest_word(cell: str) -> int:
    return max(map(len, cell.split()), default=0)
