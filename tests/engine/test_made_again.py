"""A tenant that an older backup of the appliance didn't have is made again, with what is managed inside of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.engine.stack import Stack
from tests.engine.test_management_clients import FIRST, handed_over
from tests.engine.test_tenant_settings import of_tenant


def restored_without(stack: Stack, tenant: str) -> None:
    """The appliance is as it was before the tenant was made: it knows nothing of its name."""
    stack.appliance.api("DELETE", f"tenants/{tenant}", application="provisioning")
    with closing(sqlite3.connect(stack.appliance.data / "appliance.db")) as database, database:
        database.execute("DELETE FROM tenants WHERE name = ?", (tenant,))


def test_a_tenant_that_is_made_again_has_its_settings_and_its_teams_application_with_the_same_update(
    stack: Stack,
) -> None:
    inside = {"settings": {"sessionLifetime": 8}, "managementClient": FIRST}
    entry = {"name": "customer-1", "owners": ["me@email.com"], "recreate": True}
    scopes = ["create:tenants", "read:tenants", "delete:tenants"]
    stack.declare(entry | inside, scopes=scopes).up().ok()
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
