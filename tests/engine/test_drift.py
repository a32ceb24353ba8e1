"""What a refresh sees of changes that somebody else made, and what the next update does about them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.stack import Stack
from tests.local_appliance import LocalAppliance


def grant_of(stack: Stack) -> dict[str, Any]:
    [grant] = stack.appliance.api("GET", f"client-grants?client_id={stack.config['clientId']}")
    return dict(grant)


@pytest.mark.long
def test_a_scope_added_by_hand_is_seen_and_taken_back(stack_of_two: Stack) -> None:
    stack = stack_of_two
    scopes = ["create:tenants", "read:tenants", "delete:tenants"]
    stack.appliance.api("PATCH", f"client-grants/{grant_of(stack)['id']}", {"scope": scopes})

    assert "~ 1 updated" in stack.refresh().ok().summary
    assert "~ 1 updated" in stack.up().ok().summary

    assert sorted(grant_of(stack)["scope"]) == ["create:tenants", "read:tenants"]
    assert stack.up().ok().summary.startswith("4 unchanged")


def test_an_update_that_looks_first_mends_drift_by_itself(stack_of_two: Stack) -> None:
    stack = stack_of_two
    scopes = ["create:tenants", "read:tenants", "delete:tenants"]
    stack.appliance.api("PATCH", f"client-grants/{grant_of(stack)['id']}", {"scope": scopes})

    stack.up().ok()
    assert sorted(grant_of(stack)["scope"]) == sorted(scopes)
    stack.up("--refresh").ok()

    assert sorted(grant_of(stack)["scope"]) == ["create:tenants", "read:tenants"]
    assert stack.up().ok().summary.startswith("4 unchanged")


@pytest.mark.long
def test_a_grant_made_anew_by_hand_is_found_under_its_new_id(stack_of_two: Stack) -> None:
    stack = stack_of_two
    old = grant_of(stack)
    stack.appliance.api("DELETE", f"client-grants/{old['id']}")
    again = {key: old[key] for key in ("client_id", "audience", "scope")}
    new = stack.appliance.api("POST", "client-grants", again)

    stack.refresh().ok()

    assert stack.resources()["provisioning"]["id"] == new["id"] != old["id"]
    assert stack.up().ok().summary.startswith("4 unchanged")


@pytest.mark.long
def test_a_grant_deleted_by_hand_is_made_again(stack: Stack) -> None:
    stack.declare().up().ok()
    stack.appliance.api("DELETE", f"client-grants/{grant_of(stack)['id']}")

    assert "- 1 deleted" in stack.refresh().ok().summary
    assert "+ 2 created" in stack.declare("customer-1", scopes=["create:tenants"]).up().ok().summary

    assert grant_of(stack)["scope"] == ["create:tenants"]


def test_a_refresh_reads_the_list_once_for_all_tenants(stack: Stack) -> None:
    stack.declare(*(f"customer-{number}" for number in range(1, 8))).up().ok()
    stack.appliance.forget_calls()

    assert stack.refresh().ok().summary.startswith("9 unchanged")

    lists = stack.appliance.calls("GET", "/api/v2/tenants")
    assert 1 <= len(lists) <= 2  # a refresh reads in up to two processes
    assert not [call for call in stack.appliance.calls("POST", "/oauth/token") if "customer" in call["host"]]


def test_a_tenant_deleted_behind_our_back_stays_in_the_state_and_is_never_posted_again(stack: Stack) -> None:
    scopes = ["create:tenants", "read:tenants", "delete:tenants"]
    stack.declare("customer-1", "customer-2", scopes=scopes).up().ok()
    credential = stack.credential("customer-2")
    stack.appliance.api("DELETE", "tenants/customer-2", application="provisioning")

    seen = stack.refresh().ok()

    assert "~ 1 updated" in seen.summary, seen.output
    assert "the appliance no longer lists tenant customer-2" in seen.output
    outputs = stack.resources()["customer-2"]["outputs"]
    assert outputs["ready"] is False
    assert outputs["problem"] == "the appliance no longer lists tenant customer-2"
    assert stack.credential("customer-2") == credential
    stack.up().ok()
    assert stack.posts() == ["201", "201"]


@pytest.fixture
def listless(stack: Stack) -> Stack:
    """The same stack on an appliance that has no calls to read tenants."""
    stack.appliance.stop()
    started = LocalAppliance.start(stack.appliance.data, "--no-tenant-reads")
    stack.appliance.process, stack.appliance.described = started.process, started.described
    stack.environment["PSAAS_CONNECT_TO"] = started.address
    return stack


@pytest.mark.long
def test_without_a_list_each_tenant_is_looked_at_by_its_own_credential(listless: Stack) -> None:
    stack = listless
    stack.declare("customer-1", "customer-2").up().ok()
    assert stack.refresh().ok().summary.startswith("4 unchanged")
    credential = stack.credential("customer-2")
    token = stack.appliance.tenant_token("customer-2.appliance.test", **credential)
    path = f"/api/v2/clients/{credential['client_id']}/rotate-secret"
    status, _ = stack.appliance.request("POST", path, host="customer-2.appliance.test", token=token)
    assert status == 200

    assert "~ 1 updated" in stack.refresh().ok().summary

    outputs = stack.resources()["customer-2"]["outputs"]
    assert outputs["ready"] is False
    assert "customer-2.appliance.test" in outputs["problem"]
    assert stack.credential("customer-2") == credential


def test_a_refresh_of_an_appliance_that_is_down_fails_and_drops_nothing(stack_of_two: Stack) -> None:
    stack = stack_of_two
    stack.appliance.stop()

    stack.refresh().failed("could not connect to rta.appliance.test")

    assert set(stack.resources()) == {"provisioning", "customer-1", "customer-2"}
