"""What is done about a tenant through its life: made, looked at, changed, let go. Knows the rules; knows no Pulumi.

How it comes into the state is in `tenant_creation`. Doubts about a tenant are outputs (`ready`, `problem`), not
exceptions, and no look of ours ever drops one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from . import tenant_rotation, tenant_state
from .errors import EscrowError, Refused
from .escrow import Escrow
from .management import Management
from .posting import Posting
from .tenant_creation import TenantCreation
from .tenant_looks import TenantLooks
from .tenant_state import TenantState

log = logging.getLogger("psaas")


class TenantHandler:
    """Makes a tenant be what was declared, and never more than once."""

    def __init__(
        self,
        api: Management,
        escrow: Escrow,
        posting: Posting,
        *,
        warn: Callable[[str], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._api, self._escrow, self._posting = api, escrow, posting
        self._warn, self._now = warn, now
        self._looks = TenantLooks(api, warn=warn)
        self._creation = TenantCreation(api, escrow, posting, looks=self._looks, warn=warn, now=now)

    def create(self, wanted: TenantState) -> TenantState:
        """Make the tenant, or take it over where it is ours already or `adopt` says so.

        Raises before the POST for what a person must mend. After it only for: refused, name taken, outcome
        unknown, an answer that names another tenant, and an answer without a credential.
        """
        state = _tombstone(wanted) if wanted.retired else self._creation.create(wanted)
        self._posting.declared.add(wanted.name)
        return state

    def read(self, last: TenantState) -> TenantState:
        """What is known of the tenant now. It is never dropped: proof of its absence is a `problem`.

        By the appliance's list where there is one, and as `psaas:liveness` says; else by a token for its own
        credential. A look that fails for another reason than the appliance's word leaves the state as it is, with
        a warning.
        """
        if last.retired:
            return last
        listed = self._api.tenant_listed(last.name)
        if listed is False:
            return self._vanished(last)
        if listed:
            last = replace(last, vanished_at="")
        if listed and last.ready and self._looks.nothing_to_ask(last):
            return last
        look = self._looks.alive(last)
        if look.ready:
            return self._looks.ready(last)
        if look.refused or not last.ready:
            return replace(last, ready=False, problem=look.problem)
        self._warn(f"tenant {last.name} could not be looked at, its state is kept: {look.problem}")
        return last

    def update(self, last: TenantState, wanted: TenantState) -> TenantState:
        """Carry what the API can't change, take a credential that was given since, look again if not ready."""
        if wanted.retired:
            return self._retire(last, wanted)
        if last.vanished_at and wanted.recreate:
            return self._creation.create_again(last, wanted)
        if set(wanted.owners) != set(last.owners):
            self._warn(
                f"tenant {last.name}: owners are not changed by this update, since the API can't; they were "
                f"{', '.join(last.applied_owners) or 'not set by us'}. Invite or remove them in the dashboard "
                "(`inviteOwners` invites those who are new)"
            )
        domain = last.domain
        if wanted.tenant_domain != last.tenant_domain and domain == f"{last.name}.{last.tenant_domain}":
            domain = f"{last.name}.{wanted.tenant_domain}"
        state = replace(
            last, owners=wanted.owners, labels=wanted.labels, deletion=wanted.deletion, adopt=wanted.adopt,
            recreate=wanted.recreate, rotate=wanted.rotate or last.rotate,
            tenant_domain=wanted.tenant_domain, domain=domain, audience=f"https://{domain}/api/v2/",
        )  # fmt: skip
        given = self._api.settings.credential_of(last.name)
        if wanted.adopt is True and given and given != last.credential:
            return self._creation.exchange_credential(state, given)
        if wanted.adopt is True and state.credential is None:
            return self._creation.adopt(state)
        if state.vanished_at:
            return self.read(state)
        if state.rotate != last.rotate:
            return self._rotated(state)
        return state if state.ready and domain == last.domain else self._looks.noted(state)

    def _rotated(self, state: TenantState) -> TenantState:
        """The tenant with a new secret. Fails before anything is changed where the old one has no right to that."""
        if state.credential is None:
            raise Refused(
                f"tenant {state.name} has a new `rotate`, and nobody holds its credential; take the marker away, or "
                "give one (`adopt: true` and psaas:credentials)"
            )
        new = tenant_rotation.rotated(self._api, self._escrow, state.name, state.domain, state.credential)
        log.info("tenant %s has a new secret", state.name)
        return self._looks.noted(replace(state, client_secret=new.client_secret, rotated_at=self._time()))

    def delete(self, last: TenantState) -> None:
        """Let the tenant go as its `deletion` in the state says; its credential is in the escrow first."""
        if last.retired:
            return
        if last.name in self._posting.declared:
            # The engine replaces by creating first: this is the old copy of a tenant that the state keeps.
            log.info("tenant %s is in a new place of the state; nothing is done on the appliance", last.name)
            return
        if last.deletion == "refuse":
            raise Refused(
                f"tenant {last.name} is not let go: its `deletion` is refuse. Set it to forget (or delete) in the "
                "stack file and run the update; take the tenant off the list in the next one"
            )
        self._let_go(last, last.deletion)

    def _let_go(self, last: TenantState, how: str) -> None:
        """Forget or delete, the credential in the escrow first."""
        if how == "delete" and last.name not in self._api.settings.allow_delete:
            raise Refused(
                f"tenant {last.name} is not deleted: PSAAS_ALLOW_DELETE must name it for this run "
                f"(PSAAS_ALLOW_DELETE={last.name}). It can't be brought back, and its name never used again"
            )
        if how == "delete":
            self._posting.limits.delete(last.name)
        if last.credential:
            reason = "deleted" if how == "delete" else "forgotten"
            self._escrow.keep_credential(last.name, last.credential, domain=last.domain, reason=reason)
        if how == "delete":
            self._api.delete_tenant(last.name)
        done = "deleted on the appliance" if how == "delete" else "forgotten: it stays on the appliance, not managed"
        log.info("tenant %s is %s%s", last.name, done, "; its credential is in the escrow" if last.credential else "")

    def _retire(self, last: TenantState, wanted: TenantState) -> TenantState:
        """One reviewed change: the tenant goes, its name stays. A second retirement has nothing left to do."""
        if not last.retired:
            self._let_go(last, wanted.retired)
        return _tombstone(wanted)

    def _vanished(self, last: TenantState) -> TenantState:
        """On proof of absence the credential is in the escrow too, since the state may be changed by hand next."""
        problem = f"the appliance no longer lists tenant {last.name}"
        self._warn(f"{problem}; {tenant_state.VANISHED}")
        if last.credential and not last.vanished_at:
            try:
                self._escrow.keep_credential(last.name, last.credential, domain=last.domain, reason="vanished")
            except EscrowError as error:
                self._warn(f"tenant {last.name}: its credential is in the state only: {error}")
        return replace(last, ready=False, problem=problem, vanished_at=last.vanished_at or self._time())

    def _time(self) -> str:
        return self._now().isoformat(timespec="seconds")


def _tombstone(wanted: TenantState) -> TenantState:
    """A name that must never return, and nothing else."""
    return replace(
        wanted, domain="", audience="", client_id="", client_secret="", applied_owners=(), ready=False,
        problem="retired", vanished_at="", created_at="", managed_since="", rotated_at="",
    )  # fmt: skip
