"""Words for work that takes minutes: durations, counts, and how often to speak. Writes nothing itself."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

Say = Callable[[str], None]


def say_nothing(text: str) -> None:
    """The default listener."""


def at_most_every(seconds: float, say: Say, *, clock: Callable[[], float] = time.monotonic) -> Say:
    """Passes on the first text and then one per period; the texts between are replaced by later ones anyway."""
    last = clock() - seconds

    def throttled(text: str) -> None:
        nonlocal last
        now = clock()
        if now - last >= seconds:
            last = now
            say(text)

    return throttled


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@contextlib.contextmanager
def ticking(tick: Callable[[], None], seconds: float = 1.0) -> Iterator[None]:
    """Calls `tick` every so often while the block runs: a clock that moves tells work from a hang."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(seconds):
            tick()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Stopwatch:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start = clock()

    def __str__(self) -> str:
        return duration(self._clock() - self._start)
