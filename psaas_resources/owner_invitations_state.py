"""Which owners of a tenant are to be invited, and who was; what makes a change. Sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from . import times

INPUTS = ("rta", "tenant", "domain", "owners", "tenant_created_at")
OUTPUTS = ("invited", "members", "unsure", "ready", "problem", "managed_since")
IMMUTABLE = ("tenant",)
AGAIN = "and are tried again once its `inviteOwners` was false for one update"


@dataclass(frozen=True)
class OwnerInvitationsState:
    """The owners of one tenant that shall be invited, and what was done about them.

    `invited` are, by address in lower case, the times (ISO 8601, UTC) at which an invitation was accepted by the
    appliance or seen there; `members` were administrators when they were looked for; of `unsure` nobody can say
    whether they were invited. None of these is invited again. `ready`: nothing is left to do; if not, `problem` says
    why, and the next updates look again. `managed_since` is when the owners came to be those that they are.
    """

    rta: str
    tenant: str
    domain: str
    owners: tuple[str, ...] = ()
    invited: Mapping[str, str] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    ready: bool = False
    problem: str = ""
    managed_since: str = ""
    tenant_created_at: str = ""

    @staticmethod
    def of(props: Mapping[str, Any]) -> OwnerInvitationsState:
        """From the engine's properties, of which outputs may be missing or None."""
        given = {key: props[key] for key in (*INPUTS, *OUTPUTS) if props.get(key) is not None}
        for name in ("owners", "members", "unsure"):
            given[name] = tuple(map(str, given.get(name, ())))
        given["invited"] = {str(email): str(time) for email, time in given.get("invited", {}).items()}
        return OwnerInvitationsState(**given)

    def is_of_another_tenant_than(self, last: OwnerInvitationsState) -> bool:
        """Whether the tenant that bears the name now was made since, so that nobody is invited to it."""
        return times.made_again(self.tenant_created_at, last.tenant_created_at)

    @property
    def left(self) -> tuple[str, ...]:
        """The owners of whom nothing is known, as they are declared, each once."""
        told = {*self.invited, *self.members, *self.unsure}
        by_address = {owner.lower(): owner for owner in self.owners}
        return tuple(by_address[address] for address in sorted(by_address) if address not in told)

    def outputs(self) -> dict[str, Any]:
        """For the engine."""
        lists = {name: list(getattr(self, name)) for name in ("owners", "members", "unsure")}
        return {name: getattr(self, name) for name in (*INPUTS, *OUTPUTS)} | lists | {"invited": dict(self.invited)}


def addresses(owners: Any) -> set[str]:
    """Owners as a set, in which case says nothing."""
    return {str(owner).lower() for owner in owners}


def check(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the inputs, by property. `olds` are the old inputs, empty for new ones."""
    if "rta" in olds and "rta" in news and olds["rta"] != news["rta"]:
        return {"rta": f"the owners are of a tenant on {olds['rta']}; a stack can't move to another appliance"}
    if "owners" in news and not isinstance(news["owners"], list | tuple):
        return {"owners": "expected a list of e-mail addresses"}
    return {}


def diff(
    last: OwnerInvitationsState,
    news: Mapping[str, Any],
    *,
    ready_within_hours: float,
    warn: Callable[[str], None],
    now: datetime | None = None,
) -> list[str]:
    """The properties that make an update: other owners, another tenant, another domain.

    For `ready_within_hours` after the owners came to be these, also that not all was done; after that it is a warning.
    `news` lacks what is not known yet.
    """
    compared = ("tenant", "domain", "tenant_created_at")
    changed = [name for name in compared if name in news and news[name] != getattr(last, name)]
    if "owners" not in news or addresses(news["owners"]) != addresses(last.owners):
        changed.append("owners")
    if not last.ready and not changed:
        if times.within(ready_within_hours, last.managed_since, now or datetime.now(UTC)):
            changed.append("ready")
        else:
            warn(f"the invitations of tenant {last.tenant} are still not in order, {AGAIN}: {last.problem}")
    return changed
