"""What is done about a tenant's settings: looked at, put right, let be. Knows the rules; knows no Pulumi.

Only named fields are ours. A tenant that does not answer yet is a `problem` and is looked at again; what the appliance
refuses is an error, since a person must mend it, and nothing is lost by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from . import tenant_access
from . import tenant_settings_values as values
from .errors import AnswerUnusable, PsaasError
from .escrow import Escrow
from .keyring import Keyring
from .management import Management
from .settings import Credential
from .tenant_access import TenantAccess
from .tenant_settings_state import TenantSettingsState


class TenantSettingsHandler:
    """Makes a tenant's settings be what was declared, and touches no others."""

    def __init__(
        self,
        api: Management,
        escrow: Escrow,
        keyring: Keyring,
        *,
        warn: Callable[[str], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._api, self._escrow, self._keyring = api, escrow, keyring
        self._warn, self._now = warn, now

    def create(self, wanted: TenantSettingsState) -> TenantSettingsState:
        """Give the tenant the declared settings. Raises only for what the appliance refuses."""
        return self._put_right(replace(wanted, managed_since=self._now().isoformat(timespec="seconds")))

    def read(self, last: TenantSettingsState, *, wait_seconds: float = 0.0) -> TenantSettingsState:
        """What the appliance has of the named settings. A look that fails leaves the state as it is."""
        credential = self._credential(last, wait_seconds)
        try:
            if credential is None:
                raise AnswerUnusable(tenant_access.no_credential(last.tenant))
            live = TenantAccess(self._api, last.domain, credential).settings()
        except PsaasError as error:
            self._warn(f"the settings of tenant {last.tenant} could not be looked at, their state is kept: {error}")
            return last
        return replace(last, applied=values.seen(last.settings, live, before=last.applied))

    def update(self, last: TenantSettingsState, wanted: TenantSettingsState) -> TenantSettingsState:
        """Send what differs. A field that is no longer named is forgotten, and nothing is sent for it."""
        if wanted.is_of_another_tenant_than(last):
            return self.create(replace(wanted, applied={}, ready=False, problem=""))
        state = replace(wanted, managed_since=last.managed_since, applied={}, ready=False, problem="")
        known = values.seen(wanted.settings, last.applied)  # a field that was not managed before is not known
        if last.ready and wanted.domain == last.domain and known == wanted.settings:
            return replace(state, applied=known, ready=True)
        return self._put_right(state)

    def _put_right(self, state: TenantSettingsState) -> TenantSettingsState:
        credential = self._credential(state)
        if credential is None:
            return self._not_yet(state, tenant_access.no_credential(state.tenant))
        tenant = TenantAccess(self._api, state.domain, credential)
        look = tenant.look()
        if not look.ready:
            return self._not_yet(state, look.problem)
        try:
            live = tenant.settings()
            sent = values.changes(state.settings, live)
            answered = tenant.change_settings(sent) if sent else live
        except PsaasError as error:
            if not tenant_access.passes(error):
                raise
            return self._not_yet(state, str(error))
        if missing := values.not_stored(sent, answered):
            state = replace(state, applied=values.seen(state.settings, answered))
            return self._not_yet(state, f"the appliance did not store {', '.join(missing)}")
        return replace(state, applied=dict(state.settings), ready=True, problem="")

    def _not_yet(self, state: TenantSettingsState, problem: str) -> TenantSettingsState:
        self._warn(f"the settings of tenant {state.tenant} are not in order, the next update looks again: {problem}")
        return replace(state, ready=False, problem=problem)

    def _credential(self, state: TenantSettingsState, wait_seconds: float = 0.0) -> Credential | None:
        return tenant_access.credential_of(
            state.tenant, rta=state.rta, keyring=self._keyring, escrow=self._escrow, wait_seconds=wait_seconds
        )
