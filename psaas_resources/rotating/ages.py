"""How old each credential of a stack is, by what its state or a published inventory tells. Pure; holds no secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Kind = Literal["tenant", "client", "application"]
KINDS: tuple[Kind, ...] = ("tenant", "client", "application")
WORDS = {"tenant": "the credential of tenant {}", "client": "the application of tenant {}'s team",
         "application": "the provisioning application"}  # fmt: skip


@dataclass(frozen=True)
class Aged:
    """A credential in a state. `since` is when it came into force; if `at_least`, it is older than that.

    `tenant` is "" for the provisioning application. `marker` is that of its last rotation.
    """

    kind: Kind
    tenant: str
    marker: str = ""
    since: datetime | None = None
    at_least: bool = False

    def __str__(self) -> str:
        return WORDS[self.kind].format(self.tenant)

    def days(self, now: datetime) -> int | None:
        """Whole days since then."""
        return (now - self.since).days if self.since else None


def of_inventory(document: Mapping[str, Any]) -> Iterator[Aged]:
    """Every credential that the state of a checked inventory holds."""
    for tenant in document["tenants"]:
        if tenant["held"] and not tenant["retired"]:
            known = _time(tenant["credentialSince"])
            since = known or _time(tenant["managedSince"])
            yield Aged("tenant", tenant["name"], tenant["rotate"] or "", since, known is None)
        if team := (tenant["inside"] or {}).get("managementClient"):
            yield Aged("client", tenant["name"], team.get("rotate", ""), _time(tenant["teamSince"]))
    for application in (document["applications"] or {}).values():
        yield Aged("application", "", application["rotate"], _time(application["secretSince"]))


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
