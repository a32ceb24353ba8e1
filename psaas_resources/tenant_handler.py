"""What is done about a tenant: made, taken over, looked at, let go. Knows the rules; knows no Pulumi.

What the appliance promises is little: a POST makes a tenant and answers with its credential, once; a name can
never be used again. So a tenant is POSTed at most once, its credential is in the escrow before anything else
happens, and doubts about it are outputs (`ready`, `problem`), not exceptions.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from . import answers, readiness, tenant_state
from .answers import NewTenant
from .errors import ConfigError, CredentialMissing, EscrowError, NameTaken, OutcomeUnknown, PsaasError, Refused
from .escrow import Entry, Escrow
from .management import Management
from .posting import Posting
from .readiness import Look
from .settings import Credential
from .tenant_state import TenantState

log = logging.getLogger("psaas")

ADOPT_BY_HAND = (
    "an owner can sign in to it, make a machine-to-machine application for its Management API and put that "
    "credential into psaas:credentials; then set `adopt: true`"
)


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

    def create(self, wanted: TenantState) -> TenantState:
        """Make the tenant, or take it over where it is ours already or `adopt` says so.

        Raises before the POST for what a person must mend. After it only for: refused, name taken, outcome
        unknown, an answer that names another tenant, and an answer without a credential.
        """
        state = self._create(wanted)
        self._posting.declared.add(wanted.name)
        return state

    def _create(self, wanted: TenantState) -> TenantState:
        if wanted.retired:
            return _tombstone(wanted)
        self._api.settings.require_provisioning()
        given = self._api.settings.credential_of(wanted.name)
        entry = None if wanted.adopt and given else self._escrow.find(wanted.name)
        if entry:
            return self._recover(wanted, entry)
        if wanted.adopt == "inventory":
            return self._list_only(wanted)
        if wanted.adopt:
            return self._adopt(wanted, given)
        return self._make(wanted)

    def read(self, last: TenantState) -> TenantState:
        """What is known of the tenant now. It is never dropped: proof of its absence is a `problem`.

        By the appliance's list where there is one, else by a token for its own credential. A look that fails
        for another reason than the appliance's word leaves the state as it is, with a warning.
        """
        if last.retired:
            return last
        listed = self._api.tenant_listed(last.name)
        if listed is False:
            return self._vanished(last)
        if listed:
            last = replace(last, vanished_at="")
        if listed and last.ready:
            return last
        look = self._look(last)
        if look.ready or look.refused or not last.ready:
            return replace(last, ready=look.ready, problem=look.problem)
        self._warn(f"tenant {last.name} could not be looked at, its state is kept: {look.problem}")
        return last

    def update(self, last: TenantState, wanted: TenantState) -> TenantState:
        """Carry what the API can't change, take a credential that was given since, look again if not ready."""
        if wanted.retired:
            return self._retire(last, wanted)
        if last.vanished_at and wanted.recreate:
            return self._recreate(last, wanted)
        if set(wanted.owners) != set(last.owners):
            self._warn(
                f"tenant {last.name}: owners are not changed by this update, since the API can't; they were "
                f"{', '.join(last.applied_owners) or 'not set by us'}. Invite or remove them in the dashboard"
            )
        domain = last.domain
        if wanted.tenant_domain != last.tenant_domain and domain == f"{last.name}.{last.tenant_domain}":
            domain = f"{last.name}.{wanted.tenant_domain}"
        state = replace(
            last, owners=wanted.owners, labels=wanted.labels, deletion=wanted.deletion, adopt=wanted.adopt,
            recreate=wanted.recreate,
            tenant_domain=wanted.tenant_domain, domain=domain, audience=f"https://{domain}/api/v2/",
        )  # fmt: skip
        given = self._api.settings.credential_of(last.name)
        if wanted.adopt is True and given and given != last.credential:
            return self._verified(self._with(state, NewTenant(given, domain=domain), created_at=last.created_at))
        if wanted.adopt is True and state.credential is None:
            return self._adopt(state, given)
        if state.vanished_at:
            return self.read(state)
        return state if state.ready and domain == last.domain else self._looked_at(state)

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

    def _recreate(self, last: TenantState, wanted: TenantState) -> TenantState:
        """Make a vanished tenant again, on the list's proof of this moment and nobody's memory of it."""
        entry = self._escrow.find(last.name)
        if entry and entry.reason == "answer" and tenant_state.delivered(entry).credential != last.credential:
            return self._recover(wanted, entry)
        if self._api.tenant_listed(last.name, fresh=True) is not False:
            raise Refused(
                f"tenant {last.name} is not made again: the appliance's list does not prove its absence any more; "
                "refresh the stack"
            )
        return self._make(wanted, lost=last.credential)

    def _make(self, wanted: TenantState, lost: Credential | None = None) -> TenantState:
        self._escrow.probe()
        with self._posting.turn(wanted.name):
            delivered = self._post(wanted, lost)
        state = self._with(wanted, delivered, created_at=self._time())
        return self._looked_at(state, readiness.NEW_TENANT_WAITS_SECONDS)

    def _post(self, wanted: TenantState, lost: Credential | None) -> NewTenant:
        """The one POST. Its raw answer is in the escrow before it is understood.

        `lost` is the credential of a vanished tenant of that name, which is no answer to this POST.
        """
        name = wanted.name
        try:
            answer = self._api.create_tenant(name, wanted.owners)
        except NameTaken:
            # An interrupted run may have left a process that finished its POST after we looked.
            entry = self._escrow.find(name)
            with suppress(CredentialMissing):
                if entry and entry.reason == "answer" and (found := tenant_state.delivered(entry)).credential != lost:
                    return found
            raise
        except OutcomeUnknown as error:
            raise OutcomeUnknown(f"{error}. {self._what_is_known(wanted)}") from None
        place = ""
        try:
            place = self._escrow.keep_answer(name, answer.body)
        except EscrowError as error:
            self._warn(f"tenant {name}: {error}. Its credential goes on to the state; no other tenant is tried")
            self._posting.stop("the escrow can no longer be written")
        try:
            return answers.new_tenant(answer.body, name=name)
        except CredentialMissing as error:
            raise CredentialMissing(f"{error}. {self._what_is_known(wanted, place)}") from None

    def _what_is_known(self, wanted: TenantState, place: str = "") -> str:
        """After a POST without an answer, or with a useless one, which is at `place`: what a look at the appliance
        tells, and the ways out.
        """
        name, exists = wanted.name, None
        with suppress(PsaasError):
            exists = self._api.tenant_listed(name, fresh=True)
        if exists is None:
            exists = self._api.tenant_answers(f"{name}.{wanted.tenant_domain}") or None
        if exists:
            return f"Tenant {name} exists now, and its one-time credential did not reach us: {ADOPT_BY_HAND}"
        if exists is False:
            return f"The appliance lists no tenant {name}, so nothing was made; run the update again"
        again = f"Move {place} away and run" if place else "Run"
        return (
            f"Whether tenant {name} was made can't be seen from here. {again} the update again: a used name is "
            f"refused, so nothing can be made twice. If it says that {name} is taken, {ADOPT_BY_HAND}"
        )

    def _recover(self, wanted: TenantState, entry: Entry) -> TenantState:
        """Take the credential that an earlier run has left in the escrow; no POST."""
        if entry.reason == "deleted":
            raise Refused(
                f"tenant {wanted.name} was deleted by us at {entry.written_at}, and its name can never be used again; "
                f"choose another one (its last credential is still in {entry.place})"
            )
        try:
            delivered = tenant_state.delivered(entry)
        except CredentialMissing as error:
            if self._api.tenant_listed(wanted.name, fresh=True) is False:
                return self._make(wanted)  # a page that came instead of the appliance's answer
            raise CredentialMissing(f"{error}. {self._what_is_known(wanted, entry.place)}") from None
        log.info("tenant %s is taken back from the escrow (%s); nothing is posted", wanted.name, entry.reason)
        created_at = entry.written_at if entry.reason == "answer" else ""
        state = self._with(wanted, delivered, created_at=created_at)
        return self._looked_at(state)

    def _adopt(self, wanted: TenantState, given: Credential | None) -> TenantState:
        if given is None:
            raise ConfigError(
                f"tenant {wanted.name} has `adopt: true`, and its credential is neither in the escrow nor in "
                f"psaas:credentials. Add it there (pulumi config set --secret --path "
                f"'psaas:credentials[\"{wanted.name}\"].clientSecret', and clientId likewise), or set "
                "`adopt: inventory` to manage it without one"
            )
        log.info("tenant %s is taken over with the credential given; nothing is posted", wanted.name)
        return self._verified(self._with(wanted, NewTenant(given), created_at=""))

    def _list_only(self, wanted: TenantState) -> TenantState:
        log.info("tenant %s is taken into the inventory, without a credential; nothing is posted", wanted.name)
        domain = f"{wanted.name}.{wanted.tenant_domain}"
        look = readiness.look_without_credential(self._api, wanted.name, domain)
        if look.refused:
            raise Refused(f"tenant {wanted.name} has `adopt: inventory`, and {look.problem}")
        return replace(
            wanted, domain=domain, audience=f"https://{domain}/api/v2/", managed_since=self._time(),
            ready=look.ready, problem=look.problem,
        )  # fmt: skip

    def _verified(self, state: TenantState) -> TenantState:
        """A credential that a person gave must work, unless its domain can't be reached at all."""
        look = self._look(state)
        if look.refused:
            raise Refused(f"the credential given for tenant {state.name} is not taken over: {look.problem}")
        return replace(state, ready=look.ready, problem=look.problem)

    def _with(self, wanted: TenantState, delivered: NewTenant, *, created_at: str) -> TenantState:
        domain = delivered.domain or f"{wanted.name}.{wanted.tenant_domain}"
        return replace(
            wanted, domain=domain, audience=f"https://{domain}/api/v2/",
            client_id=delivered.credential.client_id, client_secret=delivered.credential.client_secret,
            applied_owners=wanted.applied_owners or (wanted.owners if created_at else ()),
            created_at=created_at, managed_since=wanted.managed_since or self._time(),
        )  # fmt: skip

    def _looked_at(self, state: TenantState, waits_seconds: Sequence[float] = ()) -> TenantState:
        look = self._look(state, waits_seconds)
        if look.problem:
            self._warn(f"tenant {state.name} is not ready, the next update looks again: {look.problem}")
        return replace(state, ready=look.ready, problem=look.problem)

    def _look(self, state: TenantState, waits_seconds: Sequence[float] = ()) -> Look:
        if state.credential is None:
            return readiness.look_without_credential(self._api, state.name, state.domain)
        return readiness.look(self._api, state.domain, state.credential, waits_seconds=waits_seconds)

    def _time(self) -> str:
        return self._now().isoformat(timespec="seconds")


def _tombstone(wanted: TenantState) -> TenantState:
    """A name that must never return, and nothing else."""
    return replace(
        wanted, domain="", audience="", client_id="", client_secret="", applied_owners=(), ready=False,
        problem="retired", vanished_at="", created_at="", managed_since="",
    )  # fmt: skip
