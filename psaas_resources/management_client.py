"""An application in a tenant for its team: named scopes, so that the tenant's own credential can stay in its safe.

The resource that programs declare, and the provider that the engine calls. What is done, and why, is in
`management_client_handler`; what makes a change is in `management_client_state`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from . import dynamic, escrow, keyring, management_client_state
from .management_client_state import ManagementClientState
from .registration import Declared
from .tenant import Tenant

if TYPE_CHECKING:
    from .management_client_handler import ManagementClientHandler


class ManagementClient(Declared, module="psaas", name="ManagementClient"):
    """Declares a machine-to-machine application in `tenant`, a Tenant of the same program and provider.

    It may use the tenant's Management API with exactly `scopes`. Another `rotate` makes another application with
    another credential; the one before stays good for `previous_hours`, and goes with the first update after that.
    Removing the resource deletes both. `ready` and `problem` are as those of a Tenant.
    """

    client_id: pulumi.Output[str]
    client_secret: pulumi.Output[str]
    domain: pulumi.Output[str]
    applied_scopes: pulumi.Output[list[str]]
    previous_client_id: pulumi.Output[str]
    ready: pulumi.Output[bool]
    problem: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        tenant: Tenant,
        scopes: Sequence[pulumi.Input[str]],
        name: str = "Team",
        rotate: str = "",
        previous_hours: float = 168.0,
        rta: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "rta": rta or pulumi.Config("psaas").require("domain"),
            "tenant": tenant.name,
            "domain": tenant.domain,
            "name": name,
            "scopes": list(scopes),
            "rotate": rotate,
            "previous_hours": previous_hours,
        }
        outputs = dict.fromkeys(management_client_state.OUTPUTS)
        ours = pulumi.ResourceOptions(depends_on=[tenant], additional_secret_outputs=["client_secret"])
        merged = pulumi.ResourceOptions.merge(ours, opts)
        super().__init__(ManagementClientProvider, resource_name, inputs | outputs, merged)


class ManagementClientProvider(dynamic.Provider):
    """Between the engine and ManagementClientHandler. This path and name are stored in every stack's state."""

    def check(self, olds: dynamic.Props, news: dynamic.Props) -> CheckResult:
        return dynamic.checked(news, management_client_state.check(dynamic.known(olds), dynamic.known(news)))

    def diff(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> DiffResult:
        settings = self.settings_or_none()
        hours = settings.ready_within_hours if settings else 24.0
        last = ManagementClientState.of(olds)
        changed = management_client_state.diff(last, dynamic.known(news), ready_within_hours=hours, warn=dynamic.warn)
        replaces = [name for name in changed if name in management_client_state.IMMUTABLE]
        return DiffResult(changes=bool(changed), replaces=replaces)

    def create(self, props: dynamic.Props) -> CreateResult:
        state = self._handler(props).create(ManagementClientState.of(props))
        return CreateResult(f"{state.tenant}/{state.name}", state.outputs())

    def read(self, id_: str, props: dynamic.Props) -> ReadResult:
        last = ManagementClientState.of(props)
        found = self._handler(props).read(last, wait_seconds=keyring.WAIT_SECONDS)
        return ReadResult(id_, found.outputs()) if found else ReadResult("", {})

    def update(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> UpdateResult:
        last, wanted = ManagementClientState.of(olds), ManagementClientState.of(news)
        return UpdateResult(self._handler(news).update(last, wanted).outputs())

    def delete(self, _id: str, props: dynamic.Props) -> None:
        self._handler(props).delete(ManagementClientState.of(props))

    def _handler(self, props: dynamic.Props) -> ManagementClientHandler:
        from . import management  # the program never needs what talks to the appliance
        from .management_client_handler import ManagementClientHandler

        settings = self.settings(props)
        return ManagementClientHandler(
            management.connect(settings), escrow.of(settings), keyring.OF_THIS_PROCESS, warn=dynamic.warn
        )
