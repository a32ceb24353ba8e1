"""Our handlers on a local appliance over HTTPS, without the engine: what a provider process would do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from psaas_resources import escrow as escrow_module
from psaas_resources import settings as settings_module
from psaas_resources.client_grant_handler import ClientGrantHandler
from psaas_resources.client_grant_state import Grant
from psaas_resources.escrow import Escrow
from psaas_resources.limits import Limits
from psaas_resources.management import Management
from psaas_resources.posting import Posting
from psaas_resources.settings import Settings
from psaas_resources.tenant_handler import TenantHandler
from psaas_resources.tenant_state import TenantState, settle
from tests.local_appliance import LocalAppliance


@dataclass
class Operator:
    """One machine with an escrow. `run()` begins a new run: a new process would know nothing of the last."""

    appliance: LocalAppliance
    directory: Path
    config: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def settings(self) -> Settings:
        described = self.appliance.described
        config = {
            "domain": self.appliance.rta,
            "clientId": described["provisioning"]["client_id"],
            "adminClientId": described["admin"]["client_id"],
        } | self.config
        environment = {
            "PSAAS_CONNECT_TO": self.appliance.address,
            "PSAAS_CA_BUNDLE": self.appliance.ca,
            "PSAAS_CLIENT_SECRET": described["provisioning"]["client_secret"],
            "PSAAS_ADMIN_CLIENT_SECRET": described["admin"]["client_secret"],
            "PSAAS_ESCROW_DIR": str(self.directory),
            "PSAAS_TIMEOUT_SECONDS": "5",
        } | self.environment
        return settings_module.read(config.get, environment)

    def run(self, **environment: str) -> Run:
        self.environment |= environment
        settings = self.settings()
        escrow_module.of.cache_clear()
        return Run(self, settings)

    def management(self, settings: Settings) -> Management:
        """The client of a run."""
        return Management(settings)

    def grant(self, *scopes: str) -> None:
        """The client grant, made by hand as it were."""
        self.run().grants.create(self.declared_grant(*(scopes or ("create:tenants", "read:tenants"))))

    def declared_grant(self, *scopes: str, adopt: bool = False) -> Grant:
        settings = self.settings()
        return Grant(settings.rta, settings.client_id, settings.audience, tuple(sorted(scopes)), adopt=adopt)

    def tenant(self, name: str, **rest: Any) -> TenantState:
        settings = self.settings()
        given = {"owners": ("me@email.com",), "deletion": "forget"} | rest
        return TenantState(rta=settings.rta, tenant_domain=settings.tenant_domain, name=name, **given)

    def posts(self) -> list[int]:
        return [call["status"] for call in self.appliance.calls("POST", "/api/v2/tenants")]


class Run:
    """What one provider process has: a client, an escrow, the turns of its POSTs."""

    def __init__(self, operator: Operator, settings: Settings) -> None:
        self._operator = operator
        self.settings = settings
        self.api = operator.management(settings)
        self.escrow: Escrow = escrow_module.of(settings)
        self.limits = Limits(settings.max_new_tenants, settings.max_deletions)
        self.posting = Posting(settings.max_concurrent_creates, self.limits)
        warn = operator.warnings.append
        self.grants = ClientGrantHandler(self.api, self.escrow, warn=warn)
        self.tenants = TenantHandler(self.api, self.escrow, self.posting, warn=warn)

    def create(self, name: str, **rest: Any) -> TenantState:
        return self.tenants.create(self._operator.tenant(name, **rest))

    def update(self, last: TenantState, **changes: Any) -> TenantState:
        declared = {
            name: getattr(last, name) for name in ("owners", "labels", "deletion", "adopt", "recreate", "retired")
        }
        return self.tenants.update(last, self._operator.tenant(last.name, **(declared | changes)))

    def settle(self, last: TenantState) -> None:
        """What the diff of a later run does with a state that is durable."""
        settle(last, self.escrow, warn=self._operator.warnings.append)


def without_credential(state: TenantState) -> TenantState:
    return replace(state, client_id="", client_secret="")
