"""`kill -9` in the middle of the state's write, on the local file backend, and what is left in its folder then."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.conftest import Start
from tests.crash.fleet import SKIPPED, Fleet
from tests.crash.running import CLI, EVERYTHING, PROVIDER, UP, Running, wait_for
from tests.crash.state_watch import Watch
from tests.engine.stack import ROOT

# An output of the stack that makes its state large enough to be caught half written.
BALLAST = "pulumi.export('ballast', 'x' * 2_000_000)\n"
QUIET = (*UP, "--suppress-outputs")
CASES = [(whom, checkpoints) for whom in (EVERYTHING, CLI, PROVIDER) for checkpoints in ("kept", "skipped")]


@pytest.fixture
def watch(fleet: Fleet) -> Iterator[Watch]:
    """The folder of a stack that has a large state and no tenant yet."""
    program = fleet.stack.project / "__main__.py"
    program.unlink()
    program.write_text((ROOT / "__main__.py").read_text(encoding="utf-8") + BALLAST, encoding="utf-8")
    fleet.stack.declare().pulumi(*QUIET).ok()
    fleet.declare()
    made = Watch(folder(fleet))
    yield made
    made.close()


@pytest.mark.parametrize(
    ("whom", "checkpoints"),
    [pytest.param(*case, marks=() if case == (EVERYTHING, "kept") else pytest.mark.long) for case in CASES],
)
def test_a_kill_during_the_states_write_loses_nothing(
    fleet: Fleet, watch: Watch, start: Start, whom: str, checkpoints: str
) -> None:
    if checkpoints == "skipped":
        fleet.stack.environment |= SKIPPED

    run = caught_writing(watch, start)
    # Without checkpoints the one write comes last, when the engine may have ended the provider itself.
    if (whom, checkpoints) != (PROVIDER, "skipped") or run.pids(whom):
        run.kill(whom)
    ended(fleet, run, whom)

    assert fleet.lost() == set()
    fleet.finish(locked=whom != PROVIDER)
    fleet.settles()


@pytest.mark.long
def test_an_empty_side_file_of_a_killed_write_stops_every_command_until_it_is_removed(
    fleet: Fleet, watch: Watch, start: Start
) -> None:
    """So a file backend without `?metadata=skip` does: it empties an `.attrs` file before it writes it."""
    fleet.stack.environment["PULUMI_BACKEND_URL"] = (fleet.stack.project / "state").as_uri()
    run = caught_writing(watch, start)
    run.kill(EVERYTHING)
    ended(fleet, run, EVERYTHING)

    for empty in [file for file in folder(fleet).glob("*.attrs") if not file.stat().st_size]:
        if empty.name == "test.json.attrs":
            fleet.stack.pulumi("cancel", "--yes").failed("failed to load checkpoint: EOF")
        empty.unlink()

    fleet.finish(locked=True)
    fleet.settles()


def folder(fleet: Fleet) -> Path:
    return fleet.stack.project / "state" / ".pulumi" / "stacks" / "psaas"


def caught_writing(watch: Watch, start: Start) -> Running:
    """A run whose CLI is stopped within a write; four of its creations are about to be told to it."""
    run = start(*QUIET, point="escrow written")
    run.stopped(4)
    watch.forget()
    run.go_on()
    assert watch.stop_within_a_write(run.process.pid)
    return run


def ended(fleet: Fleet, run: Running, whom: str) -> None:
    """Nothing of the run is left, and those who outlived the kill had their time."""
    if whom == PROVIDER:
        os.kill(run.process.pid, signal.SIGCONT)
        run.ended()
    if whom == CLI:
        wait_for("all credentials in the escrow", lambda: not fleet.lost(), why=run.output)
    run.end_leftovers()
