"""A tenant of the appliance, made once, with the one-time credential that comes with it.

What the appliance promises is little: a POST makes a tenant and answers with its credential, once; a name can
never be used again. So a tenant is POSTed at most once, its credential is in the escrow before anything else
happens, and doubts about it are outputs (`ready`, `problem`), not exceptions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from . import answers, dynamic, escrow, management, posting, readiness, rules, tenant_state
from .answers import NewTenant
from .errors import ConfigError, EscrowError, NameTaken, OutcomeUnknown, PsaasError, Refused
from .escrow import Entry, Escrow
from .management import Management
from .posting import Posting
from .readiness import Look
from .settings import Credential
from .tenant_state import TenantState

ADOPT_BY_HAND = (
    "an owner can sign in to it, make a machine-to-machine application for its Management API and put that "
    "credential into psaas:credentials; then set `adopt: true`"
)


class Tenant(Resource, module="psaas", name="Tenant"):
    """Declares that tenant `name` exists on the appliance, with `owners` (e-mail addresses) as administrators.

    `adopt` takes over a tenant that exists: True with its credential from the escrow or `psaas:credentials`,
    "inventory" without one. `deletion` says what happens when the tenant leaves the program: "refuse" (the
    preview stops), "forget" (no longer managed, credential to the escrow) or "delete" (from the appliance, if
    PSAAS_ALLOW_DELETE names it, credential to the escrow first). `labels` are carried to the outputs. `rta` and
    `tenant_domain` default to the stack's configuration.

    `ready` is whether `domain` gives out a token for the credential; if not, `problem` says why, and the next
    updates look again. `created_at` is when we made the tenant (ISO 8601, UTC), "" if it was taken over.
    """

    name: pulumi.Output[str]
    owners: pulumi.Output[list[str]]
    labels: pulumi.Output[dict[str, str]]
    domain: pulumi.Output[str]
    audience: pulumi.Output[str]
    client_id: pulumi.Output[str]
    client_secret: pulumi.Output[str]
    ready: pulumi.Output[bool]
    problem: pulumi.Output[str]
    created_at: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: str,
        owners: Sequence[pulumi.Input[str]] = (),
        labels: Mapping[str, pulumi.Input[str]] | None = None,
        deletion: str = "refuse",
        adopt: bool | Literal["inventory"] = False,
        rta: str | None = None,
        tenant_domain: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        config = pulumi.Config("psaas")
        rta = rta or config.require("domain")
        inputs = {
            "rta": rta,
            "tenant_domain": tenant_domain or config.get("tenantDomain") or rules.parent_domain(rta),
            "name": name,
            "owners": list(owners),
            "labels": dict(labels or {}),
            "deletion": deletion,
            "adopt": adopt,
        }
        ours = pulumi.ResourceOptions(protect=deletion == "refuse", additional_secret_outputs=["client_secret"])
        merged = pulumi.ResourceOptions.merge(ours, opts)
        super().__init__(TenantProvider(), resource_name, inputs | dict.fromkeys(tenant_state.OUTPUTS), merged)


class TenantProvider(dynamic.Provider):
    """Between the engine and TenantHandler. This path and name are stored in every stack's state."""

    def check(self, olds: dynamic.Props, news: dynamic.Props) -> CheckResult:
        return dynamic.checked(news, tenant_state.check(dynamic.known(olds), dynamic.known(news)))

    def diff(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> DiffResult:
        last, settings = TenantState.of(olds), self.settings_or_none()
        if settings:
            tenant_state.settle(last, escrow.of(settings), warn=dynamic.warn)
        return DiffResult(changes=bool(tenant_state.diff(last, dynamic.known(news), settings, warn=dynamic.warn)))

    def create(self, props: dynamic.Props) -> CreateResult:
        state = self._handler(props).create(TenantState.of(props))
        return CreateResult(state.name, state.outputs())

    def read(self, id_: str, props: dynamic.Props) -> ReadResult:
        return ReadResult(id_, self._handler(props).read(TenantState.of(props)).outputs())

    def update(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> UpdateResult:
        return UpdateResult(self._handler(news).update(TenantState.of(olds), TenantState.of(news)).outputs())

    def delete(self, _id: str, props: dynamic.Props) -> None:
        self._handler(props).delete(TenantState.of(props))

    def _handler(self, props: dynamic.Props) -> TenantHandler:
        settings = self.settings(props)
        return TenantHandler(
            management.connect(settings),
            escrow.of(settings),
            posting.of(settings.rta, settings.max_concurrent_creates),
            warn=dynamic.warn,
        )


class TenantHandler:
    """Makes a tenant be what was declared, and never more than once. Knows the rules; knows no Pulumi."""

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
        self._api.settings.require_provisioning()
        given = self._api.settings.credential_of(wanted.name)
        entry = None if wanted.adopt and given else self._escrow.find(wanted.name)
        if entry:
            return self._recover(wanted, entry)
        if wanted.adopt == "inventory":
            return self._list_only(wanted)
        if wanted.adopt:
            return self._adopt(wanted, given)
        self._escrow.probe()
        with self._posting.turn(wanted.name):
            delivered = self._post(wanted)
        state = self._with(wanted, delivered, created_at=self._time())
        return self._looked_at(state, readiness.NEW_TENANT_WAITS_SECONDS)

    def read(self, last: TenantState) -> TenantState:
        """What is known of the tenant now. It is never dropped: proof of its absence is a `problem`.

        By the appliance's list where there is one, else by a token for its own credential. A look that fails
        for another reason than the appliance's word leaves the state as it is, with a warning.
        """
        listed = self._api.tenant_listed(last.name)
        if listed is False:
            problem = f"the appliance no longer lists tenant {last.name}"
            self._warn(f"{problem}; its name can't be used again. To let it go, take it off the stack's list")
            return replace(last, ready=False, problem=problem)
        if listed and last.ready:
            return last
        look = self._look(last)
        if look.ready or look.refused or not last.ready:
            return replace(last, ready=look.ready, problem=look.problem)
        self._warn(f"tenant {last.name} could not be looked at, its state is kept: {look.problem}")
        return last

    def update(self, last: TenantState, wanted: TenantState) -> TenantState:
        """Carry what the API can't change, take a credential that was given since, look again if not ready."""
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
            tenant_domain=wanted.tenant_domain, domain=domain, audience=f"https://{domain}/api/v2/",
        )  # fmt: skip
        given = self._api.settings.credential_of(last.name)
        if wanted.adopt is True and given and given != last.credential:
            return self._verified(self._with(state, NewTenant(given, domain=domain), created_at=last.created_at))
        return state if state.ready and domain == last.domain else self._looked_at(state)

    def delete(self, last: TenantState) -> None:
        """Let the tenant go as its `deletion` in the state says; its credential is in the escrow first."""
        if last.deletion == "refuse":
            raise Refused(
                f"tenant {last.name} is not let go: its `deletion` is refuse. Set it to forget (or delete) in the "
                "stack file and run the update; take the tenant off the list in the next one"
            )
        if last.deletion == "delete" and last.name not in self._api.settings.allow_delete:
            raise Refused(
                f"tenant {last.name} is not deleted: PSAAS_ALLOW_DELETE must name it for this run "
                f"(PSAAS_ALLOW_DELETE={last.name}). It can't be brought back, and its name never used again"
            )
        if last.credential:
            reason = "deleted" if last.deletion == "delete" else "forgotten"
            self._escrow.keep_credential(last.name, last.credential, domain=last.domain, reason=reason)
        if last.deletion == "delete":
            self._api.delete_tenant(last.name)

    def _post(self, wanted: TenantState) -> NewTenant:
        """The one POST. Its raw answer is in the escrow before it is understood."""
        name = wanted.name
        try:
            answer = self._api.create_tenant(name, wanted.owners)
        except NameTaken:
            # An interrupted run may have left a process that finished its POST after we looked.
            if entry := self._escrow.find(name):
                return tenant_state.delivered(entry)
            raise
        except OutcomeUnknown as error:
            raise OutcomeUnknown(f"{error}. {self._what_is_known(wanted)}") from None
        try:
            self._escrow.keep_answer(name, answer.body)
        except EscrowError as error:
            self._warn(f"tenant {name}: {error}. Its credential goes on to the state; no other tenant is tried")
            self._posting.stop("the escrow can no longer be written")
        return answers.new_tenant(answer.body, name=name)

    def _what_is_known(self, wanted: TenantState) -> str:
        """After a POST without an answer: what a look at the appliance tells, and the ways out."""
        name, exists = wanted.name, None
        with suppress(PsaasError):
            exists = self._api.tenant_listed(name, fresh=True)
        if exists is None:
            exists = self._api.tenant_answers(f"{name}.{wanted.tenant_domain}") or None
        if exists:
            return f"Tenant {name} exists now, and its one-time credential did not reach us: {ADOPT_BY_HAND}"
        if exists is False:
            return f"The appliance lists no tenant {name}, so nothing was made; run the update again"
        return (
            f"Whether tenant {name} was made can't be seen from here. Run the update again: a used name is refused, so "
            f"nothing can be made twice. If it says that {name} is taken, {ADOPT_BY_HAND}"
        )

    def _recover(self, wanted: TenantState, entry: Entry) -> TenantState:
        """Take the credential that an earlier run has left in the escrow; no POST."""
        if entry.reason == "deleted":
            raise Refused(
                f"tenant {wanted.name} was deleted by us at {entry.written_at}, and its name can never be used again; "
                f"choose another one (its last credential is still in {entry.file})"
            )
        created_at = entry.written_at if entry.reason == "answer" else ""
        state = self._with(wanted, tenant_state.delivered(entry), created_at=created_at)
        return self._looked_at(state)

    def _adopt(self, wanted: TenantState, given: Credential | None) -> TenantState:
        if given is None:
            raise ConfigError(
                f"tenant {wanted.name} has `adopt: true`, and its credential is neither in the escrow nor in "
                f"psaas:credentials. Add it there (pulumi config set --secret --path "
                f"'psaas:credentials[\"{wanted.name}\"].clientSecret', and clientId likewise), or set "
                "`adopt: inventory` to manage it without one"
            )
        return self._verified(self._with(wanted, NewTenant(given), created_at=""))

    def _list_only(self, wanted: TenantState) -> TenantState:
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
