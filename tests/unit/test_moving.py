"""What goes along when tenants move to another stack."""

from __future__ import annotations

from typing import Any

import pytest

from psaas_resources.errors import ConfigError
from psaas_resources.moving import belongings

RTA = "rta.example.com"


def resource(kind: str, logical_name: str, /, *needs: str, by_property: bool = False, **inputs: str) -> dict[str, Any]:
    depends = {"propertyDependencies": {"tenant": list(needs)}} if by_property else {"dependencies": list(needs)}
    return {
        "urn": f"urn::{kind}::{logical_name}",
        "type": f"pulumi-python:dynamic/psaas:{kind}",
        "inputs": inputs,
        **depends,
    }


def tenant(name: str, rta: str = RTA) -> dict[str, Any]:
    return resource("Tenant", name, "urn::ClientGrant::provisioning", name=name, rta=rta)


def export(*resources: dict[str, Any]) -> dict[str, Any]:
    own = [{"urn": "urn::stack", "type": "pulumi:pulumi:Stack"}, {"urn": "urn::p", "type": "pulumi:providers:x"}]
    return {"deployment": {"resources": [*own, resource("ClientGrant", "provisioning"), *resources]}}


def test_a_tenant_takes_along_what_is_managed_inside_of_it_and_not_the_grant() -> None:
    found = belongings(
        export(
            tenant("customer-1"), tenant("customer-2"),
            resource("TenantSettings", "customer-1-settings", "urn::Tenant::customer-1"),
            resource("ManagementClient", "customer-1-client", "urn::Tenant::customer-1", by_property=True),
            resource("Of another kind", "customer-1-copy", "urn::ManagementClient::customer-1-client"),
            resource("TenantSettings", "customer-2-settings", "urn::Tenant::customer-2"),
        ),
        ["customer-1"], rta=RTA,
    )  # fmt: skip

    assert [urn.rpartition("::")[2] for urn in found.urns] == [
        "customer-1", "customer-1-settings", "customer-1-client", "customer-1-copy"
    ]  # fmt: skip
    assert (found.missing, found.shared) == ((), ())


def test_what_needs_tenants_of_both_stacks_stays_and_is_named() -> None:
    both = resource("Of both", "list", "urn::Tenant::customer-1", "urn::Tenant::customer-2")

    found = belongings(export(tenant("customer-1"), tenant("customer-2"), both), ["customer-1"], rta=RTA)

    assert found.urns == ("urn::Tenant::customer-1",)
    assert found.shared == ("urn::Of both::list",)


def test_a_tenant_that_the_state_lacks_or_that_is_on_another_appliance_is_missing() -> None:
    state = export(tenant("customer-1"), tenant("customer-2", "rta.example.org"))

    assert belongings(state, ["customer-2", "customer-3"], rta=RTA).missing == ("customer-2", "customer-3")


@pytest.mark.parametrize("wrong", [None, [], {}, {"deployment": None}, "text"])
def test_what_is_no_export_is_told(wrong: object) -> None:
    with pytest.raises(ConfigError, match="pulumi stack export"):
        belongings(wrong, [], rta=RTA)
