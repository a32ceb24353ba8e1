"""The chaos run, a few tenants of it or a hundred, and its refusal to touch an appliance that it did not start."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from chaos import fault_plans
from chaos.own_appliance import NotOurs, check_ours
from chaos.tally import Tally
from tests.engine.stack import ROOT
from tests.local_appliance import LocalAppliance


@pytest.mark.parametrize(
    ("tenants", "kills"), [pytest.param(6, 1, id="a few"), pytest.param(100, 3, id="many", marks=pytest.mark.long)]
)
def test_chaos_loses_nothing_that_was_delivered_doubles_nothing_and_names_every_unknown_outcome(
    tenants: int, kills: int
) -> None:
    command = [sys.executable, "-m", "chaos", "--tenants", str(tenants), "--kills", str(kills), "--seed", "7"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    account = {line[:20].strip(): line[21:] for line in ran.stdout.splitlines()}
    assert account["lost of delivered"] == account["doubled"] == account["unknown, not named"] == "0"
    assert int(account["delivered"]) + int(account["unknown, named"]) == tenants
    if tenants == 100:  # a few may be made before anybody can kill their run
        assert account["kills"].startswith(f"{kills} ")
        assert int(re.search(r"of (\d+) kinds", account["faults"])[1]) >= 8  # type: ignore[index]
        assert float(account["more than late"].partition("%")[0]) >= 10


def test_chaos_refuses_an_appliance_that_it_did_not_start(appliance: LocalAppliance) -> None:
    with pytest.raises(NotOurs, match="was not started by this run"):
        check_ours(appliance.described, token="a token of ours", pid=appliance.process.pid)
    with pytest.raises(NotOurs):
        check_ours({**appliance.described, "started_by": "a token of ours"}, token="a token of ours", pid=1)


def test_the_same_seed_gives_the_same_faults_and_kills() -> None:
    plans = [fault_plans.of_run(run, seed=7, tenants=1000) for run in range(1, 9)]

    assert plans == [fault_plans.of_run(run, seed=7, tenants=1000) for run in range(1, 9)]
    assert plans != [fault_plans.of_run(run, seed=8, tenants=1000) for run in range(1, 9)]
    assert fault_plans.kills(seed=7, tenants=1000, count=3) == fault_plans.kills(seed=7, tenants=1000, count=3)


@pytest.mark.parametrize(
    ("ledger", "working", "named", "said"),
    [
        ({"delivered": 1}, {"customer-1"}, {}, "holds"),
        ({"delivered": 1}, set(), {"customer-1": "taken"}, "lost"),
        ({"delivered": 0}, set(), {}, "unnamed"),
        ({"delivered": 0}, set(), {"customer-1": "taken"}, "holds"),
        ({"delivered": 1, "carried_out": 2}, {"customer-1"}, {}, "doubled"),
    ],
)
def test_the_account_calls_lost_what_was_delivered_and_does_not_work(
    ledger: dict[str, int], working: set[str], named: dict[str, str], said: str
) -> None:
    tally = Tally(1)
    row = {"posts_carried_out": ledger.get("carried_out", 1), "credentials_delivered": ledger["delivered"]}

    tally.end({"customer-1": row}, working=working, named=named)

    assert tally.holds == (said == "holds")
    assert said == "holds" or getattr(tally, said) == {"customer-1"}
