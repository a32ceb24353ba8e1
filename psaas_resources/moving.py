"""Which resources of a state go along when tenants move to another stack. Reads an export; knows no Pulumi, no secret.

`pulumi state move` takes along what it is named and what lies below that. A tenant's settings, applications and
whatever else is made inside of it lie beside it and depend on it, so they must be named too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import ConfigError

TENANT = ":dynamic/psaas:Tenant"
_OF_THE_ENGINE = ("pulumi:pulumi:Stack", "pulumi:providers:")


@dataclass(frozen=True)
class Belongings:
    """`urns` go along, in the state's order. `missing`: tenants that this state doesn't hold. `shared`: resources
    that need tenants that go and tenants that stay; they stay.
    """

    urns: tuple[str, ...]
    missing: tuple[str, ...]
    shared: tuple[str, ...]


def belongings(export: object, tenants: Collection[str], *, rta: str) -> Belongings:
    """What `pulumi stack export` shows of these tenants of an appliance. Raises ConfigError for what is no export."""
    going: dict[str, None] = {}
    staying: set[str] = set()
    shared: list[str] = []
    found: set[str] = set()
    for resource in _resources(export):
        urn, inputs = str(resource["urn"]), resource.get("inputs") or {}
        if str(resource["type"]).endswith(TENANT):
            goes = inputs.get("name") in tenants and inputs.get("rta") == rta
            found |= {str(inputs["name"])} if goes else set()
            stays = not goes
        else:
            needed = set(_needed(resource))
            goes, stays = not needed.isdisjoint(going), not needed.isdisjoint(staying)
        if goes and stays:
            shared.append(urn)
        elif goes:
            going[urn] = None
        if stays:
            staying.add(urn)
    return Belongings(tuple(going), tuple(sorted(set(tenants) - found)), tuple(shared))


def _resources(export: object) -> Iterator[Mapping[str, Any]]:
    """All but those that the engine makes for itself, what others need first."""
    deployment = export.get("deployment") if isinstance(export, dict) else None
    if not isinstance(deployment, dict):
        raise ConfigError("this is no export of a stack; give what `pulumi stack export --stack NAME` prints")
    for resource in deployment.get("resources") or []:
        if not str(resource["type"]).startswith(_OF_THE_ENGINE):
            yield resource


def _needed(resource: Mapping[str, Any]) -> Iterator[str]:
    """The URNs that a resource depends on."""
    yield from resource.get("dependencies") or []
    for urns in (resource.get("propertyDependencies") or {}).values():
        yield from urns or []
    yield str(resource.get("parent", ""))
