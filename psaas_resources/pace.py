"""How fast a host may be asked: as fast as its own rate-limit headers say, for all threads together. Knows no requests.

An answer tells how many more requests its host allows right now, and when all of them are allowed again. Those that are
under way are taken from that, and what comes back with time is added; whoever finds none left waits. The headers are
coarse, so this expects a little too few to come back: the next answer tells what was left over, and it is used then.
"""

from __future__ import annotations

import contextlib
import email.utils
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

SLOWEST_PER_SECOND = 0.5  # what is expected to come back where a host doesn't say when
LONGEST_RESET_SECONDS = 3600.0
MEASURED_SECONDS = 1.0
# A request whose answer came out of turn may have taken one more; of a small limit none can be left for that.
SPARE, SMALL_LIMIT = 1, 8


@dataclass
class Window:
    """A time in which a host allowed less than its limit: what was left at first, and what was carried out since."""

    since: float
    left: float
    carried_out: int = 0


@dataclass
class Allowance:
    """What one host allows, as far as its answers tell. Times are those of the caller's clock, in seconds."""

    remaining: float | None = None  # at `told_at`, less what was under way then
    per_second: float = SLOWEST_PER_SECOND
    told_at: float = 0.0
    held_until: float = 0.0
    spare: int = 0
    under_way: int = 0
    newest: int = 0  # no answer to this request, or an earlier one, tells of all requests before it
    seen: Window | None = None

    def seconds_to_wait(self, now: float) -> float:
        """How long until the next request may go, 0 for now. An answer in between may change it."""
        held = self.held_until - now
        if held > 0 or self.remaining is None:
            return max(held, 0.0)
        free = self._left(now) - self.under_way
        return max(0.0, (1 + self.spare - free) / self.per_second)

    def told(self, answer: Request, *, now: float, sent: int) -> None:
        """Take in an answer, `sent` requests having been sent so far, everywhere."""
        values = {name.lower(): value.strip() for name, value in answer.headers.items()}
        if values.get("retry-after", "").isdecimal():
            self.held_until = max(self.held_until, now + min(float(values["retry-after"]), 30.0))
        if self.seen and not answer.refused:
            self.seen.carried_out += 1
        limit, remaining = (values.get(f"x-ratelimit-{name}", "") for name in ("limit", "remaining"))
        if not (limit.isdecimal() and remaining.isdecimal()):
            return
        if self.remaining is not None and answer.number <= self.newest:
            # It was under way together with others whose answers came first: it may tell of less, and not of more.
            self.remaining, self.told_at = min(self._left(now), float(remaining)), now
            return
        self.newest, self.told_at, self.remaining = sent, now, float(remaining)
        self.spare = SPARE if float(limit) >= SMALL_LIMIT else 0
        seconds = _seconds_to_reset(values)
        coarse = (float(limit) - self.remaining) / seconds if seconds else 0.0
        self.per_second = max(SLOWEST_PER_SECOND, coarse, self._measured(float(limit), now))

    def _left(self, now: float) -> float:
        return (self.remaining or 0.0) + self.per_second * (now - self.told_at)

    def _measured(self, limit: float, now: float) -> float:
        """What has come back a second, for as long as there is something to come back."""
        left = self.remaining or 0.0
        if self.seen is None or left >= limit - 1:
            self.seen = Window(now, left)
        seconds = now - self.seen.since
        came_back = self.seen.carried_out + left - self.seen.left
        return came_back / seconds if seconds >= MEASURED_SECONDS else 0.0


@dataclass
class Request:
    """One request that is under way. `headers` are those of its answer; `refused`: that was a 429."""

    number: int
    headers: Mapping[str, str] = field(default_factory=dict)
    refused: bool = False


class Pace:
    """The allowances of all hosts. Safe for several threads. `wait` is told what may end it early, and the seconds."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[threading.Condition, float], object] = threading.Condition.wait,
    ) -> None:
        self._clock, self._wait = clock, wait
        self._changed = threading.Condition()
        self._allowances: dict[str, Allowance] = {}
        self._count = 0

    @contextlib.contextmanager
    def request(self, place: str) -> Iterator[Request]:
        """Wait until `place` allows one more request, then send it inside."""
        with self._changed:
            allowance = self._allowances.setdefault(place, Allowance())
            while (seconds := allowance.seconds_to_wait(self._clock())) > 0:
                self._wait(self._changed, seconds)
            self._count += 1
            allowance.under_way += 1
            request = Request(self._count)
        try:
            yield request
        finally:
            with self._changed:
                allowance.under_way -= 1
                allowance.told(request, now=self._clock(), sent=self._count)
                self._changed.notify_all()


def _seconds_to_reset(values: Mapping[str, str]) -> float | None:
    """Seconds until all requests are allowed again, by the host's own clock; None where it doesn't say so clearly."""
    date, reset = email.utils.parsedate_tz(values.get("date", "")), values.get("x-ratelimit-reset", "")
    if date is None or not reset.isdecimal():
        return None
    try:
        seconds = float(reset) - email.utils.mktime_tz(date)
    except (ValueError, OverflowError):
        return None
    return max(seconds, 1.0) if 0 <= seconds <= LONGEST_RESET_SECONDS else None
