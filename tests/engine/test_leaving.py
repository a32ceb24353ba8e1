"""What happens to a tenant, and to the client grant, when it leaves the stack file."""

from __future__ import annotations

import json

import pytest

from tests.engine.snapshots import Made
from tests.engine.stack import Stack


def forgettable(name: str, **rest: object) -> dict[str, object]:
    return {"name": name, "owners": ["me@email.com"], "deletion": "forget", **rest}


def test_a_tenant_taken_off_the_list_stops_the_preview(stack_of_two: Stack) -> None:
    stack = stack_of_two
    stack.declare("customer-1")

    stack.preview().failed("customer-2", "protect")
    stack.up().failed("customer-2", "protect")
    assert set(stack.resources()) == {"provisioning", "customer-1", "customer-2"}


@pytest.mark.long
def test_unprotecting_a_tenant_by_hand_does_not_let_it_go_and_says_what_does(stack_of_two: Stack) -> None:
    stack = stack_of_two
    urn = "urn:pulumi:test::psaas::pulumi-python:dynamic/psaas:Tenant::customer-2"
    stack.pulumi("state", "unprotect", urn, "--yes").ok()

    stack.declare("customer-1")

    stack.up().failed("tenant customer-2 is not let go", "Set it to forget")
    assert "customer-2" in stack.resources()


def test_a_tenant_to_be_forgotten_stays_on_the_appliance_and_its_credential_comes_back_with_it(stack: Stack) -> None:
    stack.declare("customer-1", forgettable("customer-2")).up().ok()
    credential = stack.credential("customer-2")
    stack.preview().ok()  # sees the credential in the state, so the escrow has no entry any more
    escrow = stack.project / "escrow" / stack.appliance.rta / "customer-2.json"
    assert not escrow.exists()

    assert "- 1 deleted" in stack.declare("customer-1").up().ok().summary

    assert json.loads(escrow.read_text())["reason"] == "forgotten"
    assert credential["client_secret"] not in escrow.read_text()
    assert stack.appliance.tenant_token("customer-2.appliance.test", **credential)
    stack.declare("customer-1", forgettable("customer-2")).up().ok()
    assert stack.credential("customer-2") == credential
    assert stack.posts() == ["201", "201"]
    assert stack.up().ok().summary.startswith("4 unchanged")
    assert not escrow.exists()


def test_retiring_a_tenant_is_one_change_and_its_name_never_returns(stack_of_two: Stack) -> None:
    stack = stack_of_two
    credential = stack.credential("customer-2")

    ran = stack.declare("customer-1", retired=[{"name": "customer-2"}]).up().ok()

    assert "~ 1 updated" in ran.summary
    assert "tenant customer-2 is forgotten: it stays on the appliance" in ran.output
    assert stack.appliance.tenant_token("customer-2.appliance.test", **credential)
    assert set(stack.outputs()) == {"customer-1"}
    assert stack.up().ok().summary.startswith("4 unchanged")
    assert stack.refresh().ok().summary.startswith("4 unchanged")
    stack.declare("customer-1", "customer-2", retired=[{"name": "customer-2"}]).preview().failed(
        'psaas:retired[0].name: "customer-2" is listed already, in psaas:tenants[1] (stacks/Pulumi.test.yaml:',
        "a retired name never returns",
    )
    stack.declare("customer-1", "customer-2", retired=None).preview().failed("customer-2 is retired")
    assert stack.posts() == []


@pytest.mark.long
def test_a_changed_deletion_counts_from_the_update_after_it_was_applied(stack_of_two: Stack) -> None:
    stack = stack_of_two
    stack.declare("customer-1", forgettable("customer-2"))
    assert "~ 1 to update" in stack.preview().ok().summary
    stack.up().ok()

    assert "- 1 deleted" in stack.declare("customer-1").up().ok().summary


def test_deleting_takes_the_run_level_switch_that_names_the_tenant(stack: Stack) -> None:
    grant = ["create:tenants", "read:tenants", "delete:tenants"]
    deletable = {"name": "customer-2", "owners": ["me@email.com"], "deletion": "delete"}
    stack.declare("customer-1", deletable, scopes=grant).up().ok()

    stack.declare("customer-1")
    stack.up().failed("tenant customer-2 is not deleted", "PSAAS_ALLOW_DELETE=customer-2")
    stack.up(PSAAS_ALLOW_DELETE="customer-7").failed("PSAAS_ALLOW_DELETE=customer-2")
    assert stack.appliance.calls("DELETE", "/api/v2/tenants") == []

    assert "- 1 deleted" in stack.up(PSAAS_ALLOW_DELETE="customer-2").ok().summary
    assert [call["status"] for call in stack.appliance.calls("DELETE", "/api/v2/tenants")] == [204]
    stack.declare("customer-1", "customer-2").up().failed("customer-2 was deleted by us", "never be used again")
    assert len(stack.posts()) == 2


def test_a_deletion_that_the_declared_grant_does_not_allow_stops_the_preview_at_its_place(stack: Stack) -> None:
    deletable = {"name": "customer-2", "owners": ["me@email.com"], "deletion": "delete"}
    ran = stack.declare("customer-1", deletable).preview()
    ran.failed("psaas:tenants[1].deletion: needs delete:tenants, which psaas:scopes does not list; add it there")


@pytest.mark.long
def test_a_refused_deletion_says_so_and_keeps_the_tenant(stack: Stack) -> None:
    grant = ["create:tenants", "read:tenants"]
    deletable = {"name": "customer-2", "owners": ["me@email.com"], "deletion": "delete"}
    stack.declare("customer-1", deletable, scopes=[*grant, "delete:tenants"]).up().ok()

    ran = stack.declare("customer-1", scopes=grant).up(PSAAS_ALLOW_DELETE="customer-2")

    ran.failed("can't delete tenant customer-2", "403", "deletion: forget")
    assert "customer-2" in stack.resources()


@pytest.mark.long
def test_the_grant_stays_while_tenants_remain(stack: Stack) -> None:
    stack.declare("customer-1", forgettable("customer-2")).up().ok()

    stack.declare("customer-1", forgettable("customer-2"), manageGrant=False)
    stack.preview().failed("provisioning", "protect")
    urn = "urn:pulumi:test::psaas::pulumi-python:dynamic/psaas:ClientGrant::provisioning"
    stack.pulumi("state", "unprotect", urn, "--yes").ok()
    stack.up().failed("is kept", "tenants remain on rta.appliance.test", "pulumi state delete")

    assert len(stack.appliance.api("GET", "client-grants?client_id=" + stack.config["clientId"])) == 1


@pytest.mark.long
def test_the_grant_can_not_lose_the_scope_that_makes_tenants(stack_of_two: Stack) -> None:
    stack = stack_of_two
    stack.declare("customer-1", "customer-2", scopes=["read:tenants"]).preview().failed("can't lose create:tenants")


def test_a_grant_goes_when_no_tenant_was_ever_made(made: Made) -> None:
    stack = made()

    assert "- 2 deleted" in stack.pulumi("destroy", "--yes", "--skip-preview").ok().summary

    assert stack.appliance.api("GET", "client-grants?client_id=" + stack.config["clientId"]) == []


@pytest.mark.long
def test_a_name_or_an_appliance_never_changes(made: Made) -> None:
    stack = made("customer-1")
    program = """
import pulumi
from psaas_resources import Tenant
Tenant("customer-1", name="customer-9", owners=["me@email.com"])
"""
    (stack.project / "__main__.py").unlink()
    (stack.project / "__main__.py").write_text(program)
    stack.preview().failed("a tenant's name never changes (it is customer-1)")
    (stack.project / "__main__.py").write_text(program.replace('-9"', '-1", rta="rta.elsewhere.test"'))
    stack.preview().failed("a tenant's appliance never changes (it is rta.appliance.test)")
