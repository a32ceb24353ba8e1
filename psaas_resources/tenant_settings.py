"""The settings of a tenant that a team meets on its first day: name, support, sessions, languages, flags.

The resource that programs declare, and the provider that the engine calls. What is done, and why, is in
`tenant_settings_handler`; what makes a change is in `tenant_settings_state`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from . import dynamic, escrow, keyring, tenant_settings_state
from .inside_tenant import InsideTenant
from .tenant import Tenant
from .tenant_settings_state import TenantSettingsState

if TYPE_CHECKING:
    from .tenant_settings_handler import TenantSettingsHandler


class TenantSettings(InsideTenant, module="psaas", name="TenantSettings"):
    """Declares settings of `tenant`, a Tenant of the same program and provider. What is not named is not managed.

    Lifetimes are hours. The first of `enabled_locales` is the default language. `flags` are the API's own, each
    managed alone. The tenant's credential is taken from the tenant, in the process, and not stored again.

    `ready` is whether the appliance has what is declared; if not, `problem` says why, and the next updates look
    again. `applied` is what it was last seen to have. Removing the resource, or a setting, sends nothing.
    """

    settings: pulumi.Output[dict[str, Any]]
    applied: pulumi.Output[dict[str, Any]]
    ready: pulumi.Output[bool]
    problem: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        tenant: Tenant,
        friendly_name: pulumi.Input[str] | None = None,
        support_email: pulumi.Input[str] | None = None,
        support_url: pulumi.Input[str] | None = None,
        picture_url: pulumi.Input[str] | None = None,
        session_lifetime: pulumi.Input[int] | None = None,
        idle_session_lifetime: pulumi.Input[int] | None = None,
        default_directory: pulumi.Input[str] | None = None,
        enabled_locales: Sequence[pulumi.Input[str]] | None = None,
        flags: Mapping[str, pulumi.Input[bool]] | None = None,
        rta: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        named = {
            "friendly_name": friendly_name,
            "support_email": support_email,
            "support_url": support_url,
            "picture_url": picture_url,
            "session_lifetime": session_lifetime,
            "idle_session_lifetime": idle_session_lifetime,
            "default_directory": default_directory,
            "enabled_locales": None if enabled_locales is None else list(enabled_locales),
            "flags": dict(flags) if flags else None,
        }
        inputs = {
            "tenant_created_at": tenant.created_at,
            "settings": {name: value for name, value in named.items() if value is not None},
        }
        super().__init__(
            TenantSettingsProvider, resource_name, inputs, opts,
            tenant=tenant, rta=rta, outputs=tenant_settings_state.OUTPUTS,
        )  # fmt: skip


class TenantSettingsProvider(dynamic.Provider):
    """Between the engine and TenantSettingsHandler. This path and name are stored in every stack's state."""

    def check(self, olds: dynamic.Props, news: dynamic.Props) -> CheckResult:
        return dynamic.checked(news, tenant_settings_state.check(dynamic.known(olds), dynamic.known(news)))

    def diff(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> DiffResult:
        hours = self.ready_within_hours()
        last = TenantSettingsState.of(olds)
        changed = tenant_settings_state.diff(last, dynamic.known(news), ready_within_hours=hours, warn=dynamic.warn)
        return dynamic.differs(changed, tenant_settings_state.IMMUTABLE)

    def create(self, props: dynamic.Props) -> CreateResult:
        state = self._handler(props).create(TenantSettingsState.of(props))
        return CreateResult(state.tenant, state.outputs())

    def read(self, id_: str, props: dynamic.Props) -> ReadResult:
        last = TenantSettingsState.of(props)
        return ReadResult(id_, self._handler(props).read(last, wait_seconds=keyring.WAIT_SECONDS).outputs())

    def update(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> UpdateResult:
        last, wanted = TenantSettingsState.of(olds), TenantSettingsState.of(news)
        return UpdateResult(self._handler(news).update(last, wanted).outputs())

    def delete(self, _id: str, props: dynamic.Props) -> None:
        """Nothing is sent: the tenant keeps its settings, and nobody manages them."""

    def _handler(self, props: dynamic.Props) -> TenantSettingsHandler:
        from . import management  # the program never needs what talks to the appliance
        from .tenant_settings_handler import TenantSettingsHandler

        settings = self.settings(props)
        return TenantSettingsHandler(
            management.connect(settings), escrow.of(settings), keyring.OF_THIS_PROCESS, warn=dynamic.warn
        )
