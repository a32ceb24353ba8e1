"""A transport that never waits, neither between its tries nor for its turn: its clock goes on by each pause instead."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from psaas_resources.pace import Pace
from psaas_resources.transport import Transport


def transport(*, slept: Callable[[float], None] = lambda _: None, **options: Any) -> Transport:
    """`slept` is told of each pause between tries, in seconds."""
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        slept(seconds)

    def clock() -> float:
        return time.monotonic() + sum(pauses)

    pace = Pace(clock=clock, wait=lambda _, seconds: pauses.append(seconds))
    return Transport(**{"sleep": sleep, "pace": pace} | options)
