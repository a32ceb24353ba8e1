"""How long a tenant takes, as the event log of a deploy tells it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline import pace


def log(*tenants: tuple[int, int], at_once: str = "", **inputs: Any) -> str:
    """An event log in which tenants are made, each from one second to another."""
    config = {"psaas:maxConcurrentCreates": at_once} if at_once else {"psaas:domain": "rta.example.com"}
    lines: list[dict[str, Any]] = [{"timestamp": 1, "preludeEvent": {"config": config}}]
    for began, ended in tenants:
        metadata = {"op": "create", "type": f"pulumi-python:{pace.TENANT}", "new": {"inputs": inputs}}
        lines.append({"timestamp": began, "resourcePreEvent": {"metadata": metadata}})
        lines.append({"timestamp": ended, "resOutputsEvent": {"metadata": metadata}})
    return "\n".join(map(json.dumps, lines)) + '\n{"timestamp": 9, "half'


@pytest.mark.parametrize(
    ("tenants", "at_once", "seconds"),
    [
        ([(0, 12)], "", 12.0),
        ([(0, 10), (0, 20), (0, 20), (0, 20), (0, 20)], "", 10.0),
        ([(0, 10), (0, 20), (0, 30), (0, 30), (0, 30)], "2", 10.0),
        ([(0, 3)], "", None),
        ([], "", None),
    ],
)
def test_it_is_the_time_of_a_turn_and_short_deploys_tell_nothing(
    tenants: list[tuple[int, int]], at_once: str, seconds: float | None
) -> None:
    assert pace.seconds_per_tenant(log(*tenants, at_once=at_once)) == seconds


def test_tenants_that_were_not_posted_and_what_was_only_planned_do_not_count() -> None:
    assert pace.seconds_per_tenant(log((0, 60), adopt=True)) is None
    assert pace.seconds_per_tenant(log((0, 60), retired="forget")) is None
    assert pace.seconds_per_tenant(log((0, 60)).replace('{"metadata"', '{"planning": true, "metadata"')) is None
