"""From a list of tenants to tenants, on the real engine."""

from __future__ import annotations

import pytest

from tests.engine.stack import Stack


def test_the_first_update_makes_the_grant_and_every_tenant_and_the_second_changes_nothing(stack: Stack) -> None:
    stack.declare("customer-1", "customer-2", "customer-3")

    first = stack.up().ok()

    assert first.summary.startswith("+ 5 created")
    outputs = stack.outputs()
    assert {name: tenant["ready"] for name, tenant in outputs.items()} == {
        "customer-1": True,
        "customer-2": True,
        "customer-3": True,
    }
    assert outputs["customer-2"]["domain"] == "customer-2.appliance.test"
    credential = stack.credential("customer-2")
    assert stack.appliance.tenant_token("customer-2.appliance.test", **credential)
    assert credential["client_id"] == outputs["customer-2"]["clientId"]

    assert stack.up().ok().summary.startswith("5 unchanged")
    assert stack.preview().ok().summary.startswith("5 unchanged")
    assert stack.posts() == ["201", "201", "201"]


@pytest.mark.long
def test_an_update_asks_for_one_token_per_application_and_one_per_new_tenant(stack: Stack) -> None:
    stack.appliance.forget_calls()
    stack.declare(*(f"customer-{number}" for number in range(1, 9))).up().ok()

    tokens = [call["host"] for call in stack.appliance.calls("POST", "/oauth/token")]
    asked_by_this_test = 2  # for each look into the appliance's record
    assert tokens.count(stack.appliance.rta) - asked_by_this_test <= 2
    assert sorted(set(tokens) - {stack.appliance.rta}) == [f"customer-{n}.appliance.test" for n in range(1, 9)]
    assert len(tokens) - tokens.count(stack.appliance.rta) == 8
    assert len(stack.appliance.calls("POST", "/api/v2/client-grants")) == 1


@pytest.mark.long
def test_a_tenant_added_to_the_list_is_one_request_and_touches_no_other(stack_of_two: Stack) -> None:
    stack = stack_of_two
    stack.declare("customer-3", "customer-1", "customer-2")
    assert "+ 1 to create" in stack.preview().ok().summary
    assert stack.posts() == []
    assert stack.up().ok().summary.startswith("+ 1 created")

    assert stack.posts() == ["201"]
    assert stack.up().ok().summary.startswith("5 unchanged")


@pytest.mark.long
def test_the_order_of_tenants_owners_and_scopes_says_nothing(stack: Stack) -> None:
    first = {"name": "customer-1", "owners": ["me@email.com", "you@email.com"]}
    stack.declare(first, "customer-2").up().ok()

    first["owners"] = ["you@email.com", "me@email.com"]
    stack.declare("customer-2", first, scopes=["read:tenants", "create:tenants"])

    assert stack.preview().ok().summary.startswith("4 unchanged")


def test_labels_and_owners_change_without_a_request_and_owners_with_a_warning(stack_of_two: Stack) -> None:
    stack = stack_of_two
    changed = {"name": "customer-1", "owners": ["new@email.com"], "labels": {"team": "billing"}}
    ran = stack.declare(changed, "customer-2").up().ok()

    assert ran.summary.startswith("~ 1 updated")
    assert "owners are not changed by this update" in ran.output
    assert stack.appliance.calls("PATCH", "/") == []
    assert stack.posts() == []
    outputs = stack.resources()["customer-1"]["outputs"]
    assert outputs["labels"] == {"team": "billing"}
    assert outputs["applied_owners"] == ["me@email.com"]
    assert stack.up().ok().summary.startswith("4 unchanged")


@pytest.mark.long
def test_a_preview_needs_no_appliance_and_no_credentials(stack_of_two: Stack) -> None:
    stack = stack_of_two
    stack.appliance.stop()
    stack.declare("customer-1", "customer-2", "customer-3")
    without = dict.fromkeys(("PSAAS_CLIENT_SECRET", "PSAAS_ADMIN_CLIENT_SECRET", "PSAAS_CONNECT_TO"), "")

    assert "+ 1 to create" in stack.preview(**without).ok().summary


def test_credentials_become_a_stack_output_only_on_request_and_as_a_secret(stack: Stack) -> None:
    stack.declare("customer-1", exportCredentials=True).up().ok()

    shown = stack.pulumi("stack", "output", "--json").ok().output

    assert '"credentials": "[secret]"' in shown
    assert stack.credential("customer-1")["client_secret"] not in shown
