"""A client grant in the root tenant authority: which application may use which API, with which scopes.

The resource that programs declare, and the provider that the engine calls. What is done, and why, is in
`client_grant_handler`; what is in order and what makes a change is in `client_grant_state`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from . import client_grant_state, dynamic, escrow
from .client_grant_state import Grant
from .registration import Declared

if TYPE_CHECKING:
    from .client_grant_handler import ClientGrantHandler


class ClientGrant(Declared, module="psaas", name="ClientGrant"):
    """Declares that application `client_id` may use an API of the RTA with exactly `scopes`.

    `audience` defaults to the RTA's Management API, `rta` to `psaas:domain`. A grant that exists already is an
    error that names it, unless `adopt` is set and it has the same scopes. Needs the admin application's
    credential (`psaas:adminClientId`, `psaas:adminClientSecret`) when something is to be done.
    """

    client_id: pulumi.Output[str]
    audience: pulumi.Output[str]
    scopes: pulumi.Output[list[str]]
    rta: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        client_id: pulumi.Input[str],
        scopes: Sequence[pulumi.Input[str]],
        audience: pulumi.Input[str] | None = None,
        adopt: bool = False,
        rta: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        rta = rta or pulumi.Config("psaas").require("domain")
        super().__init__(
            ClientGrantProvider,
            resource_name,
            {
                "rta": rta,
                "client_id": client_id,
                "audience": audience or f"https://{rta}/api/v2/",
                "scopes": dynamic.listed(scopes),
                "adopt": adopt,
                "allow_all_scopes": None,
            },
            opts,
        )


class ClientGrantProvider(dynamic.Provider):
    """Between the engine and ClientGrantHandler. This path and name are stored in every stack's state."""

    def check(self, olds: dynamic.Props, news: dynamic.Props) -> CheckResult:
        own = settings.client_id if (settings := self.settings_or_none()) else ""
        problems = client_grant_state.check(dynamic.known(olds), dynamic.known(news), own_client_id=own)
        return dynamic.checked(client_grant_state.canonical(news), problems)

    def diff(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> DiffResult:
        changed = client_grant_state.diff(olds, {**olds, **dynamic.known(news)})
        return dynamic.differs(changed, client_grant_state.IMMUTABLE)

    def create(self, props: dynamic.Props) -> CreateResult:
        grant_id, grant = self._handler(props).create(Grant.of(props))
        return CreateResult(grant_id, grant.outputs())

    def read(self, id_: str, props: dynamic.Props) -> ReadResult:
        found = self._handler(props).read(id_, Grant.of(props))
        return ReadResult(found[0], found[1].outputs()) if found else ReadResult("", {})

    def update(self, id_: str, olds: dynamic.Props, news: dynamic.Props) -> UpdateResult:
        return UpdateResult(self._handler(news).update(id_, Grant.of(olds), Grant.of(news)).outputs())

    def delete(self, id_: str, props: dynamic.Props) -> None:
        self._handler(props).delete(id_, Grant.of(props))

    def _handler(self, props: dynamic.Props) -> ClientGrantHandler:
        from . import management  # the program never needs what talks to the appliance
        from .client_grant_handler import ClientGrantHandler

        settings = self.settings(props)
        return ClientGrantHandler(management.connect(settings), escrow.of(settings), warn=dynamic.warn)
