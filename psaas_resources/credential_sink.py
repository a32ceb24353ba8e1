"""A tenant's credential where its team reads it: in a Vault, in a Kubernetes Secret, or behind a command.

The resource that programs declare, and the provider that the engine calls. What is done, and why, is in
`credential_sink_handler`; what makes a change is in `credential_sink_state`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from . import credential_sink_state, dynamic, escrow, keyring
from .credential_sink_state import CredentialSinkState
from .handed_over import HandedOver
from .inside_tenant import InsideTenant
from .management_client import ManagementClient
from .tenant import Tenant

if TYPE_CHECKING:
    from .credential_sink_handler import CredentialSinkHandler


class CredentialSink(InsideTenant, module="psaas", name="CredentialSink"):
    """Declares that a place holds the credential of `client`, a ManagementClient, or without one `tenant`'s own.

    `sink` names the place: `kind` (vault, kubernetes or command), `address`, `namespace`, `mount`, `path`, `role_id`.
    Give the same to the ManagementClient, so that none of its applications goes before the place holds the new
    credential. How this machine proves itself to the sink is in `PSAAS_SINK_*`, and never here. `adopt` allows to
    take over a place that isn't ours. The credential is found in the process, and not stored again; `fingerprint` is
    that of what was written last. Removing the resource takes nothing out of the sink.
    """

    fingerprint: pulumi.Output[str]
    written_at: pulumi.Output[str]
    ready: pulumi.Output[bool]
    problem: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        tenant: Tenant,
        sink: Mapping[str, pulumi.Input[str]],
        client: ManagementClient | None = None,
        adopt: bool = False,
        rta: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "client": client.name if client else "",
            "client_id": client.client_id if client else tenant.client_id,
            "sink": dict(sink),
            "adopt": adopt,
        }
        super().__init__(
            CredentialSinkProvider, resource_name, inputs, opts,
            tenant=tenant, rta=rta, outputs=credential_sink_state.OUTPUTS, after=[client] if client else [],
        )  # fmt: skip


class CredentialSinkProvider(dynamic.Provider):
    """Between the engine and CredentialSinkHandler. This path and name are stored in every stack's state."""

    def check(self, olds: dynamic.Props, news: dynamic.Props) -> CheckResult:
        return dynamic.checked(news, credential_sink_state.check(dynamic.known(olds), dynamic.known(news)))

    def diff(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> DiffResult:
        last, known = CredentialSinkState.of(olds), dynamic.known(news)
        changed = credential_sink_state.diff(last, known, fingerprint=self._fingerprint({**olds, **known}))
        return dynamic.differs(changed, credential_sink_state.IMMUTABLE)

    def create(self, props: dynamic.Props) -> CreateResult:
        state = self._handler(props).create(CredentialSinkState.of(props))
        return CreateResult(state.holder, state.outputs())

    def read(self, id_: str, props: dynamic.Props) -> ReadResult:
        return ReadResult(id_, self._handler(props).read(CredentialSinkState.of(props)).outputs())

    def update(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> UpdateResult:
        last, wanted = CredentialSinkState.of(olds), CredentialSinkState.of(news)
        return UpdateResult(self._handler(news).update(last, wanted).outputs())

    def delete(self, _id: str, props: dynamic.Props) -> None:
        self._handler(props).delete(CredentialSinkState.of(props))

    def _fingerprint(self, props: dynamic.Props) -> str:
        """That of the credential which this run has met, "" where it has met none."""
        state, settings = CredentialSinkState.of(props), self.settings_or_none()
        if settings is None or (credential := keyring.OF_THIS_PROCESS.find(state.rta, state.holder)) is None:
            return ""
        return HandedOver(state.tenant, state.domain, credential.client_id, credential.client_secret).fingerprint

    def _handler(self, props: dynamic.Props) -> CredentialSinkHandler:
        from .credential_sink_handler import CredentialSinkHandler  # the program never needs what talks to sinks

        settings = self.settings(props)
        return CredentialSinkHandler(settings, escrow.of(settings), keyring.OF_THIS_PROCESS, warn=dynamic.warn)
