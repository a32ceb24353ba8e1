"""What happens to resources for which a Review has no rows: a step each, and advice that a person looks at it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from pulumi.automation.events import EngineEvent, OpType, StepEventMetadata

from . import events, words
from .model import Finding, OtherRow

RULE = "not-reviewed"
HARMLESS = (OpType.SAME, OpType.READ, OpType.REFRESH)
STACK = "pulumi:pulumi:Stack"


OUR_PROVIDERS = ("default", "appliance")  # what they carry is the stack file, whose settings have rows of their own


def planned(seen: Sequence[EngineEvent], *, told: Collection[str]) -> tuple[OtherRow, ...]:
    """Of a preview: everything that it would do about them. `told` are the URNs of those that have rows."""
    return _rows((event.resource_pre_event.metadata for event in seen if event.resource_pre_event), told)


def drifted(seen: Sequence[EngineEvent], *, told: Collection[str]) -> tuple[OtherRow, ...]:
    """Of a look at the appliance: those that are not what the state says."""
    found = (event.res_outputs_event.metadata for event in seen if event.res_outputs_event)
    return _rows((metadata for metadata in found if metadata.old and metadata.old.id), told)


def findings(rows: Sequence[OtherRow]) -> tuple[Finding, ...]:
    """Advice on each of them."""
    return tuple(
        Finding(
            RULE, "advisory", row.name, f"{row.kind}: {row.operation}",
            "This report has no row for it: look at it with `pulumi preview --diff`.",
        )
        for row in rows
    )  # fmt: skip


def _rows(steps: Iterable[StepEventMetadata], told: Collection[str]) -> tuple[OtherRow, ...]:
    found = {
        (events.logical_name(step.urn), words.one_line(step.type.rpartition(":")[2], 100), step.op.value)
        for step in steps
        if step.op not in HARMLESS and step.urn not in told and not _is_ours(step)
    }
    return tuple(OtherRow(*row) for row in sorted(found))


def _is_ours(step: StepEventMetadata) -> bool:
    """The stack itself, and the providers of our program, which nothing may replace."""
    of_program = step.type == events.PROVIDER and events.logical_name(step.urn).startswith(OUR_PROVIDERS)
    return step.type == STACK or (of_program and step.op not in events.REPLACED)
