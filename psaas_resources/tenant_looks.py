"""What a tenant's own domain says of it, as outputs of the tenant. Knows no Pulumi."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from . import owners, readiness
from .errors import Refused
from .management import Management
from .readiness import Look
from .tenant_state import TenantState

log = logging.getLogger("psaas")

NOT_AN_ADMINISTRATOR = (
    "not among the administrators that the tenant tells of. An owner may need an account on the root tenant authority "
    "first; then invite them in the tenant's dashboard"
)


class TenantLooks:
    """Looks at tenants, with their own credential where there is one."""

    def __init__(self, api: Management, *, warn: Callable[[str], None]) -> None:
        self._api, self._warn = api, warn

    def noted(self, state: TenantState, waits_seconds: Sequence[float] = ()) -> TenantState:
        """The tenant with what a look says, and a warning where it is not ready."""
        look = self.look(state, waits_seconds)
        if look.ready:
            return self.ready(state)
        self._warn(f"tenant {state.name} is not ready, the next update looks again: {look.problem}")
        return replace(state, ready=False, problem=look.problem)

    def ready(self, state: TenantState) -> TenantState:
        """A tenant that was seen to work. Its only problem can be owners that it does not know.

        They are looked for where `psaas:checkOwners` says so: once it is ready, and until they are there.
        """
        problem = state.problem if state.ready else ""
        if self._api.settings.check_owners and state.credential and state.created_at and (problem or not state.ready):
            strangers = owners.missing(self._api, state.domain, state.credential, state.applied_owners)
            if strangers is not None:
                problem = f"{', '.join(strangers)}: {NOT_AN_ADMINISTRATOR}" if strangers else ""
            if problem:
                self._warn(f"tenant {state.name} is ready, and lacks an owner: {problem}")
        return replace(state, ready=True, problem=problem)

    def verified(self, state: TenantState) -> TenantState:
        """The tenant with a credential that a person gave, which must work unless its domain can't be reached at all.

        It may be a new one, that needs a while until it is accepted.
        """

        def told() -> None:
            log.info("tenant %s refuses the credential given; it is tried again for %.0f s, since a new one may need "
                     "that long", state.name, sum(readiness.ROTATION_WAITS_SECONDS))  # fmt: skip

        look = self.look(state, readiness.ROTATION_WAITS_SECONDS, while_refused=True, before_waiting=told)
        if look.refused:
            raise Refused(
                f"the credential given for tenant {state.name} is not taken over: {look.problem}. Correct it where it "
                "was given, in the list for `psaas adopt --from`, which is then run again, or in psaas:credentials"
            )
        return replace(state, ready=look.ready, problem=look.problem)

    def nothing_to_ask(self, last: TenantState) -> bool:
        """Whether the list's word is enough for a tenant that was ready."""
        settings = self._api.settings
        return settings.liveness == "none" and not (settings.check_owners and last.problem)

    def alive(self, last: TenantState) -> Look:
        """How a tenant is by its own domain; one that was ready is asked no more than `psaas:liveness` says."""
        if last.ready and self._api.settings.liveness == "oidc":
            return readiness.look_from_outside(self._api, last.domain)
        return self.look(last)

    def look(
        self,
        state: TenantState,
        waits_seconds: Sequence[float] = (),
        *,
        while_refused: bool = False,
        before_waiting: Callable[[], None] = lambda: None,
    ) -> Look:
        """A token for the tenant's credential; where nobody has it, whether there is such a tenant."""
        if state.credential is None:
            return readiness.look_without_credential(self._api, state.name, state.domain)
        return readiness.look(
            self._api, state.domain, state.credential,
            waits_seconds=waits_seconds, while_refused=while_refused, before_waiting=before_waiting,
        )  # fmt: skip
