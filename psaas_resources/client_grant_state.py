"""What is declared and known of a client grant, which of it is in order, and what makes a change. Sends nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .rules import CREATE_TENANTS

IMMUTABLE = ("client_id", "audience")
UPDATABLE = ("scopes", "allow_all_scopes")


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
            scopes=sorted_scopes(props["scopes"]),
            adopt=bool(props.get("adopt")),
            allow_all_scopes=bool(props.get("allow_all_scopes")),
        )

    def outputs(self) -> dict[str, Any]:
        return asdict(self) | {"scopes": list(self.scopes)}


def canonical(news: dict[str, Any]) -> dict[str, Any]:
    """The inputs with their scopes as a set, so that their order never makes a change."""
    scopes = news.get("scopes")
    if isinstance(scopes, list) and all(isinstance(scope, str) for scope in scopes):
        return {**news, "scopes": list(sorted_scopes(scopes))}
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
        problems["scopes"] = (
            'expected a list of scopes, for example ["create:tenants"], each a text of 1 to 280 characters'
        )
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


def sorted_scopes(scopes: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(scopes)))
