"""How far a long run is, and when it will end. Knows a clock; no Pulumi, no HTTP.

A line at most for each tenth or half minute, so that a job's log stays readable; none for a short run.
"""

from __future__ import annotations

import time
from collections.abc import Callable

FEW = 50
SHARE_TOLD = 0.1
LONGEST_SILENCE_SECONDS = 30.0
SHORTEST_SILENCE_SECONDS = 5.0


class Progress:
    """One run of `total` resources, from now on."""

    def __init__(self, total: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._clock = total, clock
        self._began_at = self._told_at = clock()
        self._done = self._told = 0

    def done(self) -> str | None:
        """One more is through. A line for people, where it is time for one."""
        self._done += 1
        now = self._clock()
        silent = now - self._told_at
        enough = self._done - self._told >= SHARE_TOLD * self._total and silent >= SHORTEST_SILENCE_SECONDS
        last = self._done >= self._total
        if self._total < FEW or last or not (enough or silent >= LONGEST_SILENCE_SECONDS):
            return None
        self._told_at, self._told = now, self._done
        left = (now - self._began_at) / self._done * (self._total - self._done)
        return f"{self._done:,} of {self._total:,} resources are through, about {_duration(left)} left"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(5, 5 * round(seconds / 5))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
