"""What docs/operations.md tells a person to do after a kill, done."""

from __future__ import annotations

import pytest

from tests.crash.conftest import Start
from tests.crash.fleet import Fleet
from tests.crash.running import EVERYTHING, PROVIDER

PENDING = "pending operations from previous deployment"


@pytest.mark.long
def test_the_warning_about_pending_operations_goes_with_one_command_and_costs_nothing(
    fleet: Fleet, start: Start
) -> None:
    run = start(point="escrow written")
    run.stopped(4)
    run.kill(EVERYTHING)
    run.end_leftovers()
    assert PENDING in fleet.finish(locked=True).output

    fleet.stack.refresh("--clear-pending-creates").ok()

    after = fleet.up()
    assert PENDING not in after.output
    fleet.holds(after)


@pytest.mark.long
def test_a_tenant_whose_credential_was_lost_is_taken_over_without_one_and_the_update_ends_well(
    fleet: Fleet, start: Start
) -> None:
    run = start(point="answer read", first=5)
    run.stopped(1)
    run.kill(PROVIDER)
    run.ended().failed()
    run.end_leftovers()
    (lost,) = fleet.lost()
    fleet.finish(locked=False, lost={lost})

    others = [name for name in fleet.names if name != lost]
    fleet.stack.declare(*others, {"name": lost, "adopt": "inventory"})

    fleet.up().ok()
    assert fleet.in_state() == set(fleet.names)
    assert fleet.stack.outputs()[lost]["ready"] is True
    assert "7 unchanged" in fleet.stack.up().ok().summary
