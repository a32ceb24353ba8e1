"""A stranger's text on one line, every character of it visible. Knows no markup.

A backslash begins an escape, so it is doubled itself: what is shown stands for one text only. Escaped are control
characters, line ends, what reorders a line (bidirectional marks), and what has no shape of its own.
"""

from __future__ import annotations

import unicodedata

# Printable by Unicode's word, and yet nothing is seen.
_SHAPELESS = frozenset(
    (
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        *range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0),
    )
)  # fmt: skip
_MARKS_IN_A_ROW = 2  # more of them, written over each other, cover the lines above


def visible(text: str, most: int = 200) -> str:
    """`text` with escapes as in JSON (`\\n`, `\\u202e`), cut with `…` after `most` characters."""
    cut, rest = text[:most], "…" if len(text) > most else ""
    if cut.isascii() and cut.isprintable() and "\\" not in cut:
        return cut + rest
    shown: list[str] = []
    marks = 0
    for character in cut:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        shown.append(_escape(character) if marks > _MARKS_IN_A_ROW or _hidden(character) else character)
    return "".join(shown) + rest


def _hidden(character: str) -> bool:
    return character == "\\" or not character.isprintable() or ord(character) in _SHAPELESS


def _escape(character: str) -> str:
    short = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    code = ord(character)
    return short.get(character) or (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
