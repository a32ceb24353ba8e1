"""Reviews as one HTML page: no network, no script, light and dark. Pure; the same bytes always.

Every text is escaped at one place, `_text`; what others wrote stands in `code`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from . import page_frame, report, verdict
from .document import Block, Items, Paragraph, Report, Section, Table, Text, Value
from .model import Review
from .page_style import STYLE
from .visible import visible

_SHORT = 22  # characters that stay on one line
_TONES = {0: "fine", 1: "ask", 2: "stop"}
_SIGNS = {
    0: "M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22Zm-1.8 16.2-4.4-4.4 1.7-1.7 2.7 2.7 6.3-6.3 1.7 1.7Z",
    1: "M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22Zm1.4 17.4h-2.8v-2.6h2.8Zm0-4.4h-2.8V5.6h2.8Z",
    2: "M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4ZM5.5 10.4v3.2h13v-3.2Z",
}


def render(reviews: Sequence[Review]) -> str:
    """The page for one or more stacks."""
    reports = [report.of(review) for review in reviews]
    stacks = ", ".join(visible(one.stack) for one in reports if one.stack) or "no stack"
    title = f"psaas review · {stacks}: {verdict.WORDS[verdict.highest(reviews)]}"
    body = "\n".join("\n".join(_report(one, number)) for number, one in enumerate(reports, 1))
    nothing = "<p>Nothing changes: no stack file and no other file.</p>"
    heading = '<h1 class="label">Review of a change of tenants</h1>'
    return page_frame.framed(f"{heading}\n{body or nothing}", title=title, style=STYLE)


def _report(one: Report, number: int) -> Iterator[str]:
    yield f'<article class="review" aria-labelledby="verdict-{number}">'
    if one.stack:
        moved = f"{_text((Value(one.appliance_before),))} → " if one.appliance_before else ""
        where = f" on {moved}{_text((Value(one.appliance),))}" if one.appliance else ""
        yield f'<p class="where">Stack {_text((Value(one.stack),))}{where}</p>'
    yield f'<div class="verdict {_TONES[one.verdict.status]}">'
    yield f'<h2 id="verdict-{number}">{_sign(one.verdict.status)}{escape(one.verdict.word.capitalize())}</h2>'
    yield f'<p class="counts">{escape(one.counts)}</p>'
    if one.verdict.reasons:
        yield f'<ul class="reasons">{"".join(f"<li>{escape(reason)}</li>" for reason in one.verdict.reasons)}</ul>'
    yield "</div>"
    if one.caution:
        yield f'<p class="caution" role="note">{escape(one.caution)}</p>'
    for section in one.sections:
        yield from _section(section)
    yield "</article>"


def _section(section: Section) -> Iterator[str]:
    sign = {"forbidden": _sign(2), "danger": _sign(1)}.get(section.tone, "")
    counted = f' <span class="number">{section.length:,}</span>' if section.length > 1 else ""
    heading = f"<h3>{sign}{escape(section.title)}{counted}</h3>"
    yield f'<section class="{section.tone}">'
    if section.folded:
        yield f"<details><summary>{heading}</summary>"
    else:
        yield heading
    for block in section.blocks:
        yield from _block(block)
    if section.folded:
        yield "</details>"
    yield "</section>"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield f"<p>{_text(text)}</p>"
        case Items(items):
            yield f"<ul>{''.join(f'<li>{_text(item)}</li>' for item in items)}</ul>"
        case Table(columns, rows):
            heads = "".join(f'<th scope="col" role="columnheader">{escape(column)}</th>' for column in columns)
            yield '<div class="scroll" tabindex="0"><table role="table">'
            yield f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>'
            yield '<tbody role="rowgroup">'
            for row in rows:
                cells = (
                    _cell(column, text, first=column == columns[0]) for column, text in zip(columns, row, strict=True)
                )
                yield f'<tr role="row">{"".join(cells)}</tr>'
            yield "</tbody></table></div>"


def _cell(column: str, text: Text, *, first: bool) -> str:
    kind = ' class="first"' if first else "" if text else ' class="empty"'
    return f'<td{kind} role="cell" data-column="{escape(column)}"><span>{_text(text)}</span></td>'


def _sign(status: int) -> str:
    return f'<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{_SIGNS[status]}"/></svg>'


def _text(text: Text) -> str:
    """Our words and, in `code`, what others wrote: both escaped."""
    return "".join(_value(part) if isinstance(part, Value) else escape(part) for part in text)


def _value(value: Value) -> str:
    shown = visible(value.text, value.most)
    kind = ' class="short"' if len(shown) <= _SHORT else ""
    return f"<code{kind}>{escape(shown)}</code>"
