"""What the engine would do about each tenant, as rows: the tenant itself, and what is managed inside of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pulumi.automation.events import OpType

from . import inside, standing, team_applications
from .events import REPLACED, Step, tenant, text
from .inside import Part
from .model import TenantRow
from .standing import Tenant

Within = Mapping[str, Mapping[str, Step]]  # by a tenant's logical name, and by the key of a part inside of it
TAKEN = "a credential that was given since is verified and taken over"


def steps_within(found: Mapping[str, Sequence[Step]], tenants: Sequence[Step]) -> Within:
    """Of the steps about what is inside of tenants, by part, those that the row of a tenant can tell.

    Not those of a tenant without a row, with values that can't be shown, and no replacements.
    """
    by_name = {text(step.after, "name") or text(step.before, "name") or step.name: step.name for step in tenants}
    told: dict[str, dict[str, Step]] = {}
    for part in inside.PARTS:
        for step in found.get(part.key, ()):
            name = text(step.before, "tenant") or text(step.after, "tenant") or step.name.removesuffix(part.suffix)
            if name in by_name and step.op not in REPLACED and _can_be_shown(step, part):
                told.setdefault(by_name[name], {}).setdefault(part.key, step)
    return told


def _can_be_shown(step: Step, part: Part) -> bool:
    return all(part.can_be_shown(side) for side in (step.before, step.after))


def rows(found: Sequence[Step], within: Within) -> tuple[TenantRow, ...]:
    """What happens to each tenant; `within` are the steps about what is inside of them."""
    return tuple(sorted((_row(step, within.get(step.name, {})) for step in found), key=lambda row: row.name))


def _row(step: Step, within: Mapping[str, Step]) -> TenantRow:
    before, after = _sides(step, within)
    if step.op is OpType.SAME:
        return _same(before, after, within)
    if step.op is OpType.DELETE:
        row = standing.tenant_row(before or Tenant(step.name), None)
        kept = step.protect and row.action != "unretire"
        return replace(row, action="refused") if kept else row
    if step.op is OpType.CREATE:
        return standing.tenant_row(None, after or Tenant(step.name))
    if step.op is OpType.UPDATE:
        row = standing.tenant_row(before or Tenant(step.name), after or Tenant(step.name))
        if row.action != "unchanged":
            return row
        does, note = ("adopt", TAKEN) if after and after.adopt is True else ("look", "")
        return replace(row, action=does, note=note)  # type: ignore[arg-type]
    row = standing.tenant_row(before, after or before or Tenant(step.name), does="refused")
    return replace(row, note=f"the engine would {step.op.value} it, which no tenant survives")


def _sides(step: Step, within: Mapping[str, Step]) -> tuple[Tenant | None, Tenant | None]:
    """The tenant as it stands and as it is declared; what stays as it is inside of it, is on neither side."""
    before = tenant(step.before, step.name) if step.before else None
    after = tenant(step.after, step.name) if step.after else None
    moving = [(part, within[part.key]) for part in inside.PARTS if _moves(within.get(part.key))]
    stand = {part.key: part.standing(one.before) for part, one in moving}
    wanted = {part.key: {} if one.op is OpType.DELETE else part.declared(one.after) for part, one in moving}
    return before and replace(before, inside=stand), after and replace(after, inside=wanted)


def _moves(step: Step | None) -> bool:
    return step is not None and step.op is not OpType.SAME


def _same(before: Tenant | None, after: Tenant | None, within: Mapping[str, Step]) -> TenantRow:
    """The tenant itself stays; what is inside of it may differ, or be tried again."""
    row = standing.tenant_row(before or after, after or before, does="unchanged")
    if not any(map(_moves, within.values())):
        return row
    changes = inside.changes(before.inside if before else {}, after.inside if after else {})
    if changes:
        return replace(standing.tenant_row(before, after, does="change"), changes=changes)
    team = within.get(inside.TEAM.key)
    outlived = team is not None and _moves(team) and team_applications.outlived(team.before, team.after)
    return replace(row, action="look", note=team_applications.OUTLIVED if outlived else row.note)
