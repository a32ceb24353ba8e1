"""Rate limits: the headers that every answer carries, and their enforcement where it is switched on. Knows no route.

Without enforcement nothing is counted down, so nobody is slowed by the headers. With it each domain has a bucket that
fills at a constant rate; `x-ratelimit-reset` is the time at which it is full again, in whole seconds since 1970.
"""

import functools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

from appliance import clock
from appliance.errors import ApiError, ManagementError, OAuthError

Header = tuple[bytes, bytes]
LIMIT = 50
MESSAGE = "Global limit has been reached"


def headers() -> list[Header]:
    """`date`, and limits that are never reached."""
    return _constant_headers(int(clock.seconds()))


def date() -> Header:
    return b"date", http_date(int(clock.seconds()))


@functools.lru_cache(maxsize=8)
def _constant_headers(second: int) -> list[Header]:
    return [(b"date", http_date(second)), *limit_headers(LIMIT, LIMIT - 1, second + 1)]


@functools.lru_cache(maxsize=8)
def http_date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()


def limit_headers(limit: int, remaining: int, reset: int | str) -> list[Header]:
    values = {"limit": limit, "remaining": remaining, "reset": reset}
    return [(f"x-ratelimit-{name}".encode(), str(value).encode()) for name, value in values.items()]


@dataclass
class Bucket:
    tokens: float
    filled_at: float


class RateLimits:
    """One bucket per domain, made when it is first asked for."""

    def __init__(self, per_second: float, burst: int, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._monotonic = monotonic
        self._buckets: dict[str, Bucket] = {}

    def take(self, tenant: str) -> tuple[bool, list[Header]]:
        """Whether the call may pass, and what its answer tells about the limit."""
        moment = self._monotonic()
        bucket = self._buckets.setdefault(tenant, Bucket(self._burst, moment))
        bucket.tokens = min(self._burst, bucket.tokens + (moment - bucket.filled_at) * self._per_second)
        bucket.filled_at = moment
        allowed = bucket.tokens >= 1
        if allowed:
            bucket.tokens -= 1
        full = math.ceil(clock.seconds() + (self._burst - bucket.tokens) / self._per_second)
        return allowed, [date(), *limit_headers(self._burst, int(bucket.tokens), full)]


def refusal(path: str) -> ApiError:
    if path == "/oauth/token":
        return OAuthError(429, "too_many_requests", MESSAGE)
    return ManagementError(429, MESSAGE, code="too_many_requests")


def parse(text: str) -> RateLimits:
    """Read `PER_SECOND[:BURST]`; raises ValueError."""
    rate, _, burst = text.partition(":")
    per_second = float(rate)
    if not 0.001 <= per_second <= 1_000_000:
        raise ValueError
    most = int(burst) if burst else max(1, math.ceil(per_second))
    if not 1 <= most <= 1_000_000:
        raise ValueError
    return RateLimits(per_second, most)
