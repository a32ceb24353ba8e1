"""What the rules say of a declared stack and of what would be done, as rows of a Review. Pure.

The settings of the rules are those of the tree that reviews, never of the change.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

import policy
from policy import GrantFacts, Settings, StackFacts, TenantFacts
from policy import rules as policy_rules

from .declared import Declared
from .model import Finding, GrantRow, Review, TenantRow, Waiver

_UNTOUCHED = ("unchanged", "look")


def findings(
    declared: Declared, tenants: Sequence[TenantRow], grants: Sequence[GrantRow], *, settings: Settings, today: date
) -> tuple[Finding, ...]:
    """What is found in `declared`, and in the number of things that would be done."""
    touched = {row.name for row in tenants if row.action not in _UNTOUCHED}
    touched |= {row.name for row in grants if row.action != "unchanged"}
    found = policy.judge(facts(declared, tenants), settings, today=today)
    return tuple(
        Finding(
            f.rule, f.level, f.subject, f.message, f.mend,
            changed=f.concerns(touched), waived_by=f.waived_by,
        )
        for f in found
    )  # fmt: skip


def facts(declared: Declared, tenants: Sequence[TenantRow]) -> StackFacts:
    """A declared stack as the rules want to be told of it."""
    return StackFacts(
        declared.stack,
        declared.rta,
        tenants=tuple(
            TenantFacts(t.name, tuple(t.owners), t.deletion, bool(t.adopt), t.retired, declared.rta)
            for t in declared.tenants.values()
        ),
        grants=tuple(
            GrantFacts(g.name, g.client_id, g.audience, tuple(g.scopes), declared.rta)
            for g in declared.grants.values()
        ),
        connect_to=declared.connect_to,
        new_tenants=sum(row.action in ("create", "recreate") for row in tenants),
        deletions=sum(row.action == "delete" for row in tenants),
    )  # fmt: skip


def with_counts(review: Review, settings: Settings, *, today: date) -> Review:
    """A preview's Review with what a policy pack can't see: how much is done in all, and the waivers."""
    seen = StackFacts(
        review.stack,
        review.appliance,
        new_tenants=len(review.of("create", "recreate")),
        deletions=len(review.of("delete")),
    )
    found = {finding.rule for finding in review.findings}
    unseen = {rule.name for rule in policy_rules.ALL if rule.scope in ("review", "waivers")} - found
    counted = [f for f in policy.judge(seen, settings, today=today) if f.rule in unseen]
    more = tuple(Finding(f.rule, f.level, f.subject, f.message, f.mend, waived_by=f.waived_by) for f in counted)
    return replace(
        review,
        findings=(*review.findings, *more),
        waivers=waivers(settings, stack=review.stack, today=today),
    )


def waivers(settings: Settings, *, stack: str, today: date) -> tuple[Waiver, ...]:
    """All waivers that are about a stack, those that ended too."""
    return tuple(
        Waiver(rule, waiver.tenant, waiver.reason, waiver.approver, waiver.until.isoformat(), waiver.expired(today))
        for rule, waiver in settings.waivers
        if waiver.stack in ("", stack)
    )


def approval(settings: Settings, approved_by: Collection[str]) -> str:
    """Those among `approved_by` who may approve guarded settings, as one text."""
    return ", ".join(sorted(set(approved_by) & set(settings.approvers)))
