"""What is done about a client grant: made, taken over, looked at, changed. Knows the rules; knows no Pulumi.

Source: the public description of `/api/v2/client-grants`, and what users of it report (a second grant of the
same client and audience is a 409; scopes may be dropped without a word).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import answers
from .client_grant_state import Grant, sorted_scopes
from .errors import AnswerUnusable, Conflict, EscrowError, OutcomeUnknown, PsaasError, Refused
from .escrow import Escrow
from .management import Management


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
        scopes = answers.words(", ".join(sorted(_scopes(live))))
        state = "with the same scopes" if same else f"with other scopes ({scopes})"
        way = (
            "set psaas:adoptGrant (in a program of your own adopt=True) to take it over"
            if same
            else "make the declared scopes (psaas:scopes, or those of your program) the same, or change the grant "
            "where it was made"
        )
        raise Conflict(
            f"a client grant of {wanted.client_id} for {wanted.audience} exists already: {answers.words(grant_id)}, "
            f"{state}; {way}",
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
        which = answers.words(live.get("id"))
        raise Refused(f"client grant {which} is one of the appliance's own (is_system); it can't be managed")
    if not isinstance(live.get("id"), str) or not live["id"]:
        raise AnswerUnusable("the appliance's client grant has no ID")
    return str(live["id"])


def _live(declared: Grant, live: Mapping[str, Any]) -> Grant:
    return Grant(
        rta=declared.rta,
        client_id=str(live.get("client_id") or declared.client_id),
        audience=str(live.get("audience") or declared.audience),
        scopes=sorted_scopes(_scopes(live)),
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
