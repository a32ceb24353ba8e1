"""A disk that is full or read-only, at the escrow and at the state: nothing is posted that can't be kept."""

from __future__ import annotations

import errno

import pytest

from tests.crash.conftest import Start
from tests.crash.fleet import SKIPPED, Fleet
from tests.crash.running import wait_for

FULL, READ_ONLY = errno.ENOSPC, errno.EROFS


@pytest.mark.long
@pytest.mark.parametrize("error", [FULL, READ_ONLY])
def test_an_escrow_that_cannot_be_written_stops_before_the_post(fleet: Fleet, start: Start, error: int) -> None:
    start(point="escrow probed", first=1, error=error).ended().failed(
        "the escrow", "can't be written", "PSAAS_ESCROW_DIR"
    )

    assert fleet.ledger() == {}
    fleet.finish(locked=False)


@pytest.mark.long
def test_a_file_in_place_of_the_escrows_directory_stops_before_the_post(fleet: Fleet) -> None:
    place = fleet.stack.project / "escrow"
    place.write_text("not a directory")

    fleet.up().failed("the escrow", "Not a directory")

    assert fleet.ledger() == {}
    place.unlink()
    fleet.finish(locked=False)


@pytest.mark.parametrize("point", ["answer read", pytest.param("escrow half written", marks=pytest.mark.long)])
def test_an_escrow_that_fills_up_after_the_post_still_loses_no_credential(
    fleet: Fleet, start: Start, point: str
) -> None:
    fleet.stack.config["maxConcurrentCreates"] = 2
    fleet.declare()

    ran = start(point=point, error=FULL).ended().failed("goes on to the state", "was not tried")

    made = fleet.carried_out()
    assert len(made) < len(fleet.names), ran.output
    assert fleet.in_state() == made
    fleet.finish(locked=False)
    assert "7 unchanged" in fleet.stack.up().ok().summary


@pytest.mark.long
@pytest.mark.parametrize("checkpoints", ["kept", "skipped"])
def test_a_state_that_cannot_be_written_is_mended_by_the_escrow_with_no_post(
    fleet: Fleet, start: Start, checkpoints: str
) -> None:
    if checkpoints == "skipped":
        fleet.stack.environment |= SKIPPED
    run = start(point="escrow written")
    run.stopped(4)
    folder = fleet.stack.project / "state" / ".pulumi" / "stacks" / "psaas"
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.write_text("a disk that takes nothing")

    run.go_on()
    # The engine tries for about 40 seconds before it gives a write up.
    wait_for("the engine's patience", lambda: "error:" in run.output(), seconds=120, why=run.output)
    folder.unlink()
    aside.rename(folder)
    run.ended().failed("failed to save snapshot")

    assert fleet.carried_out() == set(fleet.names)
    fleet.finish(locked=False)
    assert all(row["posts_refused"] == 0 for row in fleet.ledger().values())
    fleet.settles()
