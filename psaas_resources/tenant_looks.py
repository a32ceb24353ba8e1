"""What a tenant's own domain says of it, as outputs of the tenant. Knows no Pulumi."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from . import readiness
from .errors import Refused
from .management import Management
from .readiness import Look
from .tenant_state import TenantState


class TenantLooks:
    """Looks at tenants, with their own credential where there is one."""

    def __init__(self, api: Management, *, warn: Callable[[str], None]) -> None:
        self._api, self._warn = api, warn

    def noted(self, state: TenantState, waits_seconds: Sequence[float] = ()) -> TenantState:
        look = self.look(state, waits_seconds)
        if look.problem:
            self._warn(f"tenant {state.name} is not ready, the next update looks again: {look.problem}")
        return replace(state, ready=look.ready, problem=look.problem)

    def look(self, state: TenantState, waits_seconds: Sequence[float] = ()) -> Look:
        if state.credential is None:
            return readiness.look_without_credential(self._api, state.name, state.domain)
        return readiness.look(self._api, state.domain, state.credential, waits_seconds=waits_seconds)

    def verified(self, state: TenantState) -> TenantState:
        """A credential that a person gave must work, unless its domain can't be reached at all."""
        look = self.look(state)
        if look.refused:
            raise Refused(f"the credential given for tenant {state.name} is not taken over: {look.problem}")
        return replace(state, ready=look.ready, problem=look.problem)
