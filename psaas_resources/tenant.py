"""A tenant of the appliance, made once, with the one-time credential that comes with it.

The resource that programs declare, and the provider that the engine calls. What is done, and why, is in
`tenant_handler`; what makes a change is in `tenant_state`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from . import dynamic, escrow, keyring, limits, rules, tenant_state
from .registration import Declared
from .tenant_state import TenantState

if TYPE_CHECKING:
    from .tenant_handler import TenantHandler


class Tenant(Declared, module="psaas", name="Tenant"):
    """Declares that tenant `name` exists on the appliance, with `owners` (e-mail addresses) as administrators.

    `adopt` takes over a tenant that exists: True with its credential from the escrow or `psaas:credentials`,
    "inventory" without one. `deletion` says what happens when the tenant leaves the program: "refuse" (the
    preview stops), "forget" (no longer managed, credential to the escrow) or "delete" (from the appliance, if
    PSAAS_ALLOW_DELETE names it, credential to the escrow first). `labels` are carried to the outputs. `rta` and
    `tenant_domain` default to the stack's configuration.

    `retired` lets the tenant go ("forget" or "delete") while its name stays declared, so that it never returns.
    `rotate` is any text; another text later replaces the secret of the tenant's credential.
    `recreate` allows a new POST for a tenant that the appliance's list proves to be gone.

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
        recreate: bool = False,
        retired: Literal["", "forget", "delete"] = "",
        rotate: str = "",
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
            "owners": dynamic.listed(owners),
            "labels": dict(labels or {}),
            "deletion": deletion,
            "adopt": adopt,
        }
        inputs |= {"recreate": True} if recreate else {}
        inputs |= {"retired": retired} if retired else {}
        inputs |= {"rotate": rotate} if rotate else {}
        protect = deletion == "refuse" and not retired
        ours = pulumi.ResourceOptions(protect=protect, additional_secret_outputs=["client_secret"])
        merged = pulumi.ResourceOptions.merge(ours, opts)
        super().__init__(TenantProvider, resource_name, inputs | dict.fromkeys(tenant_state.OUTPUTS), merged)


class TenantProvider(dynamic.Provider):
    """Between the engine and TenantHandler. This path and name are stored in every stack's state."""

    def check(self, olds: dynamic.Props, news: dynamic.Props) -> CheckResult:
        old, new = dynamic.known(olds), dynamic.known(news)
        beyond = limits.check(old, new, self.settings_or_none())
        return dynamic.checked(news, beyond | tenant_state.check(old, new))

    def diff(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> DiffResult:
        last, settings = _held(TenantState.of(olds)), self.settings_or_none()
        if settings:
            tenant_state.settle(last, escrow.of(settings), warn=dynamic.warn)
        return DiffResult(changes=bool(tenant_state.diff(last, dynamic.known(news), settings, warn=dynamic.warn)))

    def create(self, props: dynamic.Props) -> CreateResult:
        state = _held(self._handler(props).create(TenantState.of(props)))
        return CreateResult(state.name, state.outputs())

    def read(self, id_: str, props: dynamic.Props) -> ReadResult:
        return ReadResult(id_, self._handler(props).read(_held(TenantState.of(props))).outputs())

    def update(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> UpdateResult:
        return UpdateResult(_held(self._handler(news).update(TenantState.of(olds), TenantState.of(news))).outputs())

    def delete(self, _id: str, props: dynamic.Props) -> None:
        self._handler(props).delete(TenantState.of(props))

    def _handler(self, props: dynamic.Props) -> TenantHandler:
        from . import management, posting  # the program never needs what talks to the appliance
        from .tenant_handler import TenantHandler

        settings = self.settings(props)
        return TenantHandler(
            management.connect(settings),
            escrow.of(settings),
            posting.of(settings.rta, settings.max_concurrent_creates, limits.of(settings)),
            warn=dynamic.warn,
        )


def _held(state: TenantState) -> TenantState:
    """What the state has of a tenant's credential is at hand for what else is managed inside that tenant."""
    keyring.OF_THIS_PROCESS.hold(state.rta, state.name, state.credential)
    return state
