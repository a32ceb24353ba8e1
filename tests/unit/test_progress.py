"""What people are told of a long run: how far it is, when it will end, and not too often."""

from __future__ import annotations

import pytest

from psaas_resources.progress import FEW, Progress


def told(resources: int, seconds_each: float) -> list[str]:
    """The lines of a run of which each resource takes so long."""
    now = [1000.0]
    progress = Progress(resources, clock=lambda: now[0])
    lines = []
    for _ in range(resources):
        now[0] += seconds_each
        lines.append(progress.done())
    return [line for line in lines if line]


def test_a_run_of_a_thousand_says_at_each_tenth_how_far_it_is_and_when_it_will_end() -> None:
    lines = told(1000, 0.12)
    assert lines[0] == "100 of 1,000 resources are through, about 2 min left"
    assert lines[-1] == "900 of 1,000 resources are through, about 10 s left"
    assert len(lines) == 9


def test_a_slow_run_says_so_each_half_minute() -> None:
    lines = told(100, 10.0)
    assert lines[0] == "3 of 100 resources are through, about 16 min left"
    assert len(lines) == 33


@pytest.mark.parametrize(("resources", "seconds_each"), [(1000, 0.004), (FEW - 1, 60.0)])
def test_a_short_run_says_nothing(resources: int, seconds_each: float) -> None:
    assert told(resources, seconds_each) == []


def test_a_very_long_run_is_told_in_hours() -> None:
    assert told(3000, 9.0)[0] == "4 of 3,000 resources are through, about 7.5 h left"
