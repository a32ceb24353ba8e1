"""What a state holds of the credentials of its tenants. Pure; knows the engine's export, no engine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ConfigError
from ..handed_over import HandedOver
from ..rules import near_miss, printable

TENANT = "pulumi-python:dynamic/psaas:Tenant"
CLIENT = "pulumi-python:dynamic/psaas:ManagementClient"
_SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105 the engine's mark of a secret value


@dataclass(frozen=True)
class Tenants:
    """The tenants of a state: those that can be handed over, and why others can't."""

    ready: Mapping[str, HandedOver]
    without: Mapping[str, str]

    def one(self, name: str) -> HandedOver:
        """Raises ConfigError where there is no such tenant, or no credential of it."""
        if name in self.ready:
            return self.ready[name]
        if name in self.without:
            raise ConfigError(f"tenant {name}: {self.without[name]}")
        near = near_miss(name, [*self.ready, *self.without])
        raise ConfigError(f'the state has no tenant "{printable(name)}"{near}; an update makes those of the stack file')


def of_state(export: Mapping[str, Any], *, stack: str = "STACK", root: bool = False) -> Tenants:
    """The tenants of `pulumi stack export --show-secrets`. Raises ConfigError where its secrets are closed.

    A tenant whose team has an application of its own is handed over with that one, unless `root` asks for the
    tenant's own credential. `stack` is what commands call it that messages name.
    """
    ready: dict[str, HandedOver] = {}
    without: dict[str, str] = {}
    teams = {} if root else _teams(export)
    for outputs in _outputs(export, TENANT):
        name, domain = str(outputs.get("name", "")), str(outputs.get("domain", ""))
        applications = teams.get(name, [outputs])
        client_id, secret = str(applications[0].get("client_id") or ""), _opened(applications[0].get("client_secret"))
        if outputs.get("retired"):
            way = f"psaas escrow recover {name} --stack {stack} --output FILE"
            without[name] = f"it is retired, and its credential is in the escrow: `{way}` gets it out"
        elif len(applications) > 1:
            without[name] = "it has several applications for teams; take their credentials from your program's outputs"
        elif name in teams and not (client_id and secret):
            without[name] = "the application of its team isn't made yet; an update tries again"
        elif not (client_id and secret and domain):
            without[name] = (
                "nobody holds its credential (`adopt: inventory`?); give it in psaas:credentials and set `adopt: true`"
            )
        else:
            ready[name] = HandedOver(name, domain, client_id, secret)
    return Tenants(dict(sorted(ready.items())), dict(sorted(without.items())))


def _teams(export: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """The applications of teams, by their tenant."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for outputs in _outputs(export, CLIENT):
        found.setdefault(str(outputs.get("tenant", "")), []).append(outputs)
    return found


def _outputs(export: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
    resources = (export.get("deployment") or {}).get("resources") or []
    for resource in resources:
        if resource.get("type") == kind and not resource.get("delete"):
            yield resource.get("outputs") or {}


def _opened(value: object) -> str:
    if isinstance(value, Mapping) and _SECRET in value:
        if "plaintext" not in value:
            raise ConfigError("the state came with its secrets closed; it must be exported with --show-secrets")
        value = json.loads(str(value["plaintext"]))
    return value if isinstance(value, str) else ""
