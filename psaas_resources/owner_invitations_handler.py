"""What is done about inviting a tenant's owners: each at most once, and nobody who is there. Knows no Pulumi.

The calls are not documented, so nothing that happens here fails a run: it is a `problem`, and the next updates look
again. Where it can't be seen who is an administrator already, nobody is invited.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from . import tenant_access
from .errors import AnswerUnusable, OutcomeUnknown, PsaasError
from .escrow import Escrow
from .keyring import Keyring
from .management import Management
from .owner_invitations_state import OwnerInvitationsState, addresses
from .tenant_access import TenantAccess
from .tenant_administrators import TenantAdministrators

UNSURE = "may have been invited, and nobody can say; they are not invited again. Look into the tenant's dashboard"


class OwnerInvitationsHandler:
    """Invites owners of tenants. Never raises for what an appliance says or doesn't say."""

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

    def create(self, wanted: OwnerInvitationsState) -> OwnerInvitationsState:
        """Invite those owners that are not administrators yet, and not invited as far as the appliance tells."""
        return self._invite(replace(wanted, managed_since=self._time()))

    def update(self, last: OwnerInvitationsState, wanted: OwnerInvitationsState) -> OwnerInvitationsState:
        """Invite who has joined the owners. Who has left them keeps the invitation, and the note of it."""
        if wanted.is_of_another_tenant_than(last):
            return self.create(replace(wanted, invited={}, members=(), unsure=(), ready=False, problem=""))
        same = addresses(wanted.owners) == addresses(last.owners)
        state = replace(
            wanted, invited=last.invited, members=last.members, unsure=last.unsure, ready=False, problem="",
            managed_since=last.managed_since if same else self._time(),
        )  # fmt: skip
        if not state.left and not set(state.unsure) & addresses(state.owners):
            return replace(state, ready=True)
        return self._invite(state)

    def _invite(self, state: OwnerInvitationsState) -> OwnerInvitationsState:
        credential = tenant_access.credential_of(
            state.tenant, rta=state.rta, keyring=self._keyring, escrow=self._escrow
        )
        if credential is None:
            return self._not_yet(state, tenant_access.no_credential(state.tenant))
        tenant = TenantAccess(self._api, state.domain, credential)
        calls = TenantAdministrators(self._api, state.domain, tenant)
        try:
            calls.require_calls()
            if not (look := tenant.look()).ready:
                return self._not_yet(state, look.problem)
            state = self._seen(state, calls)
            return self._send(state, calls) if state.left else self._settled(state)
        except PsaasError as error:
            return self._not_yet(state, str(error))

    def _seen(self, state: OwnerInvitationsState, calls: TenantAdministrators) -> OwnerInvitationsState:
        """With what the tenant tells of its administrators and of invitations."""
        members, ours = calls.known(), addresses(state.owners)
        state = replace(state, members=tuple(sorted(members & ours)))
        if not state.left and not state.unsure:
            return state
        pending = calls.pending() & ours
        invited = dict.fromkeys(sorted(pending), self._time()) | dict(state.invited)
        unsure = tuple(address for address in state.unsure if address not in members | pending)
        return replace(state, invited=invited, unsure=unsure)

    def _send(self, state: OwnerInvitationsState, calls: TenantAdministrators) -> OwnerInvitationsState:
        """One request for all. A yes counts for each of them, also for one that the answer doesn't name."""
        asked = sorted(addresses(state.left))
        try:
            named = calls.invite(state.left)
        except (OutcomeUnknown, AnswerUnusable) as error:
            unsure = tuple(sorted({*state.unsure, *asked}))
            return self._not_yet(replace(state, unsure=unsure), f"{', '.join(asked)} {UNSURE} ({error})")
        state = replace(state, invited=dict(state.invited) | dict.fromkeys(asked, self._time()))
        if named is not None and (missing := sorted(set(asked) - named)):
            self._warn(f"tenant {state.tenant}: the answer to its invitations does not name {', '.join(missing)}")
        return self._settled(state)

    def _settled(self, state: OwnerInvitationsState) -> OwnerInvitationsState:
        if open_ := sorted(set(state.unsure) & addresses(state.owners)):
            return self._not_yet(state, f"{', '.join(open_)} {UNSURE}")
        return replace(state, ready=True, problem="")

    def _not_yet(self, state: OwnerInvitationsState, problem: str) -> OwnerInvitationsState:
        self._warn(f"the invitations of tenant {state.tenant} are not in order, the next update looks again: {problem}")
        return replace(state, ready=False, problem=problem)

    def _time(self) -> str:
        return self._now().isoformat(timespec="seconds")
