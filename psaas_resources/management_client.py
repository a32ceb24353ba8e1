"""An application in a tenant for its team: named scopes, so that the tenant's own credential can stay in its safe.

The resource that programs declare, and the provider that the engine calls. What is done, and why, is in
`management_client_handler`; what makes a change is in `management_client_state`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from . import dynamic, escrow, keyring, management_client_state
from .errors import PsaasError, SinkDown
from .handed_over import HandedOver
from .inside_tenant import InsideTenant
from .management_client_state import ManagementClientState
from .settings import Credential, Settings
from .sink_place import SinkPlace
from .tenant import Tenant

if TYPE_CHECKING:
    from .management_client_handler import ManagementClientHandler


class ManagementClient(InsideTenant, module="psaas", name="ManagementClient"):
    """Declares a machine-to-machine application in `tenant`, a Tenant of the same program and provider.

    It may use the tenant's Management API with exactly `scopes`. Another `rotate` makes another application with
    another credential; the one before stays good for `previous_hours`, and goes with the first update after that.
    Removing the resource deletes both. `ready` and `problem` are as those of a Tenant. `sink` is where the team reads
    the credential, as a CredentialSink has it: no application goes before the new credential lies there.
    """

    name: pulumi.Output[str]
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
        sink: Mapping[str, pulumi.Input[str]] | None = None,
        rta: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "tenant_created_at": tenant.created_at,
            "name": name,
            "scopes": dynamic.listed(scopes),
            "rotate": rotate,
            "previous_hours": previous_hours,
        }
        inputs |= {"sink": dict(sink)} if sink else {}
        super().__init__(
            ManagementClientProvider, resource_name, inputs, opts,
            tenant=tenant, rta=rta, outputs=management_client_state.OUTPUTS, secret_outputs=["client_secret"],
        )  # fmt: skip


class ManagementClientProvider(dynamic.Provider):
    """Between the engine and ManagementClientHandler. This path and name are stored in every stack's state."""

    def check(self, olds: dynamic.Props, news: dynamic.Props) -> CheckResult:
        return dynamic.checked(news, management_client_state.check(dynamic.known(olds), dynamic.known(news)))

    def diff(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> DiffResult:
        hours = self.ready_within_hours()
        last = _held(ManagementClientState.of(olds))
        changed = management_client_state.diff(last, dynamic.known(news), ready_within_hours=hours, warn=dynamic.warn)
        return dynamic.differs(changed, management_client_state.IMMUTABLE)

    def create(self, props: dynamic.Props) -> CreateResult:
        state = _held(self._handler(props).create(ManagementClientState.of(props)))
        return CreateResult(f"{state.tenant}/{state.name}", state.outputs())

    def read(self, id_: str, props: dynamic.Props) -> ReadResult:
        last = _held(ManagementClientState.of(props))
        found = self._handler(props).read(last, wait_seconds=keyring.WAIT_SECONDS)
        return ReadResult(id_, found.outputs()) if found else ReadResult("", {})

    def update(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> UpdateResult:
        last, wanted = ManagementClientState.of(olds), ManagementClientState.of(news)
        return UpdateResult(_held(self._handler(news).update(last, wanted)).outputs())

    def delete(self, _id: str, props: dynamic.Props) -> None:
        self._handler(props).delete(ManagementClientState.of(props))

    def _handler(self, props: dynamic.Props) -> ManagementClientHandler:
        from . import management  # the program never needs what talks to the appliance
        from .management_client_handler import ManagementClientHandler

        settings = self.settings(props)
        place = SinkPlace.of(props["sink"]) if props.get("sink") else None
        return ManagementClientHandler(
            management.connect(settings),
            escrow.of(settings),
            keyring.OF_THIS_PROCESS,
            warn=dynamic.warn,
            before_forgetting=lambda state: _in_its_sink(state, place, settings),
        )


def _held(state: ManagementClientState) -> ManagementClientState:
    """The credential is at hand for the sink, which comes later in the same run."""
    credential = Credential(state.client_id, state.client_secret) if state.client_secret else None
    keyring.OF_THIS_PROCESS.hold(state.rta, f"{state.tenant}/{state.name}", credential)
    return state


def _in_its_sink(state: ManagementClientState, place: SinkPlace | None, settings: Settings) -> None:
    """Raises SinkDown, which passes, where the team couldn't read the credential of `state`."""
    if place is None:
        return
    from . import sinks  # the program never needs what talks to sinks

    what = HandedOver(state.tenant, state.domain, state.client_id, state.client_secret)
    try:
        sinks.deliver(sinks.of(place, settings.sink), place, what)
    except PsaasError as error:
        raise SinkDown(
            f"the application before it stays, since the team can't read the new credential yet: {error}"
        ) from None
