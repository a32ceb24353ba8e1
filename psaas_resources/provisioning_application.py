"""The application "Tenant Provisioning" of the root tenant authority, with all its connections off.

The resource that programs declare, and the provider that the engine calls. What is done, and why, is in
`provisioning_application_handler`; what makes a change is in `provisioning_application_state`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from . import dynamic, escrow, rules
from . import provisioning_application_state as state
from .provisioning_application_state import Application
from .registration import Declared

if TYPE_CHECKING:
    from .provisioning_application_handler import ProvisioningApplicationHandler


class ProvisioningApplication(Declared, module="psaas", name="ProvisioningApplication"):
    """Declares the machine-to-machine application that makes tenants, enabled on no connection.

    `adopt` is the client ID of an application that exists and is taken over; otherwise one of the same name is an error
    that names it. `rotate` is any text; another text later replaces the secret. With `signs` it proves itself by a key
    pair that is made here or given (`psaas:applicationPrivateKey`), `client_key`, and by no secret; a rotation then
    makes another, and the one before stays good for `previous_key_hours`. `drift` lists what is not as declared; the
    next update puts it right. Needs the admin application's credential when something is to be done. Protected unless
    `opts` say otherwise.
    """

    name: pulumi.Output[str]
    client_id: pulumi.Output[str]
    client_secret: pulumi.Output[str]
    client_key: pulumi.Output[str]
    drift: pulumi.Output[list[str]]

    def __init__(
        self,
        resource_name: str,
        *,
        name: str = rules.APPLICATION_NAME,
        description: str = "",
        adopt: str = "",
        rotate: str = "",
        signs: bool = False,
        previous_key_hours: float = 168.0,
        rta: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "rta": rta or pulumi.Config("psaas").require("domain"),
            "name": name,
            "description": description,
            "adopt": adopt,
            "rotate": rotate,
            "signs": signs,
            "previous_key_hours": previous_key_hours,
        }
        ours = pulumi.ResourceOptions(protect=True, additional_secret_outputs=["client_secret", "client_key"])
        merged = pulumi.ResourceOptions.merge(ours, opts)
        outputs = dict.fromkeys(state.OUTPUTS)
        super().__init__(ProvisioningApplicationProvider, resource_name, inputs | outputs, merged)


class ProvisioningApplicationProvider(dynamic.Provider):
    """Between the engine and ProvisioningApplicationHandler. This path and name are stored in every stack's state."""

    def check(self, olds: dynamic.Props, news: dynamic.Props) -> CheckResult:
        return dynamic.checked(news, state.check(dynamic.known(olds), dynamic.known(news)))

    def diff(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> DiffResult:
        last = Application.of(olds)
        if settings := self.settings_or_none():
            self._handler(olds).settle(last)
            if words := state.unused_key(last, dynamic.known(news), settings.application_private_key):
                dynamic.warn(words)
        return DiffResult(changes=bool(state.diff(last, dynamic.known(news))))

    def create(self, props: dynamic.Props) -> CreateResult:
        made = self._handler(props).create(Application.of(props))
        return CreateResult(made.client_id, made.outputs())

    def read(self, id_: str, props: dynamic.Props) -> ReadResult:
        found = self._handler(props).read(Application.of(props))
        return ReadResult(id_, found.outputs()) if found else ReadResult("", {})

    def update(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> UpdateResult:
        return UpdateResult(self._handler(news).update(Application.of(olds), Application.of(news)).outputs())

    def delete(self, _id: str, props: dynamic.Props) -> None:
        self._handler(props).delete(Application.of(props))

    def _handler(self, props: dynamic.Props) -> ProvisioningApplicationHandler:
        from . import management  # the program never needs what talks to the appliance
        from .applications import Applications
        from .enabled_connections import Connections
        from .provisioning_application_handler import ProvisioningApplicationHandler

        settings = self.settings(props)
        api = management.connect(settings)
        return ProvisioningApplicationHandler(
            Applications(api), Connections(api), escrow.of(settings), warn=dynamic.warn
        )
