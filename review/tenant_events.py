"""What the engine would do about each tenant, as rows: the tenant itself, and the settings inside of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pulumi.automation.events import OpType

from . import standing, tenant_settings
from .events import REPLACED, Step, tenant, text
from .model import TenantRow
from .standing import Tenant

SUFFIX = "-settings"  # of the settings' logical names in the program
REFUSED = (
    "it left the list, and its `deletion` in the state is refuse, so the update stops. List it under psaas:retired, "
    "or list it again with `deletion: forget`, update, and take it off then"
)
TAKEN = "a credential that was given since is verified and taken over"


def settings_steps(found: Sequence[Step], tenants: Sequence[Step]) -> dict[str, Step]:
    """Of the steps about settings, those that the row of a tenant can tell, by the tenant's logical name.

    Not those of a tenant without a row, with values that can't be shown, and no replacements.
    """
    by_name = {text(step.after, "name") or text(step.before, "name") or step.name: step.name for step in tenants}
    told: dict[str, Step] = {}
    for step in found:
        name = text(step.before, "tenant") or text(step.after, "tenant") or step.name.removesuffix(SUFFIX)
        if name in by_name and by_name[name] not in told and step.op not in REPLACED and _can_be_shown(step):
            told[by_name[name]] = step
    return told


def _can_be_shown(step: Step) -> bool:
    return all(tenant_settings.can_be_shown(side.get("settings")) for side in (step.before, step.after))


def rows(found: Sequence[Step], within: Mapping[str, Step]) -> tuple[TenantRow, ...]:
    """What happens to each tenant; `within` are the steps about their settings."""
    return tuple(sorted((_row(step, within.get(step.name)) for step in found), key=lambda row: row.name))


def _row(step: Step, within: Step | None) -> TenantRow:
    before, after = _sides(step, within)
    if step.op is OpType.SAME:
        return _same(before, after, within)
    if step.op is OpType.DELETE:
        row = standing.tenant_row(before or Tenant(step.name), None)
        kept = step.protect and row.action != "unretire"
        row = replace(row, action="refused") if kept else row
        return replace(row, note=REFUSED) if row.action == "refused" else row
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


def _sides(step: Step, within: Step | None) -> tuple[Tenant | None, Tenant | None]:
    """The tenant as it stands and as it is declared; settings that stay as they are, are on neither side."""
    before = tenant(step.before, step.name) if step.before else None
    after = tenant(step.after, step.name) if step.after else None
    if within is None or within.op is OpType.SAME:
        return before, after
    stand = tenant_settings.standing(within.before.get("settings"), within.before.get("applied"))
    wanted = {} if within.op is OpType.DELETE else tenant_settings.texts(within.after.get("settings"))
    return before and replace(before, settings=stand), after and replace(after, settings=wanted)


def _same(before: Tenant | None, after: Tenant | None, within: Step | None) -> TenantRow:
    """The tenant itself stays; its settings may differ, or be tried again."""
    row = standing.tenant_row(before or after, after or before, does="unchanged")
    if within is None or within.op is OpType.SAME:
        return row
    changes = tenant_settings.changes(before.settings if before else {}, after.settings if after else {})
    return replace(row, action="change" if changes else "look", changes=changes)
