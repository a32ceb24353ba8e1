"""Charts as SVG text: lines over logarithmic axes, and bars. The same numbers always give the same text.

Colours are readable on light and dark pages, and what they tell is written beside them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise

from bench.ratios import figure

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 170, 40, 50
COLOURS = ("#3b7dd8", "#8a8f98", "#d9822b", "#4a9d5b", "#a05cc0", "#c94f5d")
Points = Sequence[tuple[float, float]]


def lines(title: str, series: Mapping[str, Points], *, across: str, up: str) -> str:
    """Each series as a line with dots; its name stands at its end."""
    drawn = {name: points for name, points in series.items() if points}
    xs = [x for points in drawn.values() for x, _ in points] or [1.0]
    ys = [y for points in drawn.values() for _, y in points] or [1.0]
    x_axis = _Log(min(xs), max(xs), LEFT, WIDTH - RIGHT)
    y_axis = _Log(min(ys), max(ys), HEIGHT - BOTTOM, TOP)
    parts = [_text(WIDTH / 2, 22, title, "middle", bold=True)]
    for value in x_axis.ticks():
        parts.append(_line(x_axis.at(value), TOP, x_axis.at(value), HEIGHT - BOTTOM))
        parts.append(_text(x_axis.at(value), HEIGHT - BOTTOM + 18, f"{value:,.10g}", "middle"))
    for value in y_axis.ticks():
        parts.append(_line(LEFT, y_axis.at(value), WIDTH - RIGHT, y_axis.at(value)))
        parts.append(_text(LEFT - 8, y_axis.at(value) + 4, f"{value:,.10g}", "end"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, across, "middle"))
    parts.append(_text(LEFT, TOP - 8, up, "end"))
    ends = [y_axis.at(points[-1][1]) for points in drawn.values()]
    for index, ((name, points), end) in enumerate(zip(drawn.items(), _apart(ends), strict=True)):
        colour = COLOURS[index % len(COLOURS)]
        places = [(x_axis.at(x), y_axis.at(y)) for x, y in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
        parts.append(_text(WIDTH - RIGHT + 10, end + 4, name, "start", colour=colour))
    return _svg(parts, HEIGHT, title)


def bars(title: str, rows: Sequence[tuple[str, Mapping[str, float]]], *, unit: str) -> str:
    """Groups of bars that lie, each with its number; the colours are those of the names within the groups."""
    names = list(dict.fromkeys(name for _, values in rows for name in values))
    most = max((value for _, values in rows for value in values.values()), default=1.0)
    left, right, thick = 190, 90, 18
    parts = [_text(WIDTH / 2, 22, title, "middle", bold=True)]
    y = TOP + 8.0
    for group, values in rows:
        parts.append(_text(left - 10, y + thick * len(values) / 2 + 4, group, "end"))
        for name, value in values.items():
            colour = COLOURS[names.index(name) % len(COLOURS)]
            long = max(1.0, (WIDTH - left - right) * value / most)
            parts.append(f'<rect x="{left}" y="{y:.1f}" width="{long:.1f}" height="{thick - 4}" fill="{colour}"/>')
            parts.append(_text(left + long + 6, y + 11, f"{figure(value)}{unit}", "start"))
            y += thick
        y += 10
    for index, name in enumerate(names):
        parts.append(_text(left + 130 * index, y + 12, f"■ {name}", "start", colour=COLOURS[index % len(COLOURS)]))
    return _svg(parts, int(y + 30), title)


class _Log:
    """A logarithmic axis from a little below the least value to a little above the most."""

    def __init__(self, least: float, most: float, begin: float, end: float) -> None:
        self._low, self._high = math.log10(least) - 0.05, math.log10(most) + 0.05
        self._begin, self._end = begin, end

    def at(self, value: float) -> float:
        share = (math.log10(value) - self._low) / (self._high - self._low)
        return self._begin + share * (self._end - self._begin)

    def ticks(self) -> list[float]:
        """1, 3, 10, 30 and so on, as far as they lie on the axis."""
        powers = range(math.floor(self._low), math.ceil(self._high) + 1)
        all_of_them = [step * 10.0**power for power in powers for step in (1, 3)]
        return [value for value in all_of_them if self._low <= math.log10(value) <= self._high]


def _apart(places: Sequence[float], distance: float = 15.0) -> list[float]:
    """Places for words, moved so that none covers another, in the given order."""
    moved = list(places)
    order = sorted(range(len(places)), key=lambda index: places[index])
    for one, other in pairwise(order):
        moved[other] = max(moved[other], moved[one] + distance)
    return moved


def _svg(parts: Sequence[str], height: int, title: str) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}" font-family="sans-serif" font-size="12">'
    )
    ground = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    return "\n".join([head, ground, *parts, "</svg>", ""])


def _text(x: float, y: float, words: str, anchor: str, *, colour: str = "#333333", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#dddddd"/>'
