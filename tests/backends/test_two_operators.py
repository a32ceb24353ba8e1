"""State in PostgreSQL and in a bucket, shared by two operators: the lock, a killed run that another one finishes."""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path

import pytest

from bench.backends.servers import StateServer
from tests.backends.conftest import another_operator, on_server
from tests.crash.conftest import Start
from tests.crash.fleet import LOCKED, SKIPPED, Fleet
from tests.crash.running import EVERYTHING, Running, wait_for
from tests.engine.stack import Stack

MANY_SECONDS = 300


def test_another_operator_is_told_who_holds_the_lock_and_finishes_the_run_that_was_killed(
    fleet: Fleet, server: StateServer, start: Start, tmp_path: Path
) -> None:
    run = start(point="escrow written")
    run.stopped(4)
    colleague = another_operator(fleet.stack, tmp_path / "colleague")
    if server.secret:  # in a pipeline it is a variable of its own, since the URL of the backend is no secret there
        url = colleague.environment["PULUMI_BACKEND_URL"].replace(f":{server.secret}@", "@")
        colleague.environment |= {"PULUMI_BACKEND_URL": url, "PGPASSWORD": server.secret}

    told = colleague.up().failed(
        f"{LOCKED} by 1 lock(s)", f"@{socket.gethostname()}", f"pid {run.process.pid}", "pulumi cancel"
    )
    run.kill(EVERYTHING)
    run.end_leftovers()
    fleet.stack = colleague
    fleet.unlocked()
    fleet.holds(fleet.up())

    unchanged = fleet.stack.refresh().ok()
    assert f"{len(fleet.names) + 2} unchanged" in unchanged.summary
    assert not server.secret or not any(server.secret in said.output for said in (told, *colleague.said))


@pytest.mark.long
@pytest.mark.timeout(4 * MANY_SECONDS)
@pytest.mark.parametrize("checkpoints", ["kept", "skipped"])
def test_three_hundred_tenants_outlive_a_machine_that_disappears_halfway(
    stack: Stack, server: StateServer, start: Start, tmp_path: Path, checkpoints: str
) -> None:
    names = tuple(f"customer-{number}" for number in range(1, 301))
    fleet = on_server(stack, server, f"many{checkpoints}", names)
    fleet.declare(maxConcurrentCreates=4)
    if checkpoints == "skipped":
        fleet.stack.environment |= SKIPPED
    run = start(point="escrow written", first=len(names) // 2)
    run.stopped(4, seconds=MANY_SECONDS)
    wait_for("a moment in which no answer is on its way", lambda: all_stand(fleet, run, done=len(names) // 2 - 1))
    run.kill(EVERYTHING)
    run.end_leftovers()
    made = len(fleet.carried_out())
    assert len(names) // 2 <= made < len(names)

    fleet.stack = another_operator(fleet.stack, tmp_path / "another-machine")
    if server.kind == "s3":  # the escrow is in a bucket too; the other one has a directory that both reach
        shutil.rmtree(stack.project)
    fleet.finish(locked=True)

    assert f"{len(names) + 2} unchanged" in fleet.stack.refresh().ok().summary
    again = fleet.stack.up().ok()
    assert f"{len(names) + 2} unchanged" in again.summary
    assert len(fleet.stack.posts()) == len(names)


def all_stand(fleet: Fleet, run: Running, *, done: int) -> bool:
    """Whether every creation but those that are done stands behind its entry in the escrow, now and a while later.

    One that was killed between the appliance's answer and the escrow would be lost, and named.
    """
    counts = set()
    for _ in range(2):
        counts |= {len(fleet.carried_out()), done + len(list(run.folder.glob("stopped-*")))}
        time.sleep(2)
    return len(counts) == 1
