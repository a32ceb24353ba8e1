"""From an admin credential alone: everything is made, and whatever is changed by hand is seen and mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.stack import Stack
from tests.engine.test_provisioning_application import applications, empty, enabled, fleet_beside, plain_secret
from tests.engine.test_tenant_settings import of_tenant

__all__ = ["empty"]
SETTINGS = {"sessionLifetime": 8}


def connection_enabled(stack: Stack) -> None:
    [connection, *_] = stack.appliance.api("GET", "connections?fields=id,name")
    switch = [{"client_id": applications(stack)[0]["client_id"], "status": True}]
    stack.appliance.api("PATCH", f"connections/{connection['id']}/clients", switch)


def grant_narrowed(stack: Stack) -> None:
    client_id = applications(stack)[0]["client_id"]
    [grant] = stack.appliance.api("GET", f"client-grants?client_id={client_id}")
    stack.appliance.api("PATCH", f"client-grants/{grant['id']}", {"scope": ["read:tenants"]})


def secret_rotated(stack: Stack) -> None:
    stack.appliance.api("POST", f"clients/{applications(stack)[0]['client_id']}/rotate-secret")


def setting_changed(stack: Stack) -> None:
    of_tenant(stack, "customer-1", "PATCH", {"session_lifetime": 100})


def in_order(stack: Stack) -> None:
    """What is declared is what the appliance has."""
    [made] = applications(stack)
    [grant] = stack.appliance.api("GET", f"client-grants?client_id={made['client_id']}")
    assert enabled(stack, made["client_id"]) == []
    assert sorted(grant["scope"]) == ["create:tenants", "read:tenants"]
    stack.appliance.tenant_token(stack.appliance.rta, client_id=made["client_id"], client_secret=plain_secret(stack))


@pytest.mark.timeout(900)
def test_one_update_makes_everything_and_each_change_by_hand_is_seen_and_mended(empty: Stack) -> None:
    """A connection that is enabled, a grant that is narrowed, a secret that is rotated, a setting that is changed."""
    empty.declare("customer-1", settings=SETTINGS).up().ok()
    assert empty.up().ok().summary.startswith("6 unchanged")

    for change in (connection_enabled, grant_narrowed, secret_rotated, setting_changed):
        change(empty)
    looked = empty.refresh("--diff").ok()
    assert "~ 4 updated" in looked.summary  # the application, the provider with its secret, grant and settings
    for words in ("is enabled", "its secret was changed out of band", "session_lifetime", "scopes"):
        assert words in looked.output
    empty.up().ok()

    in_order(empty)
    assert of_tenant(empty, "customer-1")["session_lifetime"] == 8
    assert empty.up().ok().summary.startswith("6 unchanged")
    assert empty.posts() == ["201"]


@pytest.mark.long
@pytest.mark.timeout(900)
def test_two_stacks_in_turn_do_the_same_with_settings_and_the_second_update_of_each_changes_nothing(
    empty: Stack, engine_bin: Path, tmp_path: Path
) -> None:
    empty.declare().up().ok()
    fleet = fleet_beside(empty, tmp_path / "fleet", engine_bin)
    fleet.declare("customer-1", settings=SETTINGS).up().ok()

    connection_enabled(empty)
    grant_narrowed(empty)
    setting_changed(fleet)
    for stack in (empty, fleet):
        assert "updated" in stack.refresh().ok().summary
        stack.up().ok()

    in_order(empty)
    assert of_tenant(fleet, "customer-1")["session_lifetime"] == 8
    assert "updated" not in empty.up().ok().summary + fleet.up().ok().summary
