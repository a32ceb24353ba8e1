"""What rules are told about a stack: plain values, from the engine or from stack files. Knows neither."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TenantFacts:
    """A declared tenant. `retired` is "", "forget" or "delete"; a retired one is only a name that must not return.

    `protect` and `secret_outputs` are the options of its resource, None where they can't be seen.
    """

    name: str
    owners: tuple[str, ...] = ()
    deletion: str = "refuse"
    adopted: bool = False
    retired: str = ""
    rta: str = ""
    protect: bool | None = None
    secret_outputs: tuple[str, ...] | None = None


@dataclass(frozen=True)
class GrantFacts:
    """A declared client grant: which application may use which API. `subject_type` is "client" for machines."""

    name: str
    client_id: str
    audience: str
    scopes: tuple[str, ...]
    rta: str
    allow_all_scopes: bool = False
    subject_type: str = "client"


@dataclass(frozen=True)
class StackFacts:
    """A stack. `connect_to`: whether requests go to an address other than their names.

    `new_tenants` and `deletions` count what an update would do; None where that isn't known.
    """

    stack: str
    rta: str
    tenants: tuple[TenantFacts, ...] = ()
    grants: tuple[GrantFacts, ...] = ()
    connect_to: bool = False
    new_tenants: int | None = None
    deletions: int | None = None
