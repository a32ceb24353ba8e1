"""From what was read of each stack to the view of the fleet. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from review import inventory, standing
from review.declared import Declared
from review.inventory import InventoryTenant
from review.standing import Tenant

from .model import FleetTenant, FleetView, Looked, Ready, StackView, Status

PENDING = {
    "create": "is made", "adopt": "is taken over", "inventory": "is listed", "recreate": "is posted again",
    "rotate": "gets a new secret", "change": "changes", "look": "is looked at again", "forget": "is let go",
    "delete": "is deleted", "refused": "stops: it left the list while protected", "unretire": "stops: it is retired",
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """What is known of one stack: what its files declare, and its state as an inventory, None where there is none.

    `read` says in words what was read, `gaps` what could not be and why; `looked` is a look at its appliance, and
    `unseen` says that one was asked for and could not be made.
    """

    declared: Declared
    state: Mapping[str, Any] | None = None
    looked: Looked | None = None
    read: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    unseen: bool = False

    @property
    def only_an_application(self) -> bool:
        """Whether the stack declares the application that makes tenants, and has none: they are another stack's."""
        return bool(self.declared.applications) and not (self.declared.tenants or self.declared.problems)


def assembled(sources: Sequence[Source], *, at: datetime, every_stack: bool = True) -> FleetView:
    """The view of these stacks, their tenants sorted by name.

    What no stack knows can be told only where these are all of them, and none has mistakes.
    """
    tenants = [tenant for source in sources for tenant in _tenants(source)]
    if every_stack and not any(source.declared.problems for source in sources):
        tenants += _unknown(sources)
    ordered = sorted(tenants, key=lambda tenant: (tenant.name, tenant.stack))
    return FleetView(at, tuple(map(_stack, sources)), tuple(ordered))


def _stack(source: Source) -> StackView:
    declared = source.declared
    retired = sum(bool(tenant.retired) for tenant in declared.tenants.values())
    gaps = source.gaps
    if problems := len(declared.problems):
        gaps += (f"its files have {problems} {'mistake' if problems == 1 else 'mistakes'}: psaas validate",)
    broken = bool(declared.problems)
    return StackView(declared.stack, declared.rta, source.read, gaps, broken, retired, source.unseen)


def _tenants(source: Source) -> Iterator[FleetTenant]:
    """Those that are declared or stand; a retired name is a number of its stack."""
    state = source.state
    stand = inventory.tenants_of(state) if state else {}
    facts = {fact.name: fact for fact in map(InventoryTenant.model_validate, state["tenants"])} if state else {}
    for name in sorted({*source.declared.tenants, *stand}):
        before, after = stand.get(name), source.declared.tenants.get(name)
        shown = after or before
        if shown and not shown.retired:
            yield _tenant(source, shown, before, after, facts.get(name))


def _tenant(
    source: Source, shown: Tenant, before: Tenant | None, after: Tenant | None, fact: InventoryTenant | None
) -> FleetTenant:
    declared = source.declared
    known = source.state is not None and not declared.problems
    action = standing.action(before, after) if known else "unchanged"
    since = fact.credential_since if fact else ""
    return FleetTenant(
        name=shown.name,
        stack=declared.stack,
        appliance=declared.rta,
        status=_status(shown),
        owners=tuple(sorted(shown.owners)),
        labels=dict(sorted(shown.labels.items())),
        domain=(fact.domain if fact else "") or (f"{shown.name}.{shown.tenant_domain}" if shown.tenant_domain else ""),
        ready=_ready(source, fact),
        problem=fact.problem if fact and not fact.ready else "",
        held=fact.held if fact else None,
        credential_since=(since or fact.managed_since) if fact and fact.held else "",
        at_least=bool(fact and fact.held and not since and fact.managed_since),
        team_since=fact.team_since if fact else "",
        drift=tuple(_drift(shown.name, action, fact, source.looked)),
        pending=PENDING.get(action, ""),
        place=after.place if after else "",
    )


def _status(tenant: Tenant) -> Status:
    if tenant.adopt == "inventory":
        return "listed only"
    return "taken over" if tenant.adopt else "made here"


def _ready(source: Source, fact: InventoryTenant | None) -> Ready:
    if fact:
        return "yes" if fact.ready and fact.inside_ready else "no"
    return "not known" if source.state is None else "not yet made"


def _drift(name: str, action: str, fact: InventoryTenant | None, looked: Looked | None) -> Iterator[str]:
    """What the last refresh has noted, and what a look of this moment has found."""
    gone = looked is not None and looked.listed is not None and name not in looked.listed
    if fact and fact.vanished and (looked is None or looked.listed is None or gone):
        yield "the appliance no longer lists it"
    elif fact and gone:
        yield "the appliance does not list it"
    if fact and fact.drift:
        yield f"not as declared: {', '.join(fact.drift)}"
    if looked and looked.listed is not None and not fact and action == "create" and name in looked.listed:
        yield "it exists on the appliance already, so it can't be made: psaas adopt"
    if looked and looked.served.get(name) is False:
        yield "its domain is not served"


def _unknown(sources: Sequence[Source]) -> list[FleetTenant]:
    """What appliances list and no stack has, once for each appliance."""
    known: dict[str, set[str]] = {}
    listed: dict[str, set[str]] = {}
    for source in sources:
        rta = source.declared.rta
        stand = inventory.tenants_of(source.state) if source.state else {}
        known.setdefault(rta, set()).update(source.declared.tenants, stand)
        if source.looked and source.looked.listed is not None:
            listed.setdefault(rta, set()).update(source.looked.listed)
    return [
        FleetTenant(
            name, appliance=rta, status="unknown", drift=("the appliance lists it, and no stack file: psaas adopt",)
        )
        for rta, names in listed.items()
        for name in names - known[rta] - {rta.split(".")[0]}
    ]  # fmt: skip
