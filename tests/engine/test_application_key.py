"""The declared application proves itself by a key that its stack makes, on the real engine."""

from __future__ import annotations

import json
import time

from psaas_resources import assertion
from tests.engine.stack import Stack
from tests.engine.test_provisioning_application import empty

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
