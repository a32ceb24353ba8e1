"""The words of the fleet's view, the same in a terminal and on the page. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .model import FleetTenant, FleetView, StackView

COLUMNS = ("TENANT", "STACK", "OWNERS", "DOMAIN", "READY", "CREDENTIAL", "DRIFT", "NEXT UPDATE")
# What a narrow terminal goes without, the first of them first.
LEAST = ("DOMAIN", "OWNERS", "CREDENTIAL", "STACK", "NEXT UPDATE", "READY", "DRIFT")


def cells(tenant: FleetTenant, at: datetime) -> tuple[str, ...]:
    """A row under COLUMNS."""
    return (
        tenant.name, tenant.stack or "none", ", ".join(tenant.owners), tenant.domain, readiness(tenant),
        credential(tenant, at), "; ".join(tenant.drift), tenant.pending,
    )  # fmt: skip


def readiness(tenant: FleetTenant) -> str:
    return f"no: {tenant.problem}" if tenant.ready == "no" and tenant.problem else tenant.ready


def credential(tenant: FleetTenant, at: datetime) -> str:
    """How old the secret is that is in force, or that nobody has it."""
    if tenant.held is None:
        return ""
    if not tenant.held:
        return "nobody holds it"
    age = days(tenant.credential_since, at)
    return "held" if age is None else f"{'at least ' if tenant.at_least else ''}{_days(age)}"


def team(tenant: FleetTenant, at: datetime) -> str:
    age = days(tenant.team_since, at)
    return "" if age is None else _days(age)


def days(since: str, at: datetime) -> int | None:
    """Whole days since a time in ISO 8601; None where it isn't one."""
    try:
        then = datetime.fromisoformat(since)
    except ValueError:
        return None
    return max(0, (at - (then if then.tzinfo else then.replace(tzinfo=UTC))).days)


def counts(view: FleetView) -> str:
    """The fleet in one line."""
    stacks = _counted(len(view.stacks), "stack")
    troubled = len(view.troubled)
    told = "none needs a look" if not troubled else f"{troubled:,} {'needs' if troubled == 1 else 'need'} a look"
    dark = sum(tenant.ready == "not known" and bool(tenant.stack) for tenant in view.tenants)
    unknown = f"; of {dark:,} only the entry in a stack file is known" if dark else ""
    unseen = sum(stack.unseen for stack in view.stacks)
    dark_stacks = f"; {_counted(unseen, 'stack')} could not be looked at" if unseen else ""
    return f"{_counted(len(view.tenants), 'tenant')} in {stacks}; {told}{unknown}{dark_stacks}"


def stack_line(stack: StackView) -> str:
    """What was read of a stack, and what was not."""
    told = "; ".join(("read: " + ", ".join(stack.read) if stack.read else "nothing could be read", *stack.gaps))
    retired = f"; {_counted(stack.retired, 'retired name')}" if stack.retired else ""
    return f"{stack.name}{f' on {stack.appliance}' if stack.appliance else ''}: {told}{retired}"


def document(view: FleetView) -> dict[str, Any]:
    """The view as JSON."""
    return {
        "at": view.at.isoformat(timespec="seconds"),
        "needALook": len(view.troubled),
        "stacks": [
            {
                "name": stack.name, "appliance": stack.appliance, "read": list(stack.read), "gaps": list(stack.gaps),
                "retiredNames": stack.retired,
            }
            for stack in view.stacks
        ],
        "tenants": [_tenant(tenant, view.at) for tenant in view.tenants],
    }  # fmt: skip


def _tenant(tenant: FleetTenant, at: datetime) -> dict[str, Any]:
    return {
        "name": tenant.name, "stack": tenant.stack, "appliance": tenant.appliance, "status": tenant.status,
        "owners": list(tenant.owners), "labels": dict(tenant.labels), "domain": tenant.domain,
        "ready": tenant.ready, "problem": tenant.problem, "credentialHeld": tenant.held,
        "credentialSince": tenant.credential_since, "credentialAtLeast": tenant.at_least,
        "credentialDays": days(tenant.credential_since, at), "teamSince": tenant.team_since,
        "drift": list(tenant.drift), "nextUpdate": tenant.pending, "place": tenant.place,
        "needsALook": tenant.needs_a_look,
    }  # fmt: skip


def _days(number: int) -> str:
    return "today" if number == 0 else _counted(number, "day")


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
