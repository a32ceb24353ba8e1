"""A credential as a team gets it: the variables that its tools read, and by what it is known again. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

MANAGED_BY, MANAGER = "app.kubernetes.io/managed-by", "psaas-tenants"
TENANT_LABEL = "psaas-tenants/tenant"
VARIABLES = ("AUTH0_DOMAIN", "AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET", "AUTH0_AUDIENCE")


@dataclass(frozen=True)
class HandedOver:
    """A tenant's domain, and the credential that goes to its team."""

    tenant: str
    domain: str
    client_id: str
    client_secret: str = field(repr=False)

    @property
    def audience(self) -> str:
        """The audience of the tenant's Management API."""
        return f"https://{self.domain}/api/v2/"

    def variables(self) -> dict[str, str]:
        """The variables that Terraform's provider, deploy-cli and most programs read."""
        values = (self.domain, self.client_id, self.client_secret, self.audience)
        return dict(zip(VARIABLES, values, strict=True))

    def labels(self) -> dict[str, str]:
        """By which a Kubernetes Secret is known to be ours, and whose it is."""
        return {MANAGED_BY: MANAGER, TENANT_LABEL: self.tenant}

    @property
    def fingerprint(self) -> str:
        """By which this credential is known again; may be published, since nobody guesses a secret of its length."""
        return fingerprint(self.variables())


def fingerprint(found: Mapping[str, object]) -> str:
    """The fingerprint of what lies somewhere, of which only our variables count; "" where there are none."""
    ours = {name: found[name] for name in VARIABLES if name in found}
    if not ours:
        return ""
    text = json.dumps(["psaas-tenants", ours], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
