"""Owners of tenants are invited by an update where the stack file says so, each once, and never in anybody's way."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.stack import Stack
from tests.local_appliance import LocalAppliance

PATH = "/api/v2/tenants/invitations"


@pytest.fixture
def inviting(stack: Stack) -> Stack:
    """The same stack on an appliance that has the calls."""
    stack.appliance.stop()
    started = LocalAppliance.start(stack.appliance.data, "--tenant-invitations")
    stack.appliance.process, stack.appliance.described = started.process, started.described
    stack.environment["PSAAS_CONNECT_TO"] = started.address
    return stack


def tenant(*owners: str, **more: Any) -> dict[str, Any]:
    return {"name": "customer-1", "owners": list(owners)} | more


def told(stack: Stack) -> dict[str, Any]:
    return dict(stack.resources()["customer-1-invitations"]["outputs"])


def test_an_owner_who_joins_is_invited_by_the_update_and_a_second_one_sends_nothing(inviting: Stack) -> None:
    stack = inviting
    stack.declare(tenant("me@email.com"), inviteOwners=True)
    assert stack.up().ok().summary.startswith("+ 4 created")
    assert (told(stack)["members"], told(stack)["invited"], told(stack)["ready"]) == (["me@email.com"], {}, True)

    stack.declare(tenant("me@email.com", "ops@example.com"))
    assert "~ 2 updated" in stack.up().ok().summary
    assert list(told(stack)["invited"]) == ["ops@example.com"]
    stack.appliance.forget_calls()
    assert stack.up().ok().summary.startswith("4 unchanged")
    assert stack.refresh().ok().summary.startswith("4 unchanged")
    assert (
        stack.declare(tenant("me@email.com", "ops@example.com"), inviteOwners=None)
        .up()
        .ok()
        .summary.startswith("- 1 deleted")
    )
    assert [call for method in ("GET", "POST", "DELETE") for call in stack.appliance.calls(method, PATH)] == []


@pytest.mark.long
def test_a_tenant_is_made_and_ready_on_an_appliance_without_the_calls(stack: Stack) -> None:
    ran = stack.declare(tenant("me@email.com"), inviteOwners=True).up().ok()
    assert told(stack)["ready"], ran.output  # who is an administrator already is not invited

    ran = stack.declare(tenant("me@email.com", "ops@example.com")).up().ok()

    assert "the invitations of tenant customer-1 are not in order, the next update looks again" in ran.output
    assert "which is not documented; invite in the dashboard" in told(stack)["problem"]
    assert stack.resources()["customer-1"]["outputs"]["ready"] is True
