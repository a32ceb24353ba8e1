"""`kill -9` in the middle of a rotation: the next update goes on with the secret that it finds in the escrow."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.crash.conftest import Start
from tests.crash.fleet import Fleet
from tests.crash.running import CLI, EVERYTHING, PROVIDER

SET, PROVED = "before the secret is set", "secret set, not proved"
MATRIX = [(point, whom) for point in (SET, PROVED) for whom in (EVERYTHING, CLI, PROVIDER)]


@pytest.mark.long
@pytest.mark.parametrize(("point", "whom"), MATRIX)
def test_after_a_kill_the_same_new_secret_ends_in_the_state_and_works(
    fleet: Fleet, start: Start, point: str, whom: str
) -> None:
    stack, appliance = fleet.stack, fleet.stack.appliance
    stack.environment["PSAAS_ESCROW_KEY"] = "k" * 64
    declared = {"manageApplication": True, "clientId": None, "applicationName": "Ours"}
    stack.declare(**declared).up().ok()
    old = state(fleet)

    stack.declare(**declared, rotate="2026-11-24")
    run = start(point=point, first=1)
    run.stopped(1)
    run.kill(whom)
    run.end_leftovers()
    live = appliance.api("GET", f"clients/{old['client_id']}")["client_secret"]
    assert (live == old["client_secret"]) is (point == SET)

    stack.pulumi("cancel", "--yes")
    stack.up().ok()

    new = state(fleet)
    assert new["client_id"] == old["client_id"]
    assert new["client_secret"] not in ("", old["client_secret"])
    assert point == SET or new["client_secret"] == live
    assert appliance.api("GET", f"clients/{old['client_id']}")["client_secret"] == new["client_secret"]
    assert appliance.tenant_token(appliance.rta, **new)
    assert "4 unchanged" in stack.up().ok().summary


@pytest.mark.parametrize(
    ("point", "whom"),
    [pytest.param(*case, marks=() if case == (SET, PROVIDER) else pytest.mark.long) for case in MATRIX],
)
def test_after_a_kill_a_tenants_new_secret_ends_in_the_state_and_works(
    fleet: Fleet, start: Start, point: str, whom: str
) -> None:
    stack, domain = fleet.stack, "customer-1.appliance.test"
    stack.declare("customer-1").up().ok()
    old = stack.credential("customer-1")
    stack.declare({"name": "customer-1", "owners": ["me@email.com"], "rotate": "2026-11-24"})

    run = start(point=point, first=1)
    run.stopped(1)
    run.kill(whom)
    run.end_leftovers()
    stack.pulumi("cancel", "--yes")
    stack.up().ok()

    new = stack.credential("customer-1")
    assert new["client_id"] == old["client_id"]
    assert new["client_secret"] != old["client_secret"]
    assert stack.appliance.tenant_token(domain, **new)
    assert "3 unchanged" in stack.up().ok().summary
    folder = stack.project / "escrow" / stack.appliance.rta
    assert [file.name for file in folder.glob("customer-*.json")] == []
    assert stack.posts() == ["201"]
    assert not any(new["client_secret"] in ran.output for ran in stack.said)


def state(fleet: Fleet) -> dict[str, Any]:
    """The application's credential in the state."""
    outputs = fleet.stack.resources(show_secrets=True)["application"]["outputs"]
    return {"client_id": outputs["client_id"], "client_secret": json.loads(outputs["client_secret"]["plaintext"])}
