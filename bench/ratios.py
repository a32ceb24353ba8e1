"""Medians, spreads, and ratios of things that were measured in the same pair. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.samples import Sample


@dataclass(frozen=True)
class Spread:
    """The middle of several values, the least and the most of them."""

    median: float
    least: float
    most: float
    count: int

    def text(self, unit: str = "") -> str:
        """For a table: `1.31 (1.22 to 1.48, 5)`; a single value stands alone."""
        if self.count == 1 or self.least == self.most:
            return f"{figure(self.median)}{unit}"
        return f"{figure(self.median)}{unit} ({figure(self.least)} to {figure(self.most)})"


def of(values: Sequence[float]) -> Spread | None:
    """None where nothing was measured."""
    if not values:
        return None
    return Spread(statistics.median(values), min(values), max(values), len(values))


def ratios(above: Sequence[Sample], below: Sequence[Sample]) -> list[float]:
    """Seconds by seconds, for each pair in which both were measured."""
    return combined(above, below, lambda one, other: one / other)


def combined(first: Sequence[Sample], second: Sequence[Sample], how: Callable[[float, float], float]) -> list[float]:
    """A number from the medians of the seconds of each pair in which both were measured."""
    ours, theirs = _by_pair(first), _by_pair(second)
    return [how(ours[pair], theirs[pair]) for pair in sorted(ours.keys() & theirs.keys())]


def _by_pair(samples: Sequence[Sample]) -> dict[int, float]:
    pairs = {sample.pair for sample in samples}
    return {pair: statistics.median(each.seconds for each in samples if each.pair == pair) for pair in pairs}


def figure(value: float) -> str:
    """Three digits that count, and no more; whole numbers as they are."""
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
