"""What the policy pack told the engine, as findings. Pure; other packs' violations are findings too."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

from pulumi.automation.events import EngineEvent, PolicyEvent

from policy import messages

from . import words
from .model import Finding


def findings(seen: Sequence[EngineEvent], *, names: Mapping[str, str], touched: Collection[str]) -> tuple[Finding, ...]:
    """Each violation once. `names` are tenants and grants by URN; `touched` those to which something happens."""
    told = (_finding(event.policy_event, names, touched) for event in seen if event.policy_event)
    return tuple(dict.fromkeys(told))


def has_mandatory(seen: Sequence[EngineEvent]) -> bool:
    return any(event.policy_event and _level(event.policy_event) == "mandatory" for event in seen)


def _finding(event: PolicyEvent, names: Mapping[str, str], touched: Collection[str]) -> Finding:
    level = _level(event)
    ours = messages.read(event.policy_name, level, event.message)
    if ours:
        return Finding(
            ours.rule, level, ours.subject, words.one_line(ours.message), words.one_line(ours.mend),
            changed=ours.concerns(touched), waived_by=words.one_line(ours.waived_by),
        )  # fmt: skip
    subject = names.get(event.resource_urn or "", "")
    rule = words.one_line(f"{event.policy_pack_name}: {event.policy_name}", 200)
    return Finding(rule, level, subject, words.one_line(event.message), changed=not subject or subject in touched)


def _level(event: PolicyEvent) -> Literal["mandatory", "advisory"]:
    """Whatever isn't known to be advice stops an update."""
    return "advisory" if event.enforcement_level in ("advisory", "warning", "disabled") else "mandatory"


def touched(rows: Sequence[object]) -> Iterator[str]:
    """The names of those to which something happens."""
    for row in rows:
        if getattr(row, "action", "unchanged") not in ("unchanged", "look"):
            yield str(getattr(row, "name", ""))
