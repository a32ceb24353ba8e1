"""A tenant that an older backup of the appliance didn't have is made again, with what is managed inside of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.engine.stack import Stack
from tests.engine.test_credential_sinks import PATH, declared, in_tenant, vault
from tests.engine.test_management_clients import FIRST, handed_over
from tests.engine.test_tenant_settings import of_tenant
from tests.sinks.vault import VaultStandIn

__all__ = ["vault"]
SCOPES = ["create:tenants", "read:tenants", "delete:tenants"]


def restored_without(stack: Stack, tenant: str) -> None:
    """The appliance is as it was before the tenant was made: it knows nothing of its name."""
    stack.appliance.api("DELETE", f"tenants/{tenant}", application="provisioning")
    with closing(sqlite3.connect(stack.appliance.data / "appliance.db")) as database, database:
        database.execute("DELETE FROM tenants WHERE name = ?", (tenant,))


@pytest.mark.long
def test_a_tenant_that_is_made_again_has_its_settings_and_its_teams_application_with_the_same_update(
    stack: Stack,
) -> None:
    inside = {"settings": {"sessionLifetime": 8}, "managementClient": FIRST}
    entry = {"name": "customer-1", "owners": ["me@email.com"], "recreate": True}
    stack.declare(entry | inside, scopes=SCOPES).up().ok()
    first = handed_over(stack)
    restored_without(stack, "customer-1")

    stack.refresh().ok()
    ran = stack.up().ok()

    assert stack.posts() == ["201", "201"], ran.output
    assert of_tenant(stack, "customer-1")["session_lifetime"] == 8
    second = handed_over(stack)
    assert second["client_id"] != first["client_id"]
    assert stack.appliance.tenant_token("customer-1.appliance.test", **second)
    assert stack.up().ok().summary.startswith("5 unchanged")


@pytest.mark.long
@pytest.mark.parametrize("own", [False, True], ids=["of its team", "its own"])
def test_a_tenant_that_is_made_again_has_its_new_credential_in_the_vault_with_the_same_update(
    stack: Stack, vault: VaultStandIn, own: bool
) -> None:
    stack.declare(scopes=SCOPES)
    inside = {"client": {}, "sink": {"ownCredential": True}} if own else {}
    declared(stack, vault, recreate=True, **inside).up().ok()
    first = vault.get(PATH)[0]
    restored_without(stack, "customer-1")

    stack.refresh().ok()
    stack.up().ok()

    second, version = vault.get(PATH)
    assert second
    assert version == 2
    assert second != first
    assert in_tenant(stack, second)
    assert "updated" not in stack.up().ok().summary
