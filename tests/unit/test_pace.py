"""How fast a host is asked: as fast as its headers say, by all threads together, and no faster."""

from __future__ import annotations

import email.utils
import threading
from typing import Any

import pytest

from appliance.rate_limits import RateLimits
from psaas_resources.pace import SLOWEST_PER_SECOND, SPARE, Allowance, Pace, Request

NOW = 1_000_000


def told(limit: int, remaining: int, seconds: float | None = 2, **more: str) -> dict[str, str]:
    headers = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(remaining)}
    if seconds is not None:
        headers |= {"Date": email.utils.formatdate(NOW, usegmt=True), "X-RateLimit-Reset": str(int(NOW + seconds))}
    return headers | more


def after(headers: dict[str, str], **fields: Any) -> Allowance:
    allowance = Allowance(**fields)
    allowance.told(Request(1, headers), now=100.0, sent=1)
    return allowance


def test_a_host_that_tells_nothing_is_not_waited_for() -> None:
    assert after({}).seconds_to_wait(100.0) == 0
    assert after({"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "0"}).seconds_to_wait(100.0) == 0


def test_what_is_allowed_now_goes_now_less_what_is_under_way() -> None:
    assert after(told(50, 3 + SPARE), under_way=2).seconds_to_wait(100.0) == 0
    assert after(told(50, 3 + SPARE), under_way=3).seconds_to_wait(100.0) > 0
    assert after(told(5, 1)).seconds_to_wait(100.0) == 0


def test_where_nothing_is_left_the_wait_is_as_long_as_one_request_takes_to_come_back() -> None:
    allowance = after(told(50, SPARE, seconds=2))
    assert allowance.seconds_to_wait(100.0) == pytest.approx(2 / (50 - SPARE))
    assert allowance.seconds_to_wait(100.0 + 2 / 49) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("seconds", [None, -5, 10**6])
def test_a_reset_that_says_nothing_makes_a_slow_try_and_no_standstill(seconds: float | None) -> None:
    assert after(told(5, 0, seconds)).seconds_to_wait(100.0) == 1 / SLOWEST_PER_SECOND


def test_of_answers_that_come_out_of_turn_the_one_that_tells_of_less_counts() -> None:
    allowance = after(told(50, 5))
    allowance.told(Request(7, told(50, 5)), now=100.0, sent=9)
    allowance.told(Request(8, told(50, 20)), now=100.0, sent=9)
    assert allowance.remaining == 5
    allowance.told(Request(9, told(50, 4)), now=100.0, sent=10)
    assert allowance.remaining == 4
    allowance.told(Request(10, told(50, 20)), now=100.0, sent=10)
    assert allowance.remaining == 20


def test_what_has_come_back_is_measured_where_the_reset_is_told_in_whole_seconds_only() -> None:
    allowance = after(told(50, 10, seconds=20))
    for number in range(2, 102):
        allowance.told(Request(number, told(50, 10, seconds=20)), now=100.0 + number / 50, sent=number)
    assert allowance.per_second == pytest.approx(50, rel=0.05)


@pytest.mark.parametrize(("asked", "seconds"), [("3", 3.0), ("86400", 30.0), ("0", 0.0), ("soon", 0.0)])
def test_what_one_thread_is_asked_to_wait_all_threads_wait(asked: str, seconds: float) -> None:
    assert after({"Retry-After": asked}).seconds_to_wait(100.0) == seconds


class Limited:
    """A host with the appliance's own limit, asked by threads; it counts."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._limits, self._lock = RateLimits(per_second, burst), threading.Lock()
        self.answers: list[int] = []

    def ask(self) -> dict[str, str]:
        with self._lock:
            allowed, headers = self._limits.take("rta")
            self.answers.append(200 if allowed else 429)
            return {name.decode(): value.decode() for name, value in headers}


@pytest.fixture
def host() -> Limited:
    return Limited(per_second=100, burst=10)


def test_many_threads_together_never_run_into_the_limit(host: Limited) -> None:
    pace = Pace()

    def work() -> None:
        for _ in range(4):
            with pace.request("rta") as request:
                request.headers = host.ask()

    work()  # as in every run, what comes first goes alone: a token
    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert host.answers == [200] * 84


def test_hosts_have_nothing_to_do_with_each_other() -> None:
    pace = Pace()
    with pace.request("customer-1") as request:
        request.headers = {"Retry-After": "30"}
    with pace.request("customer-2"):
        pass
