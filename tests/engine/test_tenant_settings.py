"""The first day of a new tenant: its settings, declared beside it, and its credential stored in one place only."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.stack import Stack

DEFAULTS = {"supportEmail": "help@example.com", "sessionLifetime": 8, "flags": {"enable_sso": True}}
ELSEWHERE = "below.appliance.test"


def of_tenant(stack: Stack, tenant: str, method: str = "GET", body: Any = None) -> dict[str, Any]:
    """The settings as the tenant's own Management API tells them; or a change of them by somebody else."""
    host = f"{tenant}.appliance.test"
    token = stack.appliance.tenant_token(host, **stack.credential(tenant))
    status, answer = stack.appliance.request(method, "/api/v2/tenants/settings", host=host, body=body, token=token)
    assert status == 200, answer
    return dict(answer)


def changes_sent(stack: Stack) -> int:
    return len(stack.appliance.calls("PATCH", "/api/v2/tenants/settings"))


def test_new_tenants_have_the_settings_of_the_stack_and_their_own_and_drift_is_put_right(stack: Stack) -> None:
    """And a tenant's credential stands once in the state, however much is managed inside of it, and never in clear."""
    own = {"friendlyName": "Customer 2", "sessionLifetime": 24, "flags": {"enable_apis_section": True}}
    second = {"name": "customer-2", "owners": ["me@email.com"], "settings": own}
    stack.declare("customer-1", second, settings=DEFAULTS)

    assert stack.up().ok().summary.startswith("+ 6 created")
    live = of_tenant(stack, "customer-2")
    assert (live["friendly_name"], live["support_email"], live["session_lifetime"]) == (
        "Customer 2", "help@example.com", 24,
    )  # fmt: skip
    assert {"enable_sso": True, "enable_apis_section": True}.items() <= live["flags"].items()
    assert of_tenant(stack, "customer-1")["session_lifetime"] == 8
    assert changes_sent(stack) == 2
    assert stack.up().ok().summary.startswith("6 unchanged")

    of_tenant(stack, "customer-1", "PATCH", {"session_lifetime": 100, "friendly_name": "Ours"})
    assert "~ 1 updated" in stack.refresh().ok().summary
    assert "~ 1 updated" in stack.up().ok().summary
    live = of_tenant(stack, "customer-1")
    assert (live["session_lifetime"], live["friendly_name"]) == (8, "Ours")  # the name is not managed there
    assert stack.up().ok().summary.startswith("6 unchanged")

    secret = stack.credential("customer-1")["client_secret"]
    opened = stack.pulumi("stack", "export", "--show-secrets").ok().output
    stack.said.pop()
    assert opened.count(secret) == 1
    left = [file.read_text(errors="replace") for file in (stack.project / "state").rglob("*") if file.is_file()]
    assert secret not in "".join([*left, *(ran.output for ran in stack.said)])


@pytest.mark.long
def test_a_setting_that_is_no_longer_named_is_let_be_and_nothing_is_sent(stack: Stack) -> None:
    stack.declare("customer-1", settings=DEFAULTS).up().ok()
    before = of_tenant(stack, "customer-1")
    stack.appliance.forget_calls()

    stack.declare("customer-1", settings={"supportEmail": "help@example.com"})
    assert "~ 1 updated" in stack.up().ok().summary
    assert stack.declare("customer-1", settings=None).up().ok().summary.startswith("- 1 deleted")

    assert changes_sent(stack) == 0
    assert of_tenant(stack, "customer-1") == before


@pytest.mark.long
def test_settings_wait_for_a_tenant_that_is_not_ready_and_lose_nothing(stack: Stack) -> None:
    ran = stack.declare("customer-1", settings=DEFAULTS, tenantDomain=ELSEWHERE).up().ok()
    assert "the settings of tenant customer-1 are not in order, the next update looks again" in ran.output
    assert stack.resources()["customer-1-settings"]["outputs"]["ready"] is False

    stack.declare("customer-1", tenantDomain=None).up().ok()

    assert stack.resources()["customer-1-settings"]["outputs"]["ready"] is True
    assert of_tenant(stack, "customer-1")["session_lifetime"] == 8
    assert stack.up().ok().summary.startswith("4 unchanged")
