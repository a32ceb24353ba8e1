"""Two runs at once, an appliance that is restarted under a run, and clocks that go back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.conftest import Start
from tests.crash.fleet import LOCKED, NAMES, Fleet, named
from tests.crash.running import EVERYTHING, INSIDE, Running, wait_for
from tests.engine.stack import Stack
from tests.local_appliance import LocalAppliance


def test_a_second_update_of_the_same_stack_is_refused_and_the_first_one_ends_well(fleet: Fleet, start: Start) -> None:
    first = start(point="before the POST")
    first.stopped(4)

    fleet.stack.up().failed(LOCKED, "pulumi cancel")

    first.go_on()
    fleet.holds(first.ended())
    fleet.settles()


@pytest.mark.long
@pytest.mark.parametrize("escrow", ["one escrow", "two escrows"])
def test_two_stacks_with_the_same_tenants_post_each_once_and_the_loser_says_so(
    fleet: Fleet, tmp_path: Path, engine_bin: Path, escrow: str
) -> None:
    other = Fleet(Stack.create(tmp_path / "other", engine_bin, fleet.stack.appliance))
    for each in (fleet, other):  # whose grant is made first is not said
        each.stack.config["adoptGrant"] = True
        each.declare()
    if escrow == "one escrow":
        other.stack.environment["PSAAS_ESCROW_DIR"] = fleet.stack.environment["PSAAS_ESCROW_DIR"]
    runs = [Running(each.stack, point="before the POST", first=1) for each in (fleet, other)]
    try:
        for run in runs:
            run.stopped(1)
        for run in runs:
            run.go_on()
        for run in runs:
            run.ended()
    finally:
        for run in runs:
            run.end_leftovers()

    assert {name: row["posts_carried_out"] for name, row in fleet.ledger().items()} == dict.fromkeys(NAMES, 1)
    assert fleet.in_state() | other.in_state() == set(NAMES)
    for each, run in zip((fleet, other), runs, strict=True):
        assert named(run.ended(), NAMES) == set(NAMES) - each.in_state()
        each.credentials_work(each.in_state())
    if escrow == "one escrow":  # the loser of a name finds the winner's credential there
        for each in (fleet, other):
            each.holds(each.up())
    else:
        assert fleet.in_state().isdisjoint(other.in_state())


@pytest.mark.long
def test_an_appliance_that_is_restarted_during_an_update_ends_with_every_tenant_once(
    fleet: Fleet, start: Start, restarts: Restarts
) -> None:
    run = start(point="before the POST")
    run.stopped(4)

    restarts.killed_and_started()
    run.go_on()
    run.ended()

    fleet.holds(fleet.up())
    fleet.settles()


@pytest.mark.long
@pytest.mark.parametrize("whose", ["ours", "the appliance's"])
def test_a_clock_that_goes_back_an_hour_between_runs_loses_nothing(fleet: Fleet, start: Start, whose: str) -> None:
    """Ours: `time.time` and `datetime.now` of the provider. The appliance's: a fault for every call."""
    run = start(point="escrow written")
    run.stopped(4)
    run.kill(EVERYTHING)
    run.end_leftovers()
    if whose == "ours":
        fleet.stack.environment |= {"PYTHONPATH": str(INSIDE), "CRASH_CLOCK_BACK": "3600"}
    else:
        fleet.faults({"name": "clock", "do": {"clock_skew_seconds": -3600}})

    fleet.finish(locked=True)
    fleet.settles()


class Restarts:
    """The stack's appliance, which may be killed and started again at the same address."""

    def __init__(self, fleet: Fleet) -> None:
        self._stack = fleet.stack
        self._started: list[LocalAppliance] = []

    def killed_and_started(self) -> None:
        old = self._stack.appliance
        old.process.send_signal(signal.SIGKILL)
        old.process.wait(timeout=30)
        port = old.address.rpartition(":")[2]
        self._stack.appliance = wait_for("the appliance", lambda: LocalAppliance.start(old.data, "--port", port))
        self._started.append(self._stack.appliance)

    def close(self) -> None:
        for appliance in self._started:
            if appliance.process.poll() is None:
                appliance.stop()


@pytest.fixture
def restarts(fleet: Fleet) -> Iterator[Restarts]:
    made = Restarts(fleet)
    yield made
    made.close()
