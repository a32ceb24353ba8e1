"""A cancel as people and pipelines send it: SIGINT and SIGTERM, to `pulumi` itself and to `make up`'s process group."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.crash.conftest import Start
from tests.crash.fleet import SKIPPED, Fleet
from tests.crash.running import wait_for
from tests.engine.test_local_stack import Clone, clone  # noqa: F401
from tests.local_appliance import LocalAppliance

SIGNALS = [
    pytest.param(signal.SIGINT, id="SIGINT", marks=pytest.mark.long), pytest.param(signal.SIGTERM, id="SIGTERM")
]  # fmt: skip
SLOW = {"name": "slow", "route": {"method": "POST", "path": "/api/v2/tenants"}, "do": {"latency_ms": 3000}}


@pytest.mark.long
@pytest.mark.parametrize("signum", SIGNALS)
@pytest.mark.parametrize("checkpoints", ["kept", "skipped"])
def test_a_signal_to_pulumi_ends_the_run_with_its_state_written_and_no_lock(
    fleet: Fleet, start: Start, signum: signal.Signals, checkpoints: str
) -> None:
    if checkpoints == "skipped":
        fleet.stack.environment |= SKIPPED
    run = start(point="escrow written")
    run.stopped(4)

    os.killpg(run.process.pid, signum)
    time.sleep(1.0)
    run.go_on()
    run.ended().failed()

    assert fleet.in_state() == fleet.carried_out()
    fleet.finish(locked=False)
    fleet.settles()


@pytest.mark.parametrize("signum", SIGNALS)
def test_a_pipelines_cancel_of_make_up_ends_cleanly_and_the_next_one_goes_on(
    clone: Clone,  # noqa: F811
    signum: signal.Signals,
) -> None:
    assert clone.make("-s", "env").returncode == 0
    appliance = of_clone(clone.folder)
    appliance.goes_wrong(SLOW)
    running = subprocess.Popen(
        ["make", "up"], cwd=clone.folder, env=clone.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )  # fmt: skip
    try:
        wait_for("two POSTs", lambda: len(appliance.calls("POST", "/api/v2/tenants")) >= 2)
        os.killpg(running.pid, signum)
        said, _ = running.communicate(timeout=90)
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()

    assert running.returncode != 0, said
    wait_for("the end of `pulumi`", lambda: not list(locks(clone.folder).rglob("*.json")), why=lambda: said)
    appliance.goes_wrong()
    after = clone.make("up")
    assert after.returncode == 0, said + after.stdout + after.stderr
    assert len([line for line in after.stdout.splitlines() if line.endswith("  yes")]) == 5
    rows = appliance.request("GET", "/__appliance/tenants-ledger", token=appliance.token())[1]
    assert [(row["posts_carried_out"], row["posts_refused"]) for row in rows] == [(1, 0)] * 5


def of_clone(folder: Path) -> LocalAppliance:
    """The appliance that the clone has started, to ask and to spoil; it is the clone's to stop."""
    data = folder / ".psaas" / "appliance"
    return LocalAppliance(None, data, json.loads((data / "appliance.json").read_text()))  # type: ignore[arg-type]


def locks(folder: Path) -> Path:
    return folder / ".psaas" / "state" / ".pulumi" / "locks"
