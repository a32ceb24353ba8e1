"""What every stack's state holds of us. A change here breaks the refresh and destroy of stacks that exist."""

from __future__ import annotations

import base64
import pickletools

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from psaas_resources import (
    ClientGrant,
    ProvisioningApplication,
    Tenant,
    client_grant,
    client_grant_state,
    credential_sink_state,
    handed_over,
    management_client_handler,
    management_client_state,
    owner_invitations_state,
    provisioning_application_state,
    tenant,
    tenant_settings_state,
    tenant_state,
)
from psaas_resources.client_grant import ClientGrantProvider
from psaas_resources.credential_sink import CredentialSink, CredentialSinkProvider
from psaas_resources.dynamic import Provider
from psaas_resources.management_client import ManagementClient, ManagementClientProvider
from psaas_resources.owner_invitations import OwnerInvitations, OwnerInvitationsProvider
from psaas_resources.provisioning_application import ProvisioningApplicationProvider
from psaas_resources.tenant import TenantProvider
from psaas_resources.tenant_settings import TenantSettings, TenantSettingsProvider

PROVIDERS = [
    (TenantProvider, "psaas_resources.tenant", "TenantProvider"),
    (ClientGrantProvider, "psaas_resources.client_grant", "ClientGrantProvider"),
    (TenantSettingsProvider, "psaas_resources.tenant_settings", "TenantSettingsProvider"),
    (CredentialSinkProvider, "psaas_resources.credential_sink", "CredentialSinkProvider"),
    (ManagementClientProvider, "psaas_resources.management_client", "ManagementClientProvider"),
    (OwnerInvitationsProvider, "psaas_resources.owner_invitations", "OwnerInvitationsProvider"),
    (
        ProvisioningApplicationProvider,
        "psaas_resources.provisioning_application",
        "ProvisioningApplicationProvider",
    ),
]


@pytest.mark.parametrize(("provider", "module", "name"), PROVIDERS)
def test_a_provider_is_stored_as_module_and_class_and_nothing_else(
    provider: type[Provider], module: str, name: str
) -> None:
    stored = base64.b64decode(serialize_provider(provider()))
    texts = [argument for _, argument, _ in pickletools.genops(stored) if isinstance(argument, str)]
    assert texts == [module, name]
    assert len(stored) < 100


@pytest.mark.parametrize(("provider", "module", "name"), PROVIDERS)
def test_a_provider_is_stored_the_same_each_time(provider: type[Provider], module: str, name: str) -> None:
    assert serialize_provider(provider()) == serialize_provider(provider())


@pytest.mark.parametrize(("provider", "module", "name"), PROVIDERS)
def test_a_new_provider_holds_nothing(provider: type[Provider], module: str, name: str) -> None:
    assert vars(provider()) == {}


@pytest.mark.parametrize(("provider", "module", "name"), PROVIDERS)
def test_a_provider_that_holds_nothing_is_not_encrypted_for_each_resource(
    provider: type[Provider], module: str, name: str
) -> None:
    assert provider.serialize_as_secret_always is False


def test_resources_are_found_under_their_types() -> None:
    assert Tenant._resource_type_name == "dynamic/psaas:Tenant"
    assert ClientGrant._resource_type_name == "dynamic/psaas:ClientGrant"
    assert ManagementClient._resource_type_name == "dynamic/psaas:ManagementClient"
    assert CredentialSink._resource_type_name == "dynamic/psaas:CredentialSink"
    assert OwnerInvitations._resource_type_name == "dynamic/psaas:OwnerInvitations"
    assert TenantSettings._resource_type_name == "dynamic/psaas:TenantSettings"
    assert ProvisioningApplication._resource_type_name == "dynamic/psaas:ProvisioningApplication"
    assert (tenant.Tenant, client_grant.ClientGrant) == (Tenant, ClientGrant)


def test_the_properties_of_a_tenant_in_the_state_are_these() -> None:
    assert tenant_state.INPUTS == (
        "rta",
        "tenant_domain",
        "name",
        "owners",
        "labels",
        "deletion",
        "adopt",
        "recreate",
        "retired",
        "rotate",
    )
    assert set(tenant_state.OUTPUTS) >= {
        "applied_owners", "domain", "audience", "client_id", "client_secret", "ready", "problem", "created_at",
        "managed_since", "rotated_at",
    }  # fmt: skip


def test_the_properties_of_a_client_grant_in_the_state_are_these() -> None:
    props = {"rta": "r", "client_id": "c", "audience": "a", "scopes": ["s"]}
    assert set(client_grant_state.Grant.of(props).outputs()) == {*props, "adopt", "allow_all_scopes"}


def test_the_properties_of_tenant_settings_in_the_state_are_these_and_none_of_them_is_a_secret() -> None:
    state = tenant_settings_state.TenantSettingsState("r", "t", "d")
    assert set(state.outputs()) == {
        "rta", "tenant", "domain", "settings", "tenant_created_at", "applied", "ready", "problem", "managed_since",
    }  # fmt: skip


def test_the_properties_of_a_provisioning_application_in_the_state_are_these() -> None:
    props = {
        "rta": "r",
        "name": "n",
        "description": "d",
        "adopt": "",
        "rotate": "",
        "signs": True,
        "previous_key_hours": 24.0,
    }
    assert tuple(props) == provisioning_application_state.INPUTS
    outputs = provisioning_application_state.Application.of(props).outputs()
    assert set(outputs) == {
        *props, "client_id", "client_secret", "drift", "client_key", "previous_key_id", "key_rotated_at",
        "secret_since",
    }  # fmt: skip
    note = provisioning_application_state.Note("mark").stored()
    assert set(note) == {
        "marker", "client_id", "client_secret", "rotation", "previous", "client_key", "previous_key",
    }  # fmt: skip


def test_the_properties_of_a_teams_application_in_the_state_and_its_mark_in_the_tenant_are_these() -> None:
    state = management_client_state.ManagementClientState("r", "t", "d", "Team", rotate="2026-11")
    assert set(state.outputs()) == {
        "rta", "tenant", "domain", "name", "scopes", "rotate", "previous_hours", "tenant_created_at", "client_id",
        "client_secret", "applied_scopes", "previous_client_id", "rotated_at", "ready", "problem", "managed_since",
    }  # fmt: skip
    assert (management_client_handler.MARK, state.marker) == ("psaas_tenants", "Team / 2026-11")


def test_the_properties_of_a_credential_in_its_sink_are_these_and_none_of_them_is_a_secret() -> None:
    state = credential_sink_state.CredentialSinkState("r", "t", "d")
    assert set(state.outputs()) == {
        "rta", "tenant", "domain", "client", "client_id", "sink", "adopt", "fingerprint", "seen", "written_at",
        "ready", "problem",
    }  # fmt: skip
    assert set(state.outputs()["sink"]) == {"kind", "address", "namespace", "mount", "path", "role_id"}


def test_the_properties_of_invitations_in_the_state_are_these_and_none_of_them_is_a_secret() -> None:
    state = owner_invitations_state.OwnerInvitationsState("r", "t", "d", ("a@example.com",))
    assert set(state.outputs()) == {
        "rta", "tenant", "domain", "owners", "tenant_created_at", "invited", "members", "unsure", "ready", "problem",
        "managed_since",
    }  # fmt: skip
    assert owner_invitations_state.OwnerInvitationsState.of(state.outputs()) == state


def test_a_credential_has_the_same_fingerprint_for_ever() -> None:
    what = handed_over.HandedOver("customer-1", "customer-1.example.com", "client", "secret")
    assert what.fingerprint == "4da0c9c5a4e13ae3de54825597cf4140"
    assert handed_over.fingerprint({**what.variables(), "OTHER": "x"}) == what.fingerprint
    assert handed_over.fingerprint({"OTHER": "x"}) == ""
