"""What the crash tests stand on: a fleet on a stack and an appliance of its own, and nothing left behind."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest

from tests.crash.fleet import Fleet
from tests.crash.running import Running
from tests.engine.conftest import engine_bin, stack  # noqa: F401
from tests.engine.stack import Stack

Start = Callable[..., Running]


def pytest_runtest_setup(item: pytest.Item) -> None:
    if sys.platform != "linux":
        pytest.skip("finds processes in /proc: Linux only")


@pytest.fixture
def fleet(stack: Stack) -> Fleet:  # noqa: F811
    """Five tenants, declared and not made."""
    made = Fleet(stack)
    made.declare()
    return made


@pytest.fixture
def start(stack: Stack) -> Iterator[Start]:  # noqa: F811
    """Starts runs; whatever is left of them at the end of the test ends too."""
    started: list[Running] = []

    def begin(*command: str, **rest: object) -> Running:
        started.append(Running(stack, *command, **rest))  # type: ignore[arg-type]
        return started[-1]

    yield begin
    for run in started:
        run.end_leftovers()
