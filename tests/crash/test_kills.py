"""`kill -9` of everything, of the CLI alone and of the provider alone, at each point of a creation.

The first tenant of five is made; the other four stand at the point when the kill comes. Some of the cases run
always, the whole matrix in `make test-long`.
"""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import pytest

from tests.crash.conftest import Start
from tests.crash.fleet import SKIPPED, Fleet
from tests.crash.running import CLI, EVERYTHING, PROVIDER, Running, wait_for

POST = {"method": "POST", "path": "/api/v2/tenants"}
FOUR = 4

BEFORE, UNPROCESSED, LATER = "before the POST", "request sent, not processed", "processed after the kill"
UNREAD, READ, HALF = "processed, answer not read", "answer read", "escrow half written"
ESCROWED, RETURNED = "escrow written", "returned, state not written"
POINTS = (BEFORE, UNPROCESSED, LATER, UNREAD, READ, HALF, ESCROWED, RETURNED)
KILLS = (EVERYTHING, CLI, PROVIDER)

# Where the appliance, not the process, is what waits: what the fault plan does to all POSTs but the first.
PLANS: dict[str, dict[str, Any]] = {
    UNPROCESSED: {"hang": 60},
    LATER: {"latency_ms": 4000},
    UNREAD: {"latency_ms": 8000, "latency_before": "answering"},
}
# Where a credential that no process has written down yet can be lost, and must be named.
LOSES = {
    (LATER, EVERYTHING), (LATER, PROVIDER), (UNREAD, EVERYTHING), (UNREAD, PROVIDER),
    (READ, EVERYTHING), (READ, PROVIDER), (HALF, EVERYTHING), (HALF, PROVIDER),
}  # fmt: skip

ALWAYS = {(READ, PROVIDER, "kept"), (ESCROWED, EVERYTHING, "skipped")}
MATRIX = [(point, whom, checkpoints) for point in POINTS for whom in KILLS for checkpoints in ("kept", "skipped")]


@pytest.mark.parametrize(
    ("point", "whom", "checkpoints"),
    [pytest.param(*case, marks=() if case in ALWAYS else pytest.mark.long) for case in MATRIX],
)
def test_after_a_kill_every_tenant_is_made_once_and_every_credential_of_the_escrow_is_in_the_state(
    fleet: Fleet, start: Start, point: str, whom: str, checkpoints: str
) -> None:
    if checkpoints == "skipped":
        fleet.stack.environment |= SKIPPED
    if point in PLANS:
        fleet.faults({"name": "point", "route": POST, "when": {"after": 1}, "do": PLANS[point]})
    run = start(point=ESCROWED if point == RETURNED else "" if point in PLANS else point)
    reached(fleet, run, point)

    run.kill(whom)

    if whom == PROVIDER:
        os.kill(run.process.pid, signal.SIGCONT)
        ended = run.ended()
        if point != RETURNED:  # there the CLI had all answers in hand
            ended.failed()
    fleet.faults()
    if whom == CLI:
        outlived(fleet, run, point)
    run.end_leftovers()
    if point == LATER:
        wait_for("the tenants that were asked for", lambda: fleet.carried_out() == set(fleet.names))
    lost = fleet.lost()
    assert bool(lost) == ((point, whom) in LOSES), lost
    fleet.finish(locked=whom == EVERYTHING, lost=lost)
    if not lost:
        fleet.settles()


def reached(fleet: Fleet, run: Running, point: str) -> None:
    """Wait until four creations are at the point."""
    if point in PLANS:
        wait_for("four creations at the appliance", lambda: arrived(fleet, point) >= FOUR, why=run.output)
        return
    run.stopped(FOUR)
    if point == RETURNED:  # the CLI can't hear what it is told from here on
        os.kill(run.process.pid, signal.SIGSTOP)
        run.go_on()
        wait_for("five looks at new domains", lambda: looks(fleet) >= FOUR + 1, why=run.output)
        time.sleep(0.5)


def arrived(fleet: Fleet, point: str) -> int:
    return len(fleet.carried_out()) - 1 if point == UNREAD else len(fleet.happened())


def looks(fleet: Fleet) -> int:
    calls = fleet.stack.appliance.calls("POST", "/oauth/token")
    return len([call for call in calls if call["host"].startswith("customer-") and call["status"] == 200])


def outlived(fleet: Fleet, run: Running, point: str) -> None:
    """A provider outlives its CLI, while the next run looks, and finishes what it was doing after that."""
    # A process that stands still has sent nothing; what the appliance holds back may end while the next run looks.
    under_way = fleet.not_yet_answered() if point in PLANS else ()
    fleet.stack.up().failed("currently locked")
    fleet.unlocked()
    fleet.up(under_way=under_way)
    run.go_on()
    wait_for("all credentials in the escrow", lambda: not fleet.lost(), why=run.output)
