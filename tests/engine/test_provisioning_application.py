"""From an admin credential alone to tenants: the application, its grant and the tenants, on the real engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from review import drift, preview
from review.events import NO_APPLICATION
from tests.engine.stack import NAME as STACK
from tests.engine.stack import ROOT, Stack

NAME = "Tenant Provisioning"
APPLICATION = "urn:pulumi:{stack}::psaas::pulumi-python:dynamic/psaas:ProvisioningApplication::application"


@pytest.fixture
def empty(stack: Stack) -> Stack:
    """A stack on an appliance that has an admin application and nothing else; it manages the application itself."""
    stack.appliance.api("DELETE", f"clients/{stack.appliance.described['provisioning']['client_id']}")
    del stack.environment["PSAAS_CLIENT_SECRET"]
    stack.declare(manageApplication=True, clientId=None)
    return stack


def applications(stack: Stack, name: str = NAME) -> list[dict[str, Any]]:
    return [one for one in stack.appliance.api("GET", "clients") if one["name"] == name]


def enabled(stack: Stack, client_id: str) -> list[str]:
    """The connections that an application is enabled on."""
    found = stack.appliance.api("GET", "connections?fields=id,name,enabled_clients")
    return [connection["name"] for connection in found if client_id in connection["enabled_clients"]]


def plain_secret(stack: Stack) -> str:
    """The application's secret in the state."""
    outputs = stack.resources(show_secrets=True)["application"]["outputs"]
    return str(json.loads(outputs["client_secret"]["plaintext"]))


def fleet_beside(bootstrap: Stack, folder: Path, engine_bin: Path) -> Stack:
    """A stack for tenants, which has what the other one put out and no admin credential."""
    shown = json.loads(bootstrap.pulumi("stack", "output", "--json", "--show-secrets").ok().output)
    bootstrap.said.pop()
    fleet = Stack.create(folder, engine_bin, bootstrap.appliance)
    del fleet.environment["PSAAS_ADMIN_CLIENT_SECRET"]
    fleet.environment |= {"PSAAS_CLIENT_SECRET": shown["clientSecret"]}
    return fleet.declare(manageGrant=False, clientId=shown["clientId"], adminClientId=None)


@pytest.mark.long
def test_one_update_makes_application_grant_and_tenants_and_what_is_changed_by_hand_is_mended(empty: Stack) -> None:
    empty.declare("customer-1", "customer-2")
    assert empty.preview().ok().summary.startswith("+ 6 to create")

    empty.up().ok()

    [made] = applications(empty)
    assert (made["app_type"], made["grant_types"]) == ("non_interactive", ["client_credentials"])
    assert enabled(empty, made["client_id"]) == []
    assert all(tenant["ready"] for tenant in empty.outputs().values())
    assert empty.up().ok().summary.startswith("6 unchanged")
    assert empty.posts() == ["201", "201"]

    [connection, *_] = empty.appliance.api("GET", "connections?fields=id,name")
    switch = [{"client_id": made["client_id"], "status": True}]
    empty.appliance.api("PATCH", f"connections/{connection['id']}/clients", switch)
    looked = empty.refresh("--diff").ok()
    assert f'connection "{connection["name"]}" is enabled' in looked.output.replace("\\", "")
    assert empty.up().ok().summary.startswith("~ 1 updated")
    assert enabled(empty, made["client_id"]) == []
    assert empty.up().ok().summary.startswith("6 unchanged")


def test_the_secret_is_stored_once_and_encrypted_until_another_marker_rotates_it(empty: Stack) -> None:
    empty.declare("customer-1").up().ok()
    secret, [made] = plain_secret(empty), applications(empty)

    stored = empty.pulumi("stack", "export", "--show-secrets").ok().output
    empty.said.pop()

    holders = [r["urn"].rpartition("::")[2] for r in json.loads(stored)["deployment"]["resources"] if secret in str(r)]
    assert sorted(set(holders)) == ["appliance", "application", "psaas-test"]  # the last are the stack's outputs
    assert secret not in "".join(ran.output for ran in empty.said)
    assert secret not in "".join(file.read_text() for file in (empty.project / "state").rglob("*.json"))

    # Another marker rotates it, and the preview marks every tenant.
    empty.declare("customer-1", rotate="2026-11-24")
    assert "2 to update" in empty.preview().ok().summary or "3 to update" in empty.preview().ok().summary
    empty.up().ok()

    new = plain_secret(empty)
    assert new != secret
    empty.appliance.tenant_token(empty.appliance.rta, client_id=made["client_id"], client_secret=new)
    body = {"grant_type": "client_credentials", "audience": f"https://{empty.appliance.rta}/api/v2/"}
    credential = {"client_id": made["client_id"], "client_secret": secret}
    assert empty.appliance.request("POST", "/oauth/token", body=body | credential)[0] == 401
    assert empty.declare("customer-1", "customer-2", rotate="2026-11-24").up().ok().summary.startswith("+ 1 created")
    assert empty.declare("customer-1", "customer-2", rotate=None).preview().ok().summary.startswith("6 unchanged")
    assert len(applications(empty)) == 1


def test_two_stacks_in_turn_make_application_and_tenants_and_the_fleet_holds_no_admin_credential(
    empty: Stack, engine_bin: Path, tmp_path: Path
) -> None:
    empty.declare().up().ok()
    fleet = fleet_beside(empty, tmp_path / "fleet", engine_bin).declare("customer-1")
    assert fleet.up().ok().summary.startswith("+ 2 created")
    assert fleet.outputs()["customer-1"]["ready"]

    assert empty.up().ok().summary.startswith("4 unchanged")
    assert fleet.up().ok().summary.startswith("2 unchanged")


@pytest.mark.long
def test_tenants_move_to_a_managed_application_and_back_without_being_replaced(stack: Stack) -> None:
    stack.declare("customer-1", manageGrant=False)
    own = stack.appliance.described["provisioning"]["client_id"]
    grant = {"client_id": own, "audience": f"https://{stack.appliance.rta}/api/v2/"}
    stack.appliance.api("POST", "client-grants", {**grant, "scope": ["create:tenants", "read:tenants"]})
    stack.up().ok()
    before = stack.credential("customer-1")

    stack.declare("customer-1", manageApplication=True, adoptApplication=own)
    moved = stack.up().ok()
    assert "+ 2 created" in moved.summary
    assert "replace" not in moved.summary
    assert enabled(stack, own) == []
    assert stack.up().ok().summary.startswith("4 unchanged")

    assert stack.credential("customer-1") == before
    assert stack.posts() == ["201"]


@pytest.mark.long
def test_an_application_that_could_not_be_made_is_told_once_with_the_way_out_and_is_let_go_as_the_page_says(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PSAAS_LONG")  # looks made in this process would find a variable too many
    names, own = ("customer-1", "customer-2"), stack.config["clientId"]
    stack.declare(*names).up().ok()
    before = stack.credential("customer-1")
    stack.declare(*names, manageApplication=True, clientId=None)
    stack.up("--continue-on-error").failed("exists already", "set psaas:adoptApplication to that client ID")

    looked = drift.drift(STACK, root=stack.project, environment=stack.environment)
    planned = preview.preview(STACK, root=stack.project, environment=stack.environment)
    assert [(told.severity, told.message) for told in looked.diagnostics] == [("error", NO_APPLICATION)]
    assert [told.severity for told in planned.diagnostics] == ["warning"], "the engine's warning is told once"

    stack.declare(*names, manageApplication=True, adoptApplication=own).up().ok()
    assert drift.drift(STACK, root=stack.project, environment=stack.environment).changes_nothing

    stack.declare(*names, manageApplication=None, adoptApplication=None, clientId=own)
    stack.up().failed("cannot be deleted because it is protected")
    stack.pulumi("state", "delete", "--yes", "--force", APPLICATION.format(stack=STACK)).ok()
    assert stack.up().ok().summary.startswith("4 unchanged")
    assert [one["client_id"] for one in applications(stack)] == [own]
    assert stack.credential("customer-1") == before
    assert APPLICATION.format(stack="STACK") in (ROOT / "docs" / "first-appliance.md").read_text(encoding="utf-8")
