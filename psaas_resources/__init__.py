"""Tenants of an Auth0 Private SaaS appliance as Pulumi resources.

stack_files -> Fleet     what stack files declare             settings      how this machine reaches the appliance
client_grant, tenant     Resource, Provider, Handler          management    one method per API call, over transport
tenant_settings          the same three, inside a tenant      tenant_access the calls of a tenant's own API
management_client        the same, a team's application       handover      credentials as tools read them
credential_sink          the same, where that one is read     sinks         a Vault, Kubernetes Secrets, a command
owner_invitations        the same, who is invited to it       owners        who administers it, as far as it tells
escrow                   one-time credentials, safe first     identity      which appliance this is
posting, readiness       when to POST, and how to look        errors        everything that can go wrong, as a tree
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .appliance_provider import Appliance
    from .client_grant import ClientGrant
    from .credential_sink import CredentialSink
    from .management_client import ManagementClient
    from .owner_invitations import OwnerInvitations
    from .provisioning_application import ProvisioningApplication
    from .tenant import Tenant
    from .tenant_settings import TenantSettings

__all__ = [
    "Appliance",
    "ClientGrant",
    "CredentialSink",
    "ManagementClient",
    "OwnerInvitations",
    "ProvisioningApplication",
    "Tenant",
    "TenantSettings",
]

_WHERE = {
    "Appliance": ".appliance_provider",
    "ClientGrant": ".client_grant",
    "CredentialSink": ".credential_sink",
    "ManagementClient": ".management_client",
    "OwnerInvitations": ".owner_invitations",
    "ProvisioningApplication": ".provisioning_application",
    "Tenant": ".tenant",
    "TenantSettings": ".tenant_settings",
}


def __getattr__(name: str) -> Any:
    """The resources need Pulumi, which takes its time; who only reads stack files goes without."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name], __name__), name)
