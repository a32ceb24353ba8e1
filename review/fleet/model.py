"""The fleet as one value: every tenant, and per stack what is known of it and from where. Pure data, no secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Status = Literal["made here", "taken over", "listed only", "unknown"]
Ready = Literal["yes", "no", "not yet made", "not known"]


@dataclass(frozen=True)
class Looked:
    """What a look at an appliance found. `listed` is None where it offers no list.

    `served`: whether a tenant's domain answers as that tenant; None where that can't be told.
    """

    listed: frozenset[str] | None = None
    served: Mapping[str, bool | None] = field(default_factory=dict)


@dataclass(frozen=True)
class FleetTenant:
    """One tenant. `stack` is "" for one that no stack file knows.

    `held` says whether the state has its credential, None where that isn't known. `credential_since` is when its secret
    came into force, or, if `at_least`, since when we hold it; `team_since` the same of its team's application. `drift`
    says in words what is not as it should be; `pending` what the next update does, "" where it does nothing or isn't
    known. Times are in ISO 8601 (UTC), "" where they aren't known.
    """

    name: str
    stack: str = ""
    appliance: str = ""
    status: Status = "made here"
    owners: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    domain: str = ""
    ready: Ready = "not known"
    problem: str = ""
    held: bool | None = None
    credential_since: str = ""
    at_least: bool = False
    team_since: str = ""
    drift: tuple[str, ...] = ()
    pending: str = ""
    place: str = ""

    @property
    def needs_a_look(self) -> bool:
        """Whether a person should look at it."""
        return bool(self.drift) or self.ready == "no" or self.status == "unknown"


@dataclass(frozen=True)
class StackView:
    """One stack: what was read of it, what could not be and why, and how many names are retired.

    `broken`: its files have mistakes. `unseen`: a look at its appliance was asked for and could not be made.
    """

    name: str
    appliance: str = ""
    read: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    broken: bool = False
    retired: int = 0
    unseen: bool = False


@dataclass(frozen=True)
class FleetView:
    """All of it, as it was at a moment."""

    at: datetime
    stacks: tuple[StackView, ...]
    tenants: tuple[FleetTenant, ...]

    @property
    def troubled(self) -> tuple[FleetTenant, ...]:
        return tuple(tenant for tenant in self.tenants if tenant.needs_a_look)

    @property
    def good(self) -> bool:
        """Whether all that was asked for was seen, and nothing of it needs a person."""
        return not (self.troubled or any(stack.broken or stack.unseen for stack in self.stacks))
