"""Tenants of an Auth0 Private SaaS appliance as Pulumi resources.

config -> Fleet          what a stack file declares           settings      how this machine reaches the appliance
client_grant, tenant     Resource, Provider, Handler          management    one method per API call, over transport
escrow                   one-time credentials, safe first     identity      which appliance this is
posting, readiness       when to POST, and how to look        errors        everything that can go wrong, as a tree
"""

from .client_grant import ClientGrant
from .tenant import Tenant

__all__ = ["ClientGrant", "Tenant"]
