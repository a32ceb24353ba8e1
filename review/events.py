"""The engine's events as parts of a Review. Pure: named fields of our own kinds of resources, and nothing else.

A value that the engine marks as secret is an object instead of a text, and becomes nothing here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pulumi.automation.events import (
    DiagnosticEvent,
    EngineEvent,
    OpType,
    StepEventMetadata,
    StepEventStateMetadata,
)

from . import inside, standing, words
from .model import Diagnostic, GrantRow
from .standing import Grant, Tenant
from .tenant_settings import UNKNOWN

TENANT, GRANT = "pulumi-python:dynamic/psaas:Tenant", "pulumi-python:dynamic/psaas:ClientGrant"
APPLICATION = "pulumi-python:dynamic/psaas:ProvisioningApplication"
KINDS = (TENANT, GRANT, APPLICATION, *(f"pulumi-python:{part.kind}" for part in inside.PARTS))
PROVIDER = "pulumi:providers:pulumi-python"
REPLACED = (
    OpType.REPLACE, OpType.CREATE_REPLACEMENT, OpType.DELETE_REPLACED, OpType.READ_REPLACEMENT,
    OpType.IMPORT_REPLACEMENT, OpType.DISCARD_REPLACED, OpType.REMOVE_PENDING_REPLACE,
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """What the engine would do about one resource; `before` and `after` are its properties, {} where there are none."""

    op: OpType
    urn: str
    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    protect: bool


def steps(events: Sequence[EngineEvent], kind: str) -> tuple[Step, ...]:
    """The planned steps of the resources of a kind, one for each resource, by name."""
    found: dict[str, Step] = {}
    for event in events:
        if event.resource_pre_event and event.resource_pre_event.metadata.type == kind:
            step = _step(event.resource_pre_event.metadata)
            if step.op not in REPLACED and step.urn in found and found[step.urn].op in REPLACED:
                continue
            found[step.urn] = step
    return tuple(sorted(found.values(), key=lambda step: step.name))


def steps_within(events: Sequence[EngineEvent]) -> dict[str, tuple[Step, ...]]:
    """The planned steps about what is inside of tenants, by the key of the part."""
    return {part.key: steps(events, f"pulumi-python:{part.kind}") for part in inside.PARTS}


def _step(metadata: StepEventMetadata) -> Step:
    before, after = metadata.old, metadata.new
    return Step(
        op=metadata.op,
        urn=metadata.urn,
        name=logical_name(metadata.urn),
        before={**properties(before, "inputs"), **properties(before, "outputs")} if before and before.id else {},
        after=properties(after, "inputs"),
        protect=bool(before and before.protect),
    )


def properties(state: StepEventStateMetadata | None, which: str) -> Mapping[str, Any]:
    given = getattr(state, which, None)
    return given if isinstance(given, Mapping) else {}


def logical_name(urn: str) -> str:
    return words.one_line(urn.rpartition("::")[2], 200)


def grant_rows(found: Sequence[Step]) -> tuple[GrantRow, ...]:
    """What happens to each client grant."""
    rows = []
    for step in found:
        before = grant(step.before, step.name) if step.before else None
        after = grant(step.after, step.name) if step.after and step.op is not OpType.DELETE else None
        row = standing.grant_row(before, after or (None if before else Grant(step.name, "", "", ())))
        if step.op is OpType.SAME:
            row = replace(row, action="unchanged", added=(), removed=())
        elif step.op in REPLACED:
            row = replace(row, action="replace")
        elif step.op is OpType.UPDATE and row.action == "unchanged":
            row = replace(row, action="change")  # all scopes were allowed by hand
        rows.append(row)
    return tuple(rows)


def tenant(props: Mapping[str, Any], name: str) -> Tenant:
    """A tenant from the engine's properties."""
    adopt = props.get("adopt")
    return Tenant(
        name=text(props, "name") or name,
        owners=texts(props, "owners"),
        labels=labels(props),
        deletion=text(props, "deletion") or "refuse",
        adopt=adopt if adopt is True or adopt == "inventory" else False,
        recreate=props.get("recreate") is True,
        retired=text(props, "retired"),
        tenant_domain=text(props, "tenant_domain"),
        domain=text(props, "domain"),
        applied_owners=texts(props, "applied_owners"),
        ready=props.get("ready", True) is True,
        vanished=bool(text(props, "vanished_at")),
        rotate=text(props, "rotate"),
    )


def grant(props: Mapping[str, Any], name: str) -> Grant:
    """A client grant from the engine's properties."""
    return Grant(
        name, text(props, "client_id"), text(props, "audience"), texts(props, "scopes"), props.get("adopt") is True
    )


def text(props: Mapping[str, Any], key: str) -> str:
    value = props.get(key)
    return value if isinstance(value, str) and value not in ("[secret]", UNKNOWN) else ""


def texts(props: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = props.get(key)
    return tuple(t for t in value if isinstance(t, str) and t != "[secret]") if isinstance(value, list) else ()


def labels(props: Mapping[str, Any]) -> dict[str, str]:
    value = props.get("labels")
    given = value if isinstance(value, Mapping) and "ciphertext" not in value else {}
    return {str(key): text(given, key) for key in sorted(given) if text(given, key)}


def config(events: Sequence[EngineEvent], key: str) -> str:
    """A value of the stack file that this run was given."""
    found = next((event.prelude_event.config for event in events if event.prelude_event), {})
    return text(found, f"psaas:{key}")


def diagnostics(events: Sequence[EngineEvent], names: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """Errors, then warnings, each once. `names` are those that have rows, by URN.

    What a provider warns of comes without a URN; it names its tenant. Protection is told by the tenant's row.
    """
    told = [d for event in events if event.diagnostic_event for d in _told(event.diagnostic_event, names)]
    ordered = sorted(dict.fromkeys(told), key=lambda d: d.severity)
    times = Counter(diagnostic.message for diagnostic in ordered if diagnostic.severity == "warning")
    # A warning that several resources get in the same words is about none of them.
    about_none = {message for message, number in times.items() if number > 1}
    return tuple(
        dict.fromkeys(
            replace(d, subject="") if d.severity == "warning" and d.message in about_none else d for d in ordered
        )
    )


def _told(event: DiagnosticEvent, names: Mapping[str, str]) -> Iterator[Diagnostic]:
    severity = event.severity
    if severity not in ("error", "warning", "info#err") or event.ephemeral:
        return
    if protects(event):
        if event.urn and f"{GRANT}::" in event.urn:
            yield Diagnostic("error", PROTECTED_GRANT, logical_name(event.urn))
        return
    if severity == "error" and _WAITS_FOR_APPLICATION.match(event.message):
        yield Diagnostic("error", NO_APPLICATION, "")
        return
    subject = names.get(event.urn, logical_name(event.urn)) if event.urn and _is_ours(event.urn) else ""
    for line in words.lines(event.message):
        about = subject or next((name for name in _NAMED.findall(line) if name in names.values()), "")
        yield Diagnostic("error" if severity == "error" else "warning", line, about)


_NAMED = re.compile(r"\btenant ([a-z0-9_-]+)")
_WAITS_FOR_APPLICATION = re.compile(r"(?:Preview failed: )?unknown provider 'urn:pulumi:[^']*::appliance::")
NO_APPLICATION = (
    "the tenants can't be looked at yet: they are reached through the provisioning application that this stack "
    "declares (psaas:manageApplication), and no update has made it. Mend what the first error of the last update "
    "names (docs/first-appliance.md), run the update again, and look then"
)
PROTECTED_GRANT = (
    "the client grant is protected while tenants are listed or retired: it is the right to make and look at them"
)


def protects(event: DiagnosticEvent) -> bool:
    """Whether this is the engine's refusal to delete what is protected, whose advice doesn't hold here."""
    return event.severity == "error" and "because it is protected" in event.message and bool(event.urn)


def _is_ours(urn: str) -> bool:
    return any(f"{kind}::" in urn for kind in KINDS)
