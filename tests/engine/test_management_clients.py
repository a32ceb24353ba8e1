"""The application of a tenant's team, declared beside the tenant, on the real engine."""

from __future__ import annotations

import json

from tests.engine.stack import Stack
from tests.engine.test_handover import credentials

FIRST = {"scopes": ["read:clients"]}


def handed_over(stack: Stack) -> dict[str, str]:
    ran, piped = credentials(stack, "customer-1", "--format", "json")
    ran.ok()
    given = json.loads(piped)
    return {"client_id": given["clientId"], "client_secret": given["clientSecret"]}


def test_a_teams_application_is_made_handed_over_and_rotated_while_both_credentials_work(stack: Stack) -> None:
    stack.declare("customer-1", managementClient=FIRST)
    assert stack.up().ok().summary.startswith("+ 4 created")
    assert stack.up().ok().summary.startswith("4 unchanged")
    root, first = stack.credential("customer-1"), handed_over(stack)
    assert first["client_id"] not in (root["client_id"], "")

    stack.declare("customer-1", managementClient=FIRST | {"rotate": "2026-11"})
    assert "~ 1 updated" in stack.up().ok().summary
    assert stack.up().ok().summary.startswith("4 unchanged")

    second = handed_over(stack)
    assert second["client_id"] != first["client_id"]
    for credential in (root, first, second):
        assert stack.appliance.tenant_token("customer-1.appliance.test", **credential)
    left = [file.read_text(errors="replace") for file in (stack.project / "state").rglob("*") if file.is_file()]
    everything = "".join([*left, *(ran.output for ran in stack.said)])
    assert not any(credential["client_secret"] in everything for credential in (root, first, second))
