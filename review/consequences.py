"""What follows from the rows of a review: requests and time, host names, and what will not happen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from . import inside, owner_invitations, team_applications
from .model import Effort, GrantRow, TenantRow

SECONDS_PER_TENANT = 1.5  # where no deploy has measured it yet
SECONDS_OF_A_RUN = 5.0


def effort(
    tenants: Sequence[TenantRow],
    grants: Sequence[GrantRow],
    *,
    seconds_per_tenant: float | None = None,
    at_once: int = 4,
) -> Effort:
    """The requests that an update sends at least, if nothing goes wrong, and about how long it takes.

    One POST a new tenant; one token for each of the RTA's clients that has something to do, one for each domain that
    is asked; one request a changed grant; inside of a tenant two where settings change, to look and to put right,
    three where owners are invited, those of its team's application, and one for a new secret, which is tried once it
    is set. `at_once` is `psaas:maxConcurrentCreates`; the first POST goes alone.
    `seconds_per_tenant` is what earlier deploys have measured, None where none has.
    """
    pace = seconds_per_tenant or SECONDS_PER_TENANT
    known = (
        "as earlier deploys have measured" if seconds_per_tenant else "an assumption, since no deploy has measured it"
    )
    posts = [row for row in tenants if row.action in ("create", "recreate")]
    deletions = [row for row in tenants if row.action == "delete"]
    rotated = [row for row in tenants if row.action == "rotate"]
    looked_at = [row for row in tenants if row.action in ("create", "recreate", "adopt", "look", "rotate")]
    looked_at += [row for row in tenants if row.action == "change" and _requests_within(row)]
    changed = [row for row in grants if row.action != "unchanged"]
    tokens = len(looked_at) + len(rotated) + bool(posts or deletions) + bool(changed)
    turns = 1 + -(-(len(posts) - 1) // max(at_once, 1)) if posts else 0
    return Effort(
        tenant_posts=len(posts),
        token_requests=tokens,
        grant_requests=sum(2 if row.action == "replace" else 1 for row in changed),
        requests_in_tenants=sum(map(_requests_within, tenants)) + len(rotated),
        seconds=round(SECONDS_OF_A_RUN + turns * pace, 1) if tokens else 0.0,
        basis=f"at {pace:g} s a tenant, {known}" if posts else "",
    )


def _requests_within(row: TenantRow) -> int:
    """What is sent inside of a tenant; for a setting that is no longer named nothing is."""
    if row.action not in ("create", "recreate", "adopt", "rotate", "change"):
        return 0
    settings = any(c.after for c in inside.of(row.changes, inside.SETTINGS))
    invites = owner_invitations.REQUESTS * _invites(row)
    return 2 * settings + invites + team_applications.requests(inside.of(row.changes, inside.TEAM))


def _invites(row: TenantRow) -> bool:
    return any(_joined(change.before, change.after) for change in inside.of(row.changes, inside.INVITATIONS))


def _joined(before: str, after: str) -> set[str]:
    return set(after.split(", ")) - set(before.split(", ")) - {""}


def host_names(tenants: Iterable[TenantRow]) -> tuple[str, ...]:
    """What DNS must resolve, and a certificate must cover, before the new tenants can be ready."""
    return tuple(sorted({row.domain for row in tenants if row.action in ("create", "recreate") and row.domain}))


def not_happening(tenants: Iterable[TenantRow], *, applied: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """What the stack file's difference suggests, and no update does. Backticks mark what others wrote.

    `applied` are, by tenant, the owners that its POST was given; of a tenant that was taken over they aren't known.
    """
    rows = sorted(tenants, key=lambda row: row.name)
    return (*(words for row in rows for words in _of_tenant(row, applied.get(row.name, ()))), *_of_all(rows))


def _of_tenant(row: TenantRow, applied: Sequence[str]) -> Iterator[str]:
    for change in row.changes:
        if change.name == "owners" and row.action != "recreate":
            given = f"`{', '.join(sorted(applied))}`" if applied else "as they are"
            yield (
                f"`{row.name}`: its owners on the appliance are not changed, since the API can't; they stay {given}. "
                + ("Who is new is invited; remove people" if _invites(row) else "Invite or remove people")
                + " in the dashboard"
            )
        if change.name == "retired" and change.before:
            yield f"`{row.name}`: it was let go already, and `{change.after}` does nothing more on the appliance"
        if change.name == "retired" and not change.before:
            yield f"`{row.name}`: it was never managed here; its name is only kept from being used"
        if change.name == "adopt" and row.action == "change":
            yield f"`{row.name}`: it is managed already, so `adopt: {change.after}` takes nothing over"


def _of_all(rows: Sequence[TenantRow]) -> Iterator[str]:
    changed = [change.name for row in rows if row.action in ("change", "rotate") for change in row.changes]
    let_be = sum(any(not c.after for c in inside.of(row.changes, inside.SETTINGS)) for row in rows)
    if let_be:
        yield f"Settings that are no longer named for {_tenants(let_be)} keep their values there; nothing is sent"
    if left := sum(any(c.before for c in inside.of(row.changes, inside.SINK)) for row in rows):
        yield f"What lies where the teams of {_tenants(left)} read their credentials so far stays there"
    invited = (change for row in rows for change in inside.of(row.changes, inside.INVITATIONS))
    if fewer := sum(bool(_joined(change.after, change.before)) for change in invited):
        yield f"Owners of {_tenants(fewer)} who are not to be invited any more keep what they have; nothing is sent"
    if labels := changed.count("labels"):
        yield f"Changed labels of {_tenants(labels)} send nothing; they go to the state and the outputs"
    if deletions := changed.count("deletion"):
        yield (
            f"The changed `deletion` of {_tenants(deletions)} does nothing yet; it counts from the update after the "
            "one that applies it"
        )


def _tenants(number: int) -> str:
    return "one tenant" if number == 1 else f"{number} tenants"
