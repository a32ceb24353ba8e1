"""The fleet as one HTML page: sortable, searchable, readable on a telephone, and complete in itself. Pure.

Nothing is loaded: the one style and the one script are known by their hashes. Every text is escaped at one place,
`_text`; what others wrote stands in `code`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from review import page_frame
from review.visible import visible

from . import rows
from .model import FleetTenant, FleetView, StackView
from .page_script import SCRIPT
from .page_style import STYLE

_SHORT = 32  # characters that stay on one line


@dataclass(frozen=True)
class Cell:
    """What a cell shows and by what it is sorted. `code`: others wrote it. `more` stands below it, smaller."""

    text: str
    key: str = ""
    code: bool = False
    kind: str = ""
    more: str = ""


COLUMNS = (
    "Tenant", "Stack", "Owners", "Domain", "Ready", "Credential", "Team's", "Drift", "Next update", "Kind",
)  # fmt: skip
NUMBERS = ("Credential", "Team's")


def render(view: FleetView) -> str:
    """The page."""
    at = view.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    options = "".join(
        f'<option value="{number}{way}">{escape(column)}, {words}</option>'
        for number, column in enumerate(COLUMNS)
        for way, words in (("+", "smallest first"), ("-", "largest first"))
    )
    heads = "".join(_head(column) for column in COLUMNS)
    body = "\n".join(_row(tenant, view.at) for tenant in view.tenants)
    main = f"""<p class="label">Fleet, as of {escape(at)}</p>
<h1 class="title">{escape(rows.counts(view))}</h1>
<ul class="stacks">{"".join(map(_stack, view.stacks))}</ul>
<div class="controls" hidden>
<input type="search" id="search" placeholder="Search all columns" aria-label="Search all columns" autocomplete="off">
<label><input type="checkbox" id="only"> Only those that need a look</label>
<label class="order">Order <select id="order">{options}</select></label>
<span id="shown" role="status"></span>
</div>
<div class="scroll" tabindex="0"><table role="table">
<thead role="rowgroup"><tr role="row">{heads}</tr></thead>
<tbody role="rowgroup">
{body}
</tbody></table></div>"""
    return page_frame.framed(main, title=f"psaas fleet: {rows.counts(view)}", style=STYLE, script=SCRIPT)


def _stack(stack: StackView) -> str:
    told = f"<b>{_text(stack.name, code=True)}</b>" + (
        f" on {_text(stack.appliance, code=True)}" if stack.appliance else ""
    )
    read = f"read: {', '.join(stack.read)}" if stack.read else "nothing could be read"
    gaps = "".join(f' <span class="gap">Not read: {_text(gap)}.</span>' for gap in stack.gaps)
    retired = f"; retired names: {stack.retired}" if stack.retired else ""
    return f"<li>{told}, {escape(read)}{retired}.{gaps}</li>"


def _head(column: str) -> str:
    sort = "ascending" if column == "Tenant" else "none"
    kind = ' data-kind="number"' if column in NUMBERS else ""
    return (
        f'<th scope="col" role="columnheader" aria-sort="{sort}"{kind}>'
        f'<button type="button">{escape(column)}</button></th>'
    )


def _row(tenant: FleetTenant, at: datetime) -> str:
    shown = "".join(
        _cell(column, cell, first=column == COLUMNS[0])
        for column, cell in zip(COLUMNS, _cells(tenant, at), strict=True)
    )
    return f'<tr role="row"{" class=look" if tenant.needs_a_look else ""}>{shown}</tr>'


def _cells(tenant: FleetTenant, at: datetime) -> Iterator[Cell]:
    labels = ", ".join(f"{key}={value}" for key, value in tenant.labels.items())
    yield Cell(tenant.name, code=True, more=labels)
    yield Cell(tenant.stack or "none", code=bool(tenant.stack))
    yield Cell(", ".join(tenant.owners), code=True)
    yield Cell(tenant.domain, code=True)
    yield Cell(rows.readiness(tenant), kind="no" if tenant.ready == "no" else "")
    yield Cell(rows.credential(tenant, at), key=_number(rows.days(tenant.credential_since, at)))
    yield Cell(rows.team(tenant, at), key=_number(rows.days(tenant.team_since, at)))
    yield Cell("; ".join(tenant.drift), kind="drift" if tenant.drift else "")
    yield Cell(tenant.pending)
    yield Cell(tenant.status)


def _cell(column: str, cell: Cell, *, first: bool) -> str:
    classes = " ".join(filter(None, ("first" if first else "", cell.kind, "" if cell.text else "empty")))
    kind = ' data-kind="number"' if column in NUMBERS else ""
    more = f'<span class="labels">{_text(cell.more, code=True)}</span>' if cell.more else ""
    key = escape(visible(cell.key or cell.text))
    return (
        f'<td role="cell" class="{classes}" data-column="{escape(column)}"{kind} data-sort="{key}">'
        f"<span>{_text(cell.text, code=cell.code)}{more}</span></td>"
    )


def _number(days: int | None) -> str:
    return str(-1 if days is None else days)


def _text(text: str, *, code: bool = False) -> str:
    """A text, escaped, every character of it visible; what others wrote is marked as such."""
    if not text:
        return ""
    shown = visible(text, 300)
    if not code:
        return escape(shown)
    return f"<code{' class=short' if len(shown) <= _SHORT else ''}>{escape(shown)}</code>"
