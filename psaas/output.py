"""Where a command says things, and in which form. Knows terminals and pipes; knows no commands.

Answers go to standard output: for people as lines and tables, or with `--json` as one document and nothing else. All
talk about what is being done goes to standard error. A pipe gets plain text, no colours, no progress, and no line of it
is folded. What comes from elsewhere can't move a cursor or forge a line.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from psaas.columns import GAP, Rows, layout

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
Document = Mapping[str, Any] | Sequence[Any]


class Output:
    """Standard output and standard error of one command. `as_json`: the answer is the document, not the lines."""

    def __init__(self, *, as_json: bool = False, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.as_json = as_json
        self._out, self._err = _console(out or sys.stdout), _console(err or sys.stderr)

    # -- answers, on standard output ----------------------------------------------------------------------------

    def document(self, document: Document) -> None:
        """The answer as JSON. Nothing where lines were asked for: call it beside `line` and `table`."""
        if self.as_json:
            self._raw(json.dumps(document, indent=2, ensure_ascii=False) + "\n")

    def text(self, text: str) -> None:
        """The answer as somebody else has written it, whole and as it is."""
        self._raw(text)

    def line(self, text: str, style: str = "") -> None:
        """A line of the answer; empty where JSON was asked for."""
        if not self.as_json:
            self._out.print(Text(clean(text), style=style), soft_wrap=True)

    def row(self, *cells: str, widths: Sequence[int], styles: Sequence[str] = ()) -> None:
        """A line of columns, all but the last as wide as said; on a terminal the last one is folded within itself."""
        if self.as_json:
            return
        if not self._out.is_terminal:
            padded = [clean(cell).ljust(width) for cell, width in zip(cells, widths, strict=False)]
            self._raw("  ".join([*padded, clean(cells[-1])]).rstrip() + "\n")
            return
        grid = Table.grid(padding=(0, 2, 0, 0))
        for width in widths:
            grid.add_column(width=width, no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(*(Text(clean(c), style=s) for c, s in zip_longest(cells, styles, fillvalue="")))
        self._out.print(grid)

    def table(
        self, columns: Sequence[str], rows: Rows, *, styles: Mapping[str, str] | None = None, least: Sequence[str] = ()
    ) -> None:
        """Rows under their columns; a cell that is a key of `styles` has that style on a terminal.

        A narrow terminal gets no columns of `least`, the first of them first, and is told so.
        """
        if self.as_json:
            return
        if not self._out.is_terminal:
            self._raw("".join(f"{line}\n" for line in _plain_table(columns, rows)))
            return
        cells = [[clean(cell) for cell in row] for row in rows]
        fits = layout(columns, cells, self._out.width, least=least)
        shown = fits.shown if fits else tuple(number for number, column in enumerate(columns) if column not in least)
        table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False, padding=(0, GAP, 0, 0))
        for place, number in enumerate(shown):  # one that is wider than the terminal is folded, and nothing is cut off
            table.add_column(columns[number], overflow="fold", width=fits.widths[place] if fits else None)
        for row in cells:
            table.add_row(*(Text(row[number], style=(styles or {}).get(row[number], "")) for number in shown))
        self._out.print(table)
        if fits and fits.left_out:
            self.say(f"too narrow for {', '.join(fits.left_out)}: make it wider, or use --json")

    def rendered(self, pretty: RenderableType, plain: str) -> None:
        """Something of rich's own on a terminal, and the same as text in a pipe."""
        if self.as_json:
            return
        if self._out.is_terminal:
            self._out.print(pretty)
        else:
            self._raw(plain)

    # -- talk, on standard error --------------------------------------------------------------------------------

    def say(self, text: str, style: str = "") -> None:
        """A line about what is being done."""
        self._err.print(Text(clean(text), style=style), soft_wrap=True)

    def warning(self, text: str) -> None:
        """Something that doesn't stop us and that a person should know."""
        self._marked("warning", "yellow", text)

    def error(self, text: str) -> None:
        """What is wrong, a line each, and the way out."""
        self._marked("error", "red", text)

    @contextmanager
    def progress(self, what: str, total: int) -> Iterator[Callable[[], None]]:
        """A bar while a long piece of work runs, on terminals only; call what it gives once for each step done."""
        bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=self._err, transient=True, disable=not self._err.is_terminal,
        )  # fmt: skip
        with bar:
            task = bar.add_task(clean(what), total=total)
            yield lambda: bar.advance(task)

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """What is being waited for, while it lasts, on terminals only."""
        if not self._err.is_terminal:
            yield
            return
        with self._err.status(Text(clean(what))):
            yield

    def _marked(self, word: str, style: str, text: str) -> None:
        for line in text.split("\n"):
            self._err.print(Text.assemble((f"{word}:", style), " ", clean(line)), soft_wrap=True)

    def _raw(self, text: str) -> None:
        self._out.file.write(text)
        self._out.file.flush()


def clean(text: str) -> str:
    """A text without anything that could move a cursor, recolour or forge a line; line ends and tabs stay."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def _console(stream: TextIO) -> Console:
    """Whether it is a terminal is asked of the stream: no variable makes a pipe one."""
    terminal = stream.isatty()
    return Console(
        file=stream, force_terminal=terminal, no_color=None if terminal else True,
        highlight=False, markup=False, emoji=False,
    )  # fmt: skip


def _plain_table(columns: Sequence[str], rows: Rows) -> list[str]:
    """Aligned by blanks; the last column is as long as it is."""
    lines = [[clean(cell).replace("\n", " ") for cell in row] for row in (columns, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(columns) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[-1]]).rstrip()
        for line in lines
    ]
