"""A stranger's text within our sentences: it can't begin a line, move a cursor or go on for ever."""

from __future__ import annotations

from collections.abc import Iterable


def printable(text: str, most: int = 120) -> str:
    """One short line of visible characters."""
    line = "".join(c if c.isprintable() else " " for c in text[: most * 4]).strip()
    return line if len(line) <= most else f"{line[: most - 1]}…"


def quoted(text: str) -> str:
    """In double quotes; its own become single ones, so that it can't seem to end early."""
    return f'"{printable(text).replace(chr(34), chr(39))}"'


def listed(texts: Iterable[str], most: int = 8) -> str:
    """`"a", "b" and 3 more`."""
    given = list(texts)
    shown = ", ".join(map(quoted, given[:most]))
    return shown if len(given) <= most else f"{shown} and {len(given) - most} more"


def counted(number: int, noun: str) -> str:
    """`1 owner`, `2 owners`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
