"""What every call can reach: the running appliance and the tenant that was asked. Knows hosts; knows no HTTP."""

from dataclasses import dataclass, field

from appliance.assertions import UsedAssertions
from appliance.bearer import BearerReader
from appliance.fault_state import Faults
from appliance.keys import SigningKeys
from appliance.names import Names, Tenant
from appliance.rate_limits import RateLimits
from appliance.requests_log import RequestsLog
from appliance.store import Store


@dataclass(frozen=True)
class Appliance:
    names: Names
    store: Store
    keys: SigningKeys
    bearers: BearerReader
    log: RequestsLog
    faults: Faults = field(default_factory=Faults)
    limits: RateLimits | None = None
    rotation_overlap_seconds: float = 0
    older_connections: bool = False
    used_assertions: UsedAssertions = field(default_factory=UsedAssertions)

    @property
    def root(self) -> Tenant:
        return Tenant(self.names.rta_label, self.names.rta, is_root=True)

    def tenant(self, host: str) -> Tenant | None:
        """The tenant that a Host header names; None where there never was one, and where it was deleted."""
        if self.names.is_rta(host):
            return self.root
        name = self.names.tenant_label(host)
        if name is None:
            return None
        sql = "SELECT 1 FROM tenants WHERE name = ? AND NOT is_root AND deleted_at IS NULL"
        if self.store.one(sql, (name,)) is None:
            return None
        return Tenant(name, self.names.tenant_domain(name), is_root=False)
