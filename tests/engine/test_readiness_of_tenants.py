"""A tenant whose domain does not work yet: made, in the state, and looked at again, never made again."""

from __future__ import annotations

import pytest

from tests.engine.stack import Stack

ELSEWHERE = "below.appliance.test"


def test_a_tenant_that_is_not_ready_is_looked_at_again_by_the_next_update(stack: Stack) -> None:
    ran = stack.declare("customer-1", tenantDomain=ELSEWHERE).up().ok()
    assert "tenant customer-1 is not ready, the next update looks again" in ran.output
    outputs = stack.outputs()["customer-1"]
    assert outputs["ready"] is False
    assert "does not lie under psaas:tenantDomain" in outputs["problem"]
    credential = stack.credential("customer-1")
    assert "~ 1 updated" in stack.up().ok().summary

    stack.declare("customer-1", tenantDomain=None).up().ok()

    assert stack.outputs()["customer-1"]["ready"] is True
    assert stack.credential("customer-1") == credential
    assert stack.up().ok().summary.startswith("3 unchanged")
    assert stack.posts() == ["201"]


@pytest.mark.long
def test_after_its_time_a_tenant_that_is_not_ready_is_a_warning_and_no_change(stack: Stack) -> None:
    stack.declare("customer-1", tenantDomain=ELSEWHERE, readyWithinHours=0).up().ok()

    ran = stack.up().ok()

    assert ran.summary.startswith("3 unchanged")
    assert "tenant customer-1 is still not ready" in ran.output


@pytest.mark.long
def test_a_credential_is_never_sent_outside_of_the_tenants_domain(stack: Stack) -> None:
    stack.declare("customer-1", tenantDomain=ELSEWHERE).up().ok()

    hosts = {call["host"] for call in stack.appliance.calls("POST", "/oauth/token")}

    assert hosts == {stack.appliance.rta}
    stack.declare("customer-1", tenantDomain="elsewhere.test").preview().failed(
        'psaas:tenantDomain: "elsewhere.test" is not "appliance.test"'
    )
