"""A client grant in the root tenant authority: which application may use which API, with which scopes.

Source: the public description of `/api/v2/client-grants`, and what users of it report (a second grant of the
same client and audience is a 409; scopes may be dropped without a word).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from . import dynamic, escrow, management
from .errors import AnswerUnusable, Conflict, EscrowError, OutcomeUnknown, PsaasError, Refused
from .escrow import Escrow
from .management import CREATE_TENANTS, Management

IMMUTABLE = ("client_id", "audience")
UPDATABLE = ("scopes", "allow_all_scopes")


class ClientGrant(Resource, module="psaas", name="ClientGrant"):
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
            ClientGrantProvider(),
            resource_name,
            {
                "rta": rta,
                "client_id": client_id,
                "audience": audience or f"https://{rta}/api/v2/",
                "scopes": list(scopes),
                "adopt": adopt,
                "allow_all_scopes": None,
            },
            opts,
        )


class ClientGrantProvider(dynamic.Provider):
    """Between the engine and ClientGrantHandler. This path and name are stored in every stack's state."""

    def check(self, olds: dynamic.Props, news: dynamic.Props) -> CheckResult:
        own = settings.client_id if (settings := self.settings_or_none()) else ""
        problems = check(dynamic.known(olds), dynamic.known(news), own_client_id=own)
        return dynamic.checked(canonical(news), problems)

    def diff(self, _id: str, olds: dynamic.Props, news: dynamic.Props) -> DiffResult:
        changed = diff(olds, news)
        return DiffResult(changes=bool(changed), replaces=[name for name in changed if name in IMMUTABLE])

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
        settings = self.settings(props)
        return ClientGrantHandler(management.connect(settings), escrow.of(settings), warn=dynamic.warn)


@dataclass(frozen=True)
class Grant:
    """A client grant as declared, or as the appliance has it. `scopes` are a set, kept sorted."""

    rta: str
    client_id: str
    audience: str
    scopes: tuple[str, ...]
    adopt: bool = False
    allow_all_scopes: bool = False

    @staticmethod
    def of(props: Mapping[str, Any]) -> Grant:
        return Grant(
            rta=props["rta"],
            client_id=props["client_id"],
            audience=props["audience"],
            scopes=_sorted(props["scopes"]),
            adopt=bool(props.get("adopt")),
            allow_all_scopes=bool(props.get("allow_all_scopes")),
        )

    def outputs(self) -> dynamic.Props:
        return asdict(self) | {"scopes": list(self.scopes)}


def canonical(news: dynamic.Props) -> dynamic.Props:
    """The inputs with their scopes as a set, so that their order never makes a change."""
    scopes = news.get("scopes")
    if isinstance(scopes, list) and all(isinstance(scope, str) for scope in scopes):
        return {**news, "scopes": list(_sorted(scopes))}
    return news


def check(olds: Mapping[str, Any], news: Mapping[str, Any], *, own_client_id: str) -> dict[str, str]:
    """What is wrong with the inputs, by property."""
    problems = {
        name: f"expected text, and not an empty one{hint}"
        for name, hint in (("client_id", "; set psaas:clientId"), ("audience", ""))
        if name in news and not (isinstance(news[name], str) and news[name].strip())
    }
    if olds.get("rta") not in (None, news.get("rta")):
        problems["rta"] = f"the grant belongs to {olds['rta']}; a stack can't move to another appliance"
    own = own_client_id and news.get("client_id") == own_client_id
    scopes = news.get("scopes", olds.get("scopes"))
    if "scopes" in news and scopes != [] and not _are_scopes(scopes):
        problems["scopes"] = "expected a list of scopes, each a text of 1 to 280 characters"
    elif own and CREATE_TENANTS in set(olds.get("scopes") or []) - set(scopes or []):
        problems["scopes"] = (
            f"the grant of our own application can't lose {CREATE_TENANTS}: no tenant could be made any more"
        )
    elif "scopes" in news and not scopes:
        problems["scopes"] = "expected at least one scope: a client grant without any allows nothing"
    return problems


def _are_scopes(given: object) -> bool:
    return (
        isinstance(given, list | tuple)
        and len(given) > 0
        and all(isinstance(scope, str) and 0 < len(scope) <= 280 for scope in given)
    )


def diff(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """The properties that differ between the last known outputs and the inputs.

    `allow_all_scopes` set by hand on the appliance is a difference: declared grants name their scopes.
    """
    old, new = Grant.of(olds), Grant.of(news)
    return [name for name in (*IMMUTABLE, *UPDATABLE) if getattr(old, name) != getattr(new, name)]


class ClientGrantHandler:
    """Makes a client grant be what was declared. Knows the API's rules; knows no Pulumi."""

    def __init__(self, api: Management, escrow: Escrow, *, warn: Callable[[str], None]) -> None:
        self._api = api
        self._escrow = escrow
        self._warn = warn

    def create(self, wanted: Grant) -> tuple[str, Grant]:
        """Create the grant, or take over an identical one if `adopt` says so or an earlier run of ours has made it.

        Returns its ID and what the appliance has.
        """
        try:
            live = self._api.create_client_grant(wanted.client_id, wanted.audience, wanted.scopes)
        except Conflict:
            return self._take_over(wanted, may=wanted.adopt)
        except OutcomeUnknown as error:
            self._warn(f"{error}; looking whether the client grant is there")
            return self._take_over(wanted, may=True)
        if missing := sorted(set(wanted.scopes) - set(_scopes(live))):
            self._undo(_identity(live), missing)
        try:
            self._escrow.mark_grant(_identity(live))
        except EscrowError as error:
            self._warn(f"client grant {_identity(live)}: if this run dies, it must be adopted by hand: {error}")
        return _identity(live), _live(wanted, live)

    def read(self, grant_id: str, last: Grant) -> tuple[str, Grant] | None:
        """The grant as it is now, with a new ID if it was made anew by hand; None on proof that it is gone."""
        live = self._api.client_grant(grant_id) or self._api.find_client_grant(last.client_id, last.audience)
        return (_identity(live), _live(last, live)) if live else None

    def update(self, grant_id: str, last: Grant, wanted: Grant) -> Grant:
        """Give the grant exactly the wanted scopes."""
        if last.allow_all_scopes:
            # The API refuses a list of scopes while this is on, and wants it switched off with an empty list first.
            self._api.update_client_grant(grant_id, {"allow_all_scopes": False, "scope": []})
        live = self._api.update_client_grant(grant_id, {"scope": list(wanted.scopes)})
        if missing := sorted(set(wanted.scopes) - set(_scopes(live))):
            raise AnswerUnusable(f"client grant {grant_id}: {_dropped(missing)}")
        return _live(wanted, live)

    def delete(self, grant_id: str, last: Grant) -> None:
        """Delete the grant, unless it is the one that our own token depends on and tenants remain."""
        if last.client_id == self._api.settings.client_id and (remain := self._api.any_tenants()) is not False:
            raise Refused(
                f"client grant {grant_id} is kept: it is the right of our own application to make and look at tenants, "
                f"and {'tenants remain on' if remain else 'nothing proves that no tenant remains on'} {last.rta}. "
                "To stop managing it, `pulumi state delete` its URN; to end it, delete it in the dashboard"
            )
        self._api.delete_client_grant(grant_id)

    def _take_over(self, wanted: Grant, *, may: bool) -> tuple[str, Grant]:
        live = self._api.find_client_grant(wanted.client_id, wanted.audience)
        if live is None:
            raise OutcomeUnknown(
                f"the client grant of {wanted.client_id} for {wanted.audience} could not be made, and the appliance "
                "lists none; run the update again"
            )
        grant_id = _identity(live)
        same = set(_scopes(live)) == set(wanted.scopes) and not live.get("allow_all_scopes")
        if same and (may or self._escrow.made_grant(grant_id)):
            return grant_id, _live(wanted, live)
        state = "with the same scopes" if same else f"with other scopes ({', '.join(sorted(_scopes(live)))})"
        way = (
            "set psaas:adoptGrant to take it over"
            if same
            else "make psaas:scopes the same, or change the grant where it was made"
        )
        raise Conflict(
            f"a client grant of {wanted.client_id} for {wanted.audience} exists already: {grant_id}, {state}; {way}",
            status=409,
        )

    def _undo(self, grant_id: str, missing: list[str]) -> None:
        """A new grant that lacks scopes is of no use, and would be in nobody's state: take it back."""
        try:
            self._api.delete_client_grant(grant_id)
            left = "the grant was taken back"
        except PsaasError:
            left = f"the grant {grant_id} could not be taken back: delete it in the dashboard"
        raise AnswerUnusable(f"client grant {grant_id}: {_dropped(missing)}; {left}")


def _identity(live: Mapping[str, Any]) -> str:
    if live.get("is_system"):
        raise Refused(f"client grant {live.get('id')} is one of the appliance's own (is_system); it can't be managed")
    if not isinstance(live.get("id"), str) or not live["id"]:
        raise AnswerUnusable("the appliance's client grant has no ID")
    return str(live["id"])


def _live(declared: Grant, live: Mapping[str, Any]) -> Grant:
    return Grant(
        rta=declared.rta,
        client_id=str(live.get("client_id") or declared.client_id),
        audience=str(live.get("audience") or declared.audience),
        scopes=_sorted(_scopes(live)),
        adopt=declared.adopt,
        allow_all_scopes=bool(live.get("allow_all_scopes")),
    )


def _scopes(live: Mapping[str, Any]) -> list[str]:
    scopes = live.get("scope") or []
    if isinstance(scopes, list) and all(isinstance(scope, str) for scope in scopes):
        return scopes
    raise AnswerUnusable("the scopes of the appliance's client grant are no list of texts")


def _dropped(missing: list[str]) -> str:
    return f"the appliance did not store {', '.join(missing)}; does its Management API have such scopes?"


def _sorted(scopes: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(scopes)))
