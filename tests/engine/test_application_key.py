"""The declared application proves itself by a key that its stack makes, on the real engine."""

from __future__ import annotations

import json
import time

import pytest

from psaas_resources import assertion
from tests.engine.stack import Stack
from tests.engine.test_provisioning_application import empty
from tests.handlers.test_private_key import FIRST, SECOND, private

__all__ = ["empty"]


def key_of(stack: Stack) -> str:
    """The private key that is handed to a pipeline."""
    shown = json.loads(stack.pulumi("stack", "output", "--json", "--show-secrets").ok().output)
    stack.said.pop()
    assert "clientSecret" not in shown
    return str(shown["clientKey"])


def accepted(stack: Stack, client_id: str, key: str) -> bool:
    body = {
        "grant_type": "client_credentials", "audience": f"https://{stack.appliance.rta}/api/v2/",
        "client_id": client_id, "client_assertion_type": assertion.TYPE,
        "client_assertion": assertion.signed(key, client_id, stack.appliance.rta, clock=time.time),
    }  # fmt: skip
    return stack.appliance.request("POST", "/oauth/token", body=body)[0] == 200


def test_tenants_are_made_by_a_key_that_rotates_by_overlap_and_no_key_is_in_clear_anywhere(empty: Stack) -> None:
    empty.environment["PSAAS_ESCROW_KEY"] = "k" * 64
    empty.declare("customer-1", applicationKey=True)
    assert empty.up().ok().summary.startswith("+ 5 created")
    first, client_id = key_of(empty), empty.resources()["application"]["outputs"]["client_id"]
    assert empty.up().ok().summary.startswith("5 unchanged")

    empty.declare("customer-1", "customer-2", applicationKey=True, rotate="2026-11-24").up().ok()

    second = key_of(empty)
    assert (accepted(empty, client_id, first), accepted(empty, client_id, second)) == (True, True)
    assert first != second
    assert empty.posts() == ["201", "201"]
    assert empty.up().ok().summary.startswith("6 unchanged")
    left = [file.read_text(errors="replace") for file in (empty.project / "state").rglob("*") if file.is_file()]
    everything = "".join([*left, *(ran.output for ran in empty.said)]).replace("\\n", "\n")
    for key in (first, second):
        assert not any(line in everything for line in key.splitlines()[1:-1])


@pytest.mark.long
def test_a_key_of_ones_own_makes_tenants_and_another_one_is_told_until_a_marker_asks_for_it(empty: Stack) -> None:
    empty.environment |= {"PSAAS_ESCROW_KEY": "k" * 64, "PSAAS_APPLICATION_PRIVATE_KEY": private(FIRST)}
    empty.declare("customer-1", applicationKey=True).up().ok()
    client_id = empty.resources()["application"]["outputs"]["client_id"]
    assert key_of(empty).strip() == private(FIRST).strip()
    assert empty.posts() == ["201"]

    empty.environment["PSAAS_APPLICATION_PRIVATE_KEY"] = private(SECOND)
    ran = empty.up().ok()
    assert ran.summary.startswith("5 unchanged")
    assert "uses another key than the one that is given as psaas:applicationPrivateKey" in ran.output
    empty.declare("customer-1", applicationKey=True, rotate="2026-11-24").up().ok()

    assert [accepted(empty, client_id, private(key)) for key in (FIRST, SECOND)] == [True, True]
    assert empty.up().ok().summary.startswith("5 unchanged")
    left = [file.read_text(errors="replace") for file in (empty.project / "state").rglob("*") if file.is_file()]
    everything = "".join([*left, *(ran.output for ran in empty.said)]).replace("\\n", "\n")
    for key in (FIRST, SECOND):
        assert not any(line in everything for line in private(key).splitlines()[1:-1])
