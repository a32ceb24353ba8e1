"""Situations 1 to 8: what is found before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.dynamic import Config, ConfigureRequest

from psaas_resources import config, rules, settings, tenant_state
from psaas_resources.errors import ConfigError
from psaas_resources.tenant import TenantProvider
from tests.situations import situation
from tests.situations.world import World

RTA = "rta.appliance.test"
STACK: dict[str, Any] = {"domain": RTA, "clientId": "provisioning"}
OWNERS = ["me@email.com"]


def mistakes(*tenants: dict[str, Any]) -> str:
    """What the program says about these entries before it declares anything."""
    with pytest.raises(ConfigError) as raised:
        config.read({**STACK, "tenants": list(tenants)}, environment={})
    return str(raised.value)


def checked(olds: dict[str, Any] | None = None, **news: Any) -> dict[str, str]:
    """What the provider's check says in a preview."""
    return tenant_state.check(olds or {}, {"rta": RTA, "name": "customer-1", "owners": OWNERS} | news)


@situation(1)
@pytest.mark.parametrize(
    "name", ["ab", "a" * 64, "Customer-1", "customer_1", "-customer", "customer-", "customer.1", "", "kunde-ä", "a b c"]
)
def test_a_name_that_no_tenant_can_have_is_refused_in_the_preview(name: str) -> None:
    said = mistakes({"name": name, "owners": OWNERS})

    assert "psaas:tenants[0].name" in said
    assert name in said
    assert set(checked(name=name)) == {"name"}


@situation(2)
@pytest.mark.parametrize("name", [*sorted(rules.RESERVED_NAMES), "rta"])
def test_a_reserved_name_and_the_label_of_the_root_tenant_authority_are_refused_in_the_preview(name: str) -> None:
    said = checked(name=name)["name"]

    assert f'"{name}"' in said
    if len(name) > 2:
        assert "reserved" in said or "root tenant authority itself" in said
    assert "psaas:tenants[0].name" in mistakes({"name": name, "owners": OWNERS})


@situation(3)
@pytest.mark.parametrize("second", ["customer-1", "Customer-1", "CUSTOMER-1"])
def test_a_name_that_is_listed_twice_in_any_case_is_refused(second: str) -> None:
    said = mistakes({"name": "customer-1", "owners": OWNERS}, {"name": second, "owners": OWNERS})

    assert "psaas:tenants[1].name" in said
    assert '"customer-1"' in said


@situation(4)
@pytest.mark.parametrize(("owners", "place"), [(["me@"], "owners[0]"), (["a@b.de", "nobody"], "owners[1]"), ([], "")])
def test_an_owner_who_has_no_address_and_a_tenant_without_owners_are_refused(owners: list[str], place: str) -> None:
    said = mistakes({"name": "customer-1", "owners": owners})

    assert f"psaas:tenants[0].{place or 'owners'}" in said
    assert set(checked(owners=owners)) == {"owners"}


@situation(5)
def test_a_changed_name_is_refused_and_never_a_replacement() -> None:
    old = {"rta": RTA, "name": "customer-1", "owners": OWNERS}

    said = checked(old, name="customer-2")["name"]

    assert "never changes (it is customer-1)" in said
    assert "never used again" in said
    assert "name" in tenant_state.IMMUTABLE


@situation(6)
def test_owners_that_change_later_are_kept_with_a_warning_and_no_request(world: World) -> None:
    made = world.run().create(world.name())
    world.forget_calls()

    changed = world.run().update(made, owners=("else@email.com",))

    assert changed.owners == ("else@email.com",)
    assert changed.applied_owners == ("me@email.com",)
    [warning] = world.warnings
    assert "owners are not changed by this update" in warning
    assert "Invite or remove them in the dashboard" in warning
    assert world.requests() == []
    assert tenant_state.diff(changed, changed.outputs(), None, warn=world.warnings.append) == []


@situation(7)
def test_a_preview_without_credentials_goes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in settings.SECRETS:
        monkeypatch.delenv(settings.variable(key), raising=False)
    monkeypatch.delenv("PSAAS_EXPECTED_RTA", raising=False)
    provider = TenantProvider()
    provider.configure(ConfigureRequest(Config({"psaas:domain": RTA, "psaas:clientId": "provisioning"}, "psaas")))
    inputs = {"rta": RTA, "tenant_domain": "appliance.test", "name": "customer-1", "owners": OWNERS, "labels": {}}
    inputs |= {"deletion": "refuse", "adopt": False}

    assert not provider.check({}, inputs).failures
    before = inputs | {"ready": True, "client_id": "abc", "client_secret": "canary-of-a-secret"}
    assert provider.diff("customer-1", before, inputs).changes is False


@situation(8)
def test_an_update_without_credentials_names_every_place_where_they_may_stand(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.environment["PSAAS_CLIENT_SECRET"] = ""
    world.environment["PSAAS_ADMIN_CLIENT_SECRET"] = ""
    world.forget_calls()

    with world.fails(ConfigError, "psaas:clientId", "PSAAS_CLIENT_SECRET", "PSAAS_CLIENT_SECRET_FILE", "--secret"):
        world.run().create(world.name())
    with world.fails(ConfigError, "psaas:adminClientId", "PSAAS_ADMIN_CLIENT_SECRET", "psaas:manageGrant: false"):
        world.run().grants.create(world.declared_grant())

    assert world.requests() == []
