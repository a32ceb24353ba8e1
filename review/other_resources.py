"""What happens to resources for which a Review has no rows: told as advice, so that a person looks at them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pulumi.automation.events import EngineEvent, OpType, StepEventMetadata

from . import events, words
from .model import Finding

RULE = "not-reviewed"
HARMLESS = (OpType.SAME, OpType.READ, OpType.REFRESH)
STACK = "pulumi:pulumi:Stack"


def planned(seen: Sequence[EngineEvent]) -> tuple[Finding, ...]:
    """Of a preview: everything that it would do about them."""
    return _told(event.resource_pre_event.metadata for event in seen if event.resource_pre_event)


def drifted(seen: Sequence[EngineEvent]) -> tuple[Finding, ...]:
    """Of a look at the appliance: those that are not what the state says."""
    found = (event.res_outputs_event.metadata for event in seen if event.res_outputs_event)
    return _told(metadata for metadata in found if metadata.old and metadata.old.id)


def _told(steps: Iterable[StepEventMetadata]) -> tuple[Finding, ...]:
    rows = {
        (events.logical_name(step.urn), words.one_line(step.type.rpartition(":")[2], 100), step.op.value)
        for step in steps
        if step.op not in HARMLESS and not _has_rows(step)
    }
    return tuple(
        Finding(
            RULE, "advisory", name, f"{kind}: {operation}",
            "This report has no row for it: look at it with `pulumi preview --diff`.",
        )
        for name, kind, operation in sorted(rows)
    )  # fmt: skip


def _has_rows(step: StepEventMetadata) -> bool:
    """The default provider is the whole stack file, whose settings have rows of their own."""
    default = step.type == events.PROVIDER and events.logical_name(step.urn).startswith("default")
    return step.type in (events.TENANT, events.GRANT, STACK) or default
