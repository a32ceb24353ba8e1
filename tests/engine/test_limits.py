"""Limits on what one update may do, through the real engine."""

from __future__ import annotations

import pytest

from tests.engine.stack import Stack


def test_more_new_tenants_than_allowed_stop_the_preview_and_follow_update_by_update_without_one(stack: Stack) -> None:
    names = [f"customer-{number}" for number in range(1, 6)]
    stack.declare(*names, maxNewTenants=2)

    stack.pulumi("up", "--yes").failed("one more than the 2 new tenants that psaas:maxNewTenants allows")
    assert stack.posts() == []
    assert stack.resources() == {}

    stack.up("--continue-on-error").failed("psaas:maxNewTenants")
    assert stack.posts() == ["201", "201"]
    stack.up("--continue-on-error").failed("psaas:maxNewTenants")
    stack.up().ok()
    assert stack.posts() == ["201"] * 5
    assert set(stack.outputs()) == set(names)
    assert stack.pulumi("up", "--yes").ok().summary == "7 unchanged"


@pytest.mark.long
def test_a_lost_state_is_built_anew_from_the_escrow_whatever_the_limit(stack: Stack) -> None:
    stack.declare("customer-1", "customer-2", "customer-3", adoptGrant=True).up().ok()
    stack.preview().ok()  # sees the credentials in the state: their entries are put aside
    stack.pulumi("stack", "rm", "--force", "--yes", "--preserve-config").ok()
    stack.pulumi("stack", "init").ok()
    stack.declare("customer-1", "customer-2", "customer-3", maxNewTenants=0)

    stack.pulumi("up", "--yes").ok()

    assert stack.posts() == ["201"] * 3
    assert set(stack.outputs()) == {"customer-1", "customer-2", "customer-3"}
