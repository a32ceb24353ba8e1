"""A Review of what is different on the appliance from what the state says, from the engine's preview of a refresh.

Needs the state's key and the appliance's credentials, with which it is only read. The state isn't written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pulumi.automation.events import EngineEvent, OpType, StepEventMetadata

from . import application_events, events, inside, other_resources, standing
from .engine_run import Engine
from .inside import Part
from .model import Change, GrantRow, Review, TenantRow
from .standing import Tenant

CHANGED = (OpType.UPDATE, OpType.DELETE, OpType.REPLACE)


def drift(stack: str, *, root: Path, environment: Mapping[str, str] | None = None) -> Review:
    """What differs on the appliance of `stack`, of the project at `root`.

    Error diagnostics tell what could not be looked at. Raises EngineError where the engine could not look at all.
    """
    return of_events(Engine(root, stack, environment or {}).refresh(), stack=stack)


def of_events(seen: Sequence[EngineEvent], *, stack: str) -> Review:
    """The Review in a refresh's events: what was found is told when the look at a resource has ended."""
    found = [e.res_outputs_event.metadata for e in seen if e.res_outputs_event]
    found = [metadata for metadata in found if metadata.old and metadata.old.id]
    tenants = {m.urn: _tenant_row(m) for m in found if m.type == events.TENANT}
    grants = {m.urn: _grant_row(m) for m in found if m.type == events.GRANT}
    applications = {m.urn: application_events.drifted(m) for m in found if m.type == events.APPLICATION}
    names = {urn: row.name for urn, row in tenants.items()} | {urn: row.name for urn, row in grants.items()}
    names |= {urn: row.name for urn, row in applications.items()}
    for part in inside.PARTS:
        for metadata in (m for m in found if m.type == f"pulumi-python:{part.kind}" and _can_be_shown(m, part)):
            name = events.text(events.properties(metadata.old, "outputs"), "tenant")
            urn = next((urn for urn, row in tenants.items() if row.name == name), "")
            if urn:
                tenants[urn], names[metadata.urn] = _with_inside(tenants[urn], metadata, part), name
    others = other_resources.drifted(seen, told=names)
    return Review(
        source="drift",
        stack=stack,
        appliance=events.config(seen, "domain"),
        tenants=tuple(sorted(tenants.values(), key=lambda row: row.name)),
        grants=tuple(sorted(grants.values(), key=lambda row: row.name)),
        applications=tuple(sorted(applications.values(), key=lambda row: row.name)),
        others=others,
        findings=other_resources.findings(others),
        diagnostics=events.diagnostics(seen, names),
    )


def _tenant_row(metadata: StepEventMetadata) -> TenantRow:
    name = events.logical_name(metadata.urn)
    before = events.tenant(
        {**events.properties(metadata.old, "inputs"), **events.properties(metadata.old, "outputs")}, name
    )
    if metadata.op is OpType.DELETE or metadata.new is None:
        return standing.tenant_row(before, before, does="drift", note="the look at it would drop it from the state")
    outputs = events.properties(metadata.new, "outputs")
    after = events.tenant(outputs, name)
    changes = tuple(_differences(before, after))
    if metadata.op not in CHANGED and not changes:
        return standing.tenant_row(before, before, does="unchanged", note=_standing_problem(before, outputs))
    note = _note(before, after, events.text(outputs, "problem"))
    return replace(standing.tenant_row(before, before, does="drift", note=note), changes=changes)


def _can_be_shown(metadata: StepEventMetadata, part: Part) -> bool:
    return all(part.can_be_shown(events.properties(side, "outputs")) for side in (metadata.old, metadata.new))


def _with_inside(row: TenantRow, metadata: StepEventMetadata, part: Part) -> TenantRow:
    """What the appliance has inside that is not as declared; what was never in order is no drift."""
    old, new = (events.properties(side, "outputs") for side in (metadata.old, metadata.new))
    if metadata.op is OpType.DELETE or metadata.new is None:
        return _drifted(row, part.changes(part.declared(old), {}), part.gone)
    if old.get("ready") is not True:
        return row
    declared, applied = part.declared(old), part.standing(new)
    changes = part.changes(declared, {name: applied.get(name, "") for name in declared})
    if not changes and metadata.op not in CHANGED:
        return row
    return _drifted(row, changes, part.drifted(old, new, changes))


def _drifted(row: TenantRow, changes: tuple[Change, ...], note: str) -> TenantRow:
    both = "; ".join(filter(None, (row.note, note)))
    return replace(row, action="drift", changes=(*row.changes, *changes), note=both)


def _differences(before: Tenant, after: Tenant) -> Iterator[Change]:
    if before.ready != after.ready:
        yield Change("ready", str(before.ready).lower(), str(after.ready).lower())
    if before.vanished != after.vanished:
        yield Change("listed", str(not before.vanished).lower(), str(not after.vanished).lower())


def _note(before: Tenant, after: Tenant, problem: str) -> str:
    if after.vanished and not before.vanished:
        return (
            "the appliance no longer lists it; it is not made again by itself, since its name may be used up. List it "
            "under psaas:retired, or set `recreate: true` on its entry"
        )
    if before.vanished and not after.vanished:
        return "the appliance lists it again" + ("" if after.ready else f"; {problem}")
    if after.ready and not before.ready:
        return "it is ready now; an update with --refresh notes it"
    return problem or "what is known of it differs"


def _standing_problem(before: Tenant, outputs: Mapping[str, object]) -> str:
    """What is wrong still, as the last look found it."""
    return events.text(outputs, "problem") if not before.ready and not before.retired else ""


def _grant_row(metadata: StepEventMetadata) -> GrantRow:
    """`added` and `removed` are what somebody did on the appliance; an update that looks first takes it back."""
    name = events.logical_name(metadata.urn)
    before = events.grant(events.properties(metadata.old, "outputs"), name)
    if metadata.op is OpType.DELETE or metadata.new is None:
        return GrantRow(name, "drift", before.client_id, before.audience, (), (), tuple(sorted(before.scopes)))
    after = events.grant(events.properties(metadata.new, "outputs"), name)
    row = standing.grant_row(before, after)
    anew = bool(metadata.old and metadata.old.id and metadata.new.id not in ("", metadata.old.id))
    does = "drift" if metadata.op in CHANGED or anew or row.action != "unchanged" else "unchanged"
    return GrantRow(name, does, row.client_id, row.audience, row.scopes, row.added, row.removed)  # type: ignore[arg-type]
