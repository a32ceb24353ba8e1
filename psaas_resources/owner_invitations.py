"""Invitations of a tenant's owners, by calls that the vendor does not document: off unless somebody asks for them.

The resource that programs declare, and the provider that the engine calls. What is done, and why, is in
`owner_invitations_handler`; what makes a change is in `owner_invitations_state`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from . import dynamic, escrow, keyring, owner_invitations_state
from .inside_tenant import InsideTenant
from .owner_invitations_state import OwnerInvitationsState
from .tenant import Tenant

if TYPE_CHECKING:
    from .owner_invitations_handler import OwnerInvitationsHandler


class OwnerInvitations(InsideTenant, module="psaas", name="OwnerInvitations"):
    """Invites `owners` to `tenant`, a Tenant of the same program and provider, as its administrators.

    Each is invited once, by e-mail, and not at all who is an administrator. `invited` are the times by address.
    `ready` is whether nothing is left to do; if not, `problem` says why, and the next updates look again. Removing
    the resource, or an owner, sends nothing.
    """

    owners: pulumi.Output[list[str]]
    invited: pulumi.Output[Mapping[str, str]]
    members: pulumi.Output[list[str]]
    unsure: pulumi.Output[list[str]]
    ready: pulumi.Output[bool]
    problem: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        tenant: Tenant,
        owners: Sequence[pulumi.Input[str]],
        rta: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "tenant_created_at": tenant.created_at,
            "owners": list(owners),
        }
        super().__init__(
            OwnerInvitationsProvider, resource_name, inputs, opts,
            tenant=tenant, rta=rta, outputs=owner_invitations_state.OUTPUTS,
        )  # fmt: skip


class OwnerInvitationsProvider(dynamic.Provider):
    """Between the engine and OwnerInvitationsHandler. This path and name are stored in every stack's state."""

    def check(self, olds: dynamic.Props, news: dynamic.Props) -> CheckResult:
        return dynamic.checked(news, owner_invitations_state.check(dynamic.known(olds), dynamic.known(news)))

    def diff(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> DiffResult:
        hours = self.ready_within_hours()
        last = OwnerInvitationsState.of(olds)
        changed = owner_invitations_state.diff(last, dynamic.known(news), ready_within_hours=hours, warn=dynamic.warn)
        return dynamic.differs(changed, owner_invitations_state.IMMUTABLE)

    def create(self, props: dynamic.Props) -> CreateResult:
        state = self._handler(props).create(OwnerInvitationsState.of(props))
        return CreateResult(state.tenant, state.outputs())

    def read(self, id_: str, props: dynamic.Props) -> ReadResult:
        """Nothing is asked: an invitation is an event of the past, and who follows it is the tenant's own affair."""
        return ReadResult(id_, OwnerInvitationsState.of(props).outputs())

    def update(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> UpdateResult:
        last, wanted = OwnerInvitationsState.of(olds), OwnerInvitationsState.of(news)
        return UpdateResult(self._handler(news).update(last, wanted).outputs())

    def delete(self, _id: str, props: dynamic.Props) -> None:
        """Nothing is sent: who was invited stays so, and whoever accepted stays an administrator."""

    def _handler(self, props: dynamic.Props) -> OwnerInvitationsHandler:
        from . import management  # the program never needs what talks to the appliance
        from .owner_invitations_handler import OwnerInvitationsHandler

        settings = self.settings(props)
        return OwnerInvitationsHandler(
            management.connect(settings), escrow.of(settings), keyring.OF_THIS_PROCESS, warn=dynamic.warn
        )
