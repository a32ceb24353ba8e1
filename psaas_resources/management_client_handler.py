"""What is done about a team's application in its tenant: made, found again, rotated, let go. Knows no Pulumi.

Each application carries a marker, and the tenant's own credential can read or renew its secret: so one that a killed
run has made is found by its marker, and no secret needs to wait anywhere. A rotation makes a second application and
leaves the first alone until everybody has had time, so that no credential in use ever stops working. Where the team
reads its credential in a sink, none goes before the new one lies there (`before_forgetting`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from . import tenant_access
from .errors import PsaasError, Refused
from .escrow import Escrow
from .keyring import Keyring
from .management import Management
from .management_client_state import INPUTS, ManagementClientState, had_its_time
from .tenant_access import NoCredential, TenantAccess, TenantNotReady
from .tenant_applications import TenantApplications

log = logging.getLogger("psaas")
MARK = "psaas_tenants"


class ManagementClientHandler:
    """Makes an application with named scopes be there, in a tenant."""

    def __init__(
        self,
        api: Management,
        escrow: Escrow,
        keyring: Keyring,
        *,
        warn: Callable[[str], None],
        before_forgetting: Callable[[ManagementClientState], object] = lambda _: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._api, self._escrow, self._keyring = api, escrow, keyring
        self._warn, self._before_forgetting, self._now = warn, before_forgetting, now

    def create(self, wanted: ManagementClientState) -> ManagementClientState:
        """Make the application, or take the one that a run of ours has left. Raises only for what is refused."""
        return self._tried(replace(wanted, managed_since=self._time()), wanted)

    def read(self, last: ManagementClientState, *, wait_seconds: float = 0.0) -> ManagementClientState | None:
        """What the tenant has of it; None on proof that it is gone. A look that fails leaves the state as it is."""
        if not last.client_id:
            return last
        try:
            applications = self._applications(last, wait_seconds)
            live = applications.get(last.client_id)
            if live is None:
                return None
            scopes = applications.scopes(last.client_id) or ()
        except PsaasError as error:
            self._warn(f"the application of tenant {last.tenant} could not be looked at, its state is kept: {error}")
            return last
        if live.get("client_secret") not in (None, last.client_secret):
            return replace(last, applied_scopes=scopes, ready=False, problem="its secret was changed by somebody else")
        return replace(last, applied_scopes=scopes)

    def update(self, last: ManagementClientState, wanted: ManagementClientState) -> ManagementClientState:
        """Scopes, a rotation, the end of the one before, or another try."""
        if wanted.is_of_another_tenant_than(last):
            log.info("tenant %s was made again, and gets an application again", last.tenant)
            return self.create(ManagementClientState.of({name: getattr(wanted, name) for name in INPUTS}))
        declared = replace(
            last, domain=wanted.domain, scopes=wanted.scopes, previous_hours=wanted.previous_hours,
            tenant_created_at=wanted.tenant_created_at,
        )  # fmt: skip
        if wanted.rotate == last.rotate or not last.client_id:
            return self._tried(replace(declared, rotate=wanted.rotate), replace(declared, rotate=wanted.rotate))
        fresh = replace(declared, rotate=wanted.rotate, client_id="", client_secret="", applied_scopes=())
        return self._tried(declared, fresh, instead_of=last)

    def delete(self, last: ManagementClientState) -> None:
        """Both applications go; what they could do, nobody can with them any more."""
        if not (last.client_id or last.previous_client_id):
            return
        try:
            applications = self._applications(last)
        except NoCredential as error:
            self._warn(f"application {last.client_id} stays in tenant {last.tenant}; delete it there: {error}")
            return
        for client_id in filter(None, (last.client_id, last.previous_client_id)):
            applications.delete(client_id)

    def _tried(
        self,
        kept: ManagementClientState,
        wanted: ManagementClientState,
        *,
        instead_of: ManagementClientState | None = None,
    ) -> ManagementClientState:
        """`wanted` as it came about; `kept` with a problem where the moment is wrong, so that nothing is lost."""
        try:
            applications = self._applications(wanted)
            state = self._in_order(applications, replace(wanted, managed_since=kept.managed_since))
            if instead_of and state.client_id == instead_of.previous_client_id:
                raise Refused(
                    f'the application of tenant {kept.tenant}: the marker "{wanted.rotate}" was used before; a '
                    "rotation needs a new one"
                )
            if instead_of:
                state = replace(state, previous_client_id=instead_of.client_id, rotated_at=self._time())
                outlived = instead_of.previous_client_id
            else:
                outlived = state.previous_client_id if had_its_time(state, self._now()) else ""
                state = replace(state, previous_client_id="") if outlived else state
            if outlived:
                self._before_forgetting(state)
                applications.delete(outlived)
        except PsaasError as error:
            if not tenant_access.passes(error):
                raise
            self._warn(f"the application of tenant {kept.tenant} is not in order, the next update tries again: {error}")
            return replace(kept, ready=False, problem=str(error))
        return state

    def _in_order(self, applications: TenantApplications, state: ManagementClientState) -> ManagementClientState:
        """The application with its secret, and exactly its scopes."""
        live = applications.get(state.client_id) if state.client_id else None
        if live is None:
            live = self._found_or_made(applications, state)
            state = replace(state, client_id=str(live["client_id"]), client_secret="")
        secret = live.get("client_secret") or state.client_secret or applications.rotate_secret(state.client_id)
        state = replace(state, client_secret=str(secret))
        scopes = applications.scopes(state.client_id)
        if scopes != state.scopes:
            scopes = applications.allow(state.client_id, state.scopes)
        missing = sorted(set(state.scopes) - set(scopes))
        problem = f"the appliance did not store {', '.join(missing)}" if missing else ""
        return replace(state, applied_scopes=scopes, ready=not missing, problem=problem)

    def _found_or_made(self, applications: TenantApplications, state: ManagementClientState) -> dict[str, object]:
        found = applications.marked(MARK, state.marker)
        if len(found) > 1:
            others = ", ".join(str(row["client_id"]) for row in found[1:])
            self._warn(f"tenant {state.tenant} has more than one application of ours; delete there: {others}")
        if found:
            log.info("application %s of tenant %s is taken back by its marker", found[0]["client_id"], state.tenant)
            return applications.get(str(found[0]["client_id"])) or found[0]
        return applications.create(
            {
                "name": state.name, "app_type": "non_interactive", "grant_types": ["client_credentials"],
                "client_metadata": {MARK: state.marker},
            }
        )  # fmt: skip

    def _applications(self, state: ManagementClientState, wait_seconds: float = 0.0) -> TenantApplications:
        """Raises NoCredential or TenantNotReady, which pass."""
        credential = tenant_access.credential_of(
            state.tenant, rta=state.rta, keyring=self._keyring, escrow=self._escrow, wait_seconds=wait_seconds
        )
        if credential is None:
            raise NoCredential(tenant_access.no_credential(state.tenant))
        tenant = TenantAccess(self._api, state.domain, credential)
        look = tenant.look()
        if not look.ready:
            raise TenantNotReady(look.problem)
        return TenantApplications(tenant)

    def _time(self) -> str:
        return self._now().isoformat(timespec="seconds")
