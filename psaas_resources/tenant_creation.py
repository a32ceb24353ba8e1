"""How a tenant comes into the state: made by its one POST, taken back from the escrow, or taken over.

What the appliance promises is little: a POST makes a tenant and answers with its credential, once; a name can
never be used again. So a tenant is POSTed at most once, and its credential is in the escrow before anything else
happens. Knows no Pulumi.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from . import answers, readiness, tenant_rotation, tenant_state
from .answers import NewTenant
from .errors import ConfigError, CredentialMissing, EscrowError, NameTaken, OutcomeUnknown, PsaasError, Refused
from .escrow import Entry, Escrow
from .management import Management
from .posting import Posting
from .settings import Credential
from .tenant_looks import TenantLooks
from .tenant_state import TenantState

log = logging.getLogger("psaas")

GIVEN = "given"  # the escrow's reason for a credential that a person gave for a tenant that exists
ADOPT_BY_HAND = (
    "an owner can sign in to it, make a machine-to-machine application for its Management API and put that "
    "credential into psaas:credentials; then set `adopt: true`"
)


class TenantCreation:
    """Brings a tenant into the state, with at most one POST."""

    def __init__(
        self,
        api: Management,
        escrow: Escrow,
        posting: Posting,
        *,
        looks: TenantLooks,
        warn: Callable[[str], None],
        now: Callable[[], datetime],
    ) -> None:
        self._api, self._escrow, self._posting = api, escrow, posting
        self._looks, self._warn, self._now = looks, warn, now

    def create(self, wanted: TenantState) -> TenantState:
        """From the escrow where it has the tenant, by `adopt` where that says so, else by a POST."""
        self._api.settings.require_provisioning()
        given = self._api.settings.credential_of(wanted.name)
        entry = None if wanted.adopt and given else self._escrow.find(wanted.name)
        if entry:
            return self._recover(wanted, entry)
        if wanted.adopt == "inventory":
            return self._list_only(wanted)
        if wanted.adopt:
            return self.adopt(wanted)
        return self._make(wanted)

    def create_again(self, last: TenantState, wanted: TenantState) -> TenantState:
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

    def adopt(self, wanted: TenantState) -> TenantState:
        """Take over a tenant that exists, with the credential that a person gave now, or has put into the escrow."""
        given = self._api.settings.credential_of(wanted.name)
        if given is None and (entry := self._escrow.find(wanted.name)):
            return self._recover(wanted, entry)
        if given is None:
            raise ConfigError(
                f"tenant {wanted.name} has `adopt: true`, and its credential is neither in the escrow nor in "
                f"psaas:credentials. Add it there (pulumi config set --secret --path "
                f"'psaas:credentials[\"{wanted.name}\"].clientSecret', and clientId likewise), or set "
                "`adopt: inventory` to manage it without one"
            )
        log.info("tenant %s is taken over with the credential given; nothing is posted", wanted.name)
        return self._looks.verified(self._with(wanted, NewTenant(given), created_at=""))

    def exchange_credential(self, state: TenantState, given: Credential) -> TenantState:
        """Go on with a credential that a person gave in place of the one that the state has."""
        taken = self._with(state, NewTenant(given, domain=state.domain), created_at=state.created_at)
        return self._looks.verified(replace(taken, rotated_at=self._time()))

    def _make(self, wanted: TenantState, lost: Credential | None = None) -> TenantState:
        self._escrow.probe()
        with self._posting.turn(wanted.name):
            self._escrow.probe()  # the turn may have been long in coming
            delivered = self._post(wanted, lost)
        state = self._with(wanted, delivered, created_at=self._time())
        return self._looks.noted(state, readiness.NEW_TENANT_WAITS_SECONDS)

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
            if not wanted.adopt and self._api.tenant_listed(wanted.name, fresh=True) is False:
                return self._make(wanted)  # a page that came instead of the appliance's answer
            raise CredentialMissing(f"{error}. {self._what_is_known(wanted, entry.place)}") from None
        if entry.previous:
            delivered = replace(delivered, credential=tenant_rotation.in_force(self._api, entry, wanted.tenant_domain))
        log.info("tenant %s is taken back from the escrow (%s); nothing is posted", wanted.name, entry.reason)
        created_at = entry.written_at if entry.reason == "answer" else wanted.created_at
        state = self._with(wanted, delivered, created_at=created_at)
        if entry.previous:
            state = replace(state, rotated_at=entry.written_at)
        return self._looks.verified(state) if entry.reason == GIVEN else self._looks.noted(state)

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

    def _with(self, wanted: TenantState, delivered: NewTenant, *, created_at: str) -> TenantState:
        domain = delivered.domain or f"{wanted.name}.{wanted.tenant_domain}"
        return replace(
            wanted, domain=domain, audience=f"https://{domain}/api/v2/",
            client_id=delivered.credential.client_id, client_secret=delivered.credential.client_secret,
            applied_owners=wanted.applied_owners or (wanted.owners if created_at else ()),
            created_at=created_at, managed_since=wanted.managed_since or self._time(),
        )  # fmt: skip

    def _time(self) -> str:
        return self._now().isoformat(timespec="seconds")
