"""What the engine would do about the provisioning application, and what a look at it found, as rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pulumi.automation.events import OpType, StepEventMetadata

from . import applications
from .applications import Application, hours_of
from .events import REPLACED, Step, logical_name, properties, text, texts
from .model import ApplicationRow

OUTLIVED = "its key from before the last rotation has had its time, and is deleted"


def rows(found: Sequence[Step]) -> tuple[ApplicationRow, ...]:
    """What happens to each application."""
    return tuple(map(_row, found))


def _row(step: Step) -> ApplicationRow:
    before = of(step.before, step.name, protected=step.protect) if step.before else None
    after = of(step.after, step.name) if step.after and step.op is not OpType.DELETE else None
    row = applications.row(before, after or (None if before else Application(step.name)))
    if step.op is OpType.SAME:
        return replace(row, action="unchanged", changes=())
    if step.op in REPLACED:
        return replace(row, action="refused", note=f"the engine would {step.op.value} it, and tenants depend on it")
    if step.op is OpType.UPDATE and row.action == "unchanged" and text(step.before, "previous_key_id"):
        return replace(row, action="change", note=OUTLIVED)
    if step.op is OpType.UPDATE and row.action == "unchanged":
        return replace(row, action="change", note="the engine updates it, for a reason that it doesn't tell")
    return row


def of(props: Mapping[str, Any], name: str, *, protected: bool = False) -> Application:
    """An application from the engine's properties."""
    return Application(
        text(props, "name") or name, text(props, "description"), text(props, "adopt"), text(props, "rotate"),
        text(props, "client_id"), texts(props, "drift"), protected, props.get("signs") is True,
        hours_of(props),
    )  # fmt: skip


def drifted(metadata: StepEventMetadata) -> ApplicationRow:
    """What a look at it found. What an update puts right, it puts right whoever has noted it first."""
    name = logical_name(metadata.urn)
    old = {**properties(metadata.old, "inputs"), **properties(metadata.old, "outputs")}
    before = of(old, name)
    if metadata.op is OpType.DELETE or metadata.new is None:
        note = "it is gone; the look at it would drop it from the state"
        return ApplicationRow(before.name, "drift", before.client_id, note=note)
    after = of(properties(metadata.new, "outputs"), name)
    if after.drift:
        return ApplicationRow(before.name, "drift", before.client_id, note="; ".join(after.drift))
    if before.drift:
        return ApplicationRow(before.name, "drift", before.client_id, note="it is as declared again")
    if metadata.op in (OpType.UPDATE, OpType.REPLACE):
        note = "its secret was changed by hand; an update with --refresh takes it into the state"
        return ApplicationRow(before.name, "drift", before.client_id, note=note)
    return ApplicationRow(before.name, "unchanged", before.client_id)
