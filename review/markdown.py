"""Reviews as Markdown for a comment under a pull request: who reads it has ten seconds. Pure; the same bytes always.

What others wrote stands in code spans only, where no Markdown, HTML, mention, reference, link or emoji is read. Long
reports lose rows, the harmless ones first, and say how many.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from . import report
from .document import Block, Items, Paragraph, Report, Section, Table, Text, Value
from .model import Review
from .visible import visible

MOST_BYTES = 60_000  # GitHub takes comments of up to 65,536 characters
NOTHING = (
    "<!-- psaas-review: stack= -->\n### ✅ psaas review: fine\n\nNothing changes: no stack file and no other file.\n"
)
_TONES = {"forbidden": "⛔ ", "danger": "⚠️ "}
_SIGNS = {0: "✅", 1: "🟠", 2: "⛔"}
# How many rows a block may have, for the quiet sections and for the loud ones, until the report is short enough.
_CUTS = ((5000, 5000), *((rows, 5000) for rows in (1000, 300, 100, 50, 20, 5, 0)), *((0, n) for n in (300, 100, 20, 5)))


def render(reviews: Sequence[Review], *, most_bytes: int = MOST_BYTES) -> str:
    """The report on one or more stacks, in at most `most_bytes` bytes of UTF-8."""
    if not reviews:
        return (
            "<!-- psaas-review: stack= -->\n### psaas review: fine\n\nNothing changes: no stack file, no other file.\n"
        )
    reports = [report.of(review) for review in reviews]
    for quiet, loud in _CUTS:
        text = _document(reports, _Printer(quiet, loud))
        if len(text.encode()) <= most_bytes:
            return text
    return _as_many_as_fit(reports, most_bytes)


def _document(reports: Sequence[Report], printer: _Printer) -> str:
    return "\n---\n\n".join("\n".join(printer.report(one)) for one in reports)


def _as_many_as_fit(reports: Sequence[Report], most_bytes: int) -> str:
    """Headlines and reasons alone, of as many stacks as have room; the worst first."""
    ordered = sorted(reports, key=lambda one: -one.verdict.status)
    printer = _Printer(0, 0)
    for number in range(len(ordered), 0, -1):
        left = len(ordered) - number
        told = [f"**… and {left:,} more stacks, in the HTML report.**\n"] if left else []
        text = "\n---\n\n".join(["\n".join(printer.head(one)) for one in ordered[:number]] + told)
        if len(text.encode()) <= most_bytes:
            return text
    raise ValueError(f"no report fits in {most_bytes} bytes")


@dataclass(frozen=True)
class _Printer:
    quiet_rows: int
    loud_rows: int

    def report(self, one: Report) -> Iterator[str]:
        yield from self.head(one)
        for section in one.sections:
            yield from self.section(section)

    def head(self, one: Report) -> Iterator[str]:
        yield f"<!-- psaas-review: stack={quote(one.stack, safe='', errors='surrogatepass')} -->"
        yield f"<!-- psaas-review: actions={one.digest} verdict={one.verdict.status} -->"
        moved = f"{span(Value(one.appliance_before))} → " if one.appliance_before else ""
        where = f" on {moved}{span(Value(one.appliance))}" if one.appliance else ""
        what = f" · {span(Value(one.stack))}{where}" if one.stack else ""
        yield f"### {_SIGNS[one.verdict.status]} psaas review{what}: {one.verdict.word}\n"
        yield f"**{one.counts}**\n"
        for reason in one.verdict.reasons:
            yield f"- {reason}"
        if one.verdict.reasons:
            yield ""
        if one.caution:
            yield f"> [!WARNING]\n> {one.caution}\n"

    def section(self, section: Section) -> Iterator[str]:
        rows = self.loud_rows if section.loud else self.quiet_rows
        if section.folded:
            yield f"<details><summary><b>{section.title}</b> ({section.length:,})</summary>\n"
        else:
            yield f"#### {_TONES.get(section.tone, '')}{section.title}\n"
        for block in section.blocks:
            yield from _block(block, rows, loud=section.loud)
        if section.folded:
            yield "</details>\n"


def _block(block: Block, most: int, *, loud: bool) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield f"> [!CAUTION]\n> {inline(text)}\n" if loud else f"{inline(text)}\n"
        case Items(items):
            yield from (f"- {inline(item)}" for item in items[:most])
            yield from _cut(len(items) - most, loud=loud)
            yield ""
        case Table(columns, rows):
            if rows[:most]:
                yield _row(columns)
                yield _row("---" for _ in columns)
                yield from (_row(inline(cell, in_table=True) for cell in row) for row in rows[:most])
                yield ""
            yield from _cut(len(rows) - most, loud=loud)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cut(left: int, *, loud: bool) -> Iterator[str]:
    if left > 0:
        words = f"… and {left:,} more, in the HTML report"
        yield f"\n**{words}**\n" if loud else f"\n{words}\n"


def inline(text: Text, *, in_table: bool = False) -> str:
    """Our words as they are, and what others wrote in code spans."""
    return "".join(span(part, in_table=in_table) if isinstance(part, Value) else part for part in text)


def span(value: Value, *, in_table: bool = False) -> str:
    """A code span that ends where it should: its fence is longer than any run of backticks inside.

    A row is cut at its pipes before spans are read, so a pipe in a cell is escaped; since `visible` doubles
    backslashes, an odd number of them precedes it, which every reader of tables takes for an escape.
    """
    text = visible(value.text, value.most)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text.strip(" ") and (text[0] in " `" or text[-1] in " `") else ""
    shown = text.replace("|", "\\|") if in_table else text
    return f"{fence}{pad}{shown}{pad}{fence}" if text else "(empty)"
