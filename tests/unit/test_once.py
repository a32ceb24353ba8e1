"""What a process has one of: made once, however many threads ask first."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from psaas_resources import escrow, limits, management, posting
from psaas_resources.once import Once

THREADS = 16


def test_threads_that_ask_at_the_same_time_are_given_the_same_object() -> None:
    at_once = threading.Barrier(THREADS)

    @Once
    def slow(_name: str) -> object:
        time.sleep(0.05)
        return object()

    def ask() -> object:
        at_once.wait()
        return slow("customer-1")

    with ThreadPoolExecutor(THREADS) as pool:
        given = [asked.result() for asked in [pool.submit(ask) for _ in range(THREADS)]]

    assert len(set(map(id, given))) == 1
    assert slow("customer-2") is not given[0]
    slow.cache_clear()
    assert slow("customer-1") is not given[0]


@pytest.mark.parametrize("one", [escrow.of, limits._of, management.connect, posting.of])
def test_client_escrow_turns_and_counts_are_made_once_in_a_process(one: object) -> None:
    assert isinstance(one, Once)
