"""A Review of what the next update of a stack would do, from the engine's own preview.

Needs the state's key and no credential of the appliance, to which nothing is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pulumi.automation.events import EngineEvent

from psaas_resources import stack_files
from psaas_resources.errors import ConfigError

from . import (
    application_events,
    consequences,
    events,
    other_resources,
    policy_events,
    stack_settings,
    tenant_events,
)
from .engine_run import Engine, EngineError
from .model import ApplicationRow, Diagnostic, Review, SettingRow, TenantRow

__all__ = ["EngineError", "preview"]


def preview(
    stack: str,
    *,
    root: Path,
    policy_pack: Path | None = None,
    policy_config: Path | None = None,
    approved_by: str = "",
    environment: Mapping[str, str] | None = None,
    seconds_per_tenant: float | None = None,
) -> Review:
    """What an update of `stack`, of the project at `root`, would do.

    The rules of `policy_pack` are asked with the settings in `policy_config`. `approved_by` names who approved the
    change of guarded settings. Raises EngineError where the engine could not look at all.
    """
    engine = Engine(root, stack, environment or {})
    seen = engine.preview(policy_pack=policy_pack, policy_config=policy_config)
    review = of_events(seen, stack=stack, approved_by=approved_by, seconds_per_tenant=seconds_per_tenant)
    places = _places(stack, root)
    return replace(review, tenants=tuple(replace(row, place=places.get(row.name, "")) for row in review.tenants))


def _places(stack: str, root: Path) -> dict[str, str]:
    """Where the stack's files declare each tenant; of files that have mistakes, of which the engine tells, none."""
    try:
        fleet = stack_files.read(stack, stack_files.from_disk(root))
    except ConfigError:
        return {}
    return {e.name: e.place for e in fleet.tenants} | {e.name: e.place for e in fleet.retired}


def of_events(
    seen: Sequence[EngineEvent],
    *,
    stack: str,
    approved_by: str = "",
    seconds_per_tenant: float | None = None,
) -> Review:
    """The Review in a preview's events."""
    steps = events.steps(seen, events.TENANT)
    grants = events.steps(seen, events.GRANT)
    made = events.steps(seen, events.APPLICATION)
    within = tenant_events.steps_within(events.steps_within(seen), steps)
    tenants = tenant_events.rows(steps, within)
    names = {step.urn: _name(step) for step in (*steps, *grants, *made)}
    names |= {part.urn: names[step.urn] for step in steps for part in within.get(step.name, {}).values()}
    told = events.diagnostics(seen, names)
    tenants = tuple(sorted((*tenants, *_returned(told, tenants)), key=lambda row: row.name))
    at_once = events.config(seen, "maxConcurrentCreates")
    rows = events.grant_rows(grants)
    applications = application_events.rows(made)
    others = other_resources.planned(seen, told=names)
    return Review(
        source="preview",
        stack=stack,
        appliance=events.config(seen, "domain"),
        tenants=tenants,
        grants=rows,
        applications=applications,
        others=others,
        settings=_settings(seen, approved_by),
        findings=(
            *policy_events.findings(seen, names=names, touched={*policy_events.touched([*tenants, *rows])}),
            *other_resources.findings(others),
        ),
        diagnostics=_with_an_end(told, (*tenants, *applications), seen),
        not_happening=consequences.not_happening(
            tenants, applied={_name(step): events.texts(step.before, "applied_owners") for step in steps}
        ),
        host_names=consequences.host_names(tenants),
        effort=consequences.effort(
            tenants,
            rows,
            seconds_per_tenant=seconds_per_tenant,
            at_once=int(at_once) if at_once.isdecimal() else 4,
        ),
    )


def _name(step: events.Step) -> str:
    return events.text(step.after, "name") or events.text(step.before, "name") or step.name


def _returned(told: Sequence[Diagnostic], rows: Sequence[TenantRow]) -> list[TenantRow]:
    """Retired names that are listed again: the engine refuses them before it plans a step."""
    have = {row.name for row in rows}
    return [
        TenantRow(d.subject, "unretire", note=d.message)
        for d in told
        if d.severity == "error" and d.subject not in have and d.message.startswith("retired: ")
    ]


def _with_an_end(
    told: tuple[Diagnostic, ...], rows: Sequence[TenantRow | ApplicationRow], seen: Sequence[EngineEvent]
) -> tuple[Diagnostic, ...]:
    """A preview that failed without a word that was understood is told as such: nothing of it can be relied on."""
    failed = not any(event.summary_event for event in seen) or any(
        event.diagnostic_event and event.diagnostic_event.severity == "error" for event in seen
    )
    explained = any(d.severity == "error" for d in told) or any(row.action in ("refused", "unretire") for row in rows)
    explained = explained or policy_events.has_mandatory(seen)
    if failed and not explained:
        return (Diagnostic("error", "the engine's preview failed without saying why; run `pulumi preview`"), *told)
    return told


def _settings(seen: Sequence[EngineEvent], approved_by: str) -> tuple[SettingRow, ...]:
    """Plain settings that differ from those of the last update, a failed one too: its provider's entry has them."""
    providers = events.steps(seen, events.PROVIDER)
    provider = next((step for step in providers if step.name.startswith("default")), next(iter(providers), None))
    if provider is None or not provider.before or not provider.after:
        return ()
    before, after = (_plain(props) for props in (provider.before, provider.after))
    return stack_settings.differences(before, after, approved_by=approved_by)


def _plain(props: Mapping[str, object]) -> dict[str, str]:
    return {
        key: stack_settings.shown(key, value)
        for key, value in props.items()
        if isinstance(value, str) and ":" in key and value != "[secret]" and key not in stack_settings.NO_SETTINGS
    }
