"""Facts and settings in, findings out. Pure, so that a reviewer and the policy pack come to the same ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from .facts import StackFacts
from .findings import Finding
from .rule import NewTenantRuleSettings, Rule, RuleSettings
from .rules import ALL, BY_NAME
from .settings import Settings, waivers_of
from .wording import printable, quoted

EXPIRED = BY_NAME["waiver-expired"]


def judge(facts: StackFacts, settings: Settings, *, today: date) -> tuple[Finding, ...]:
    """What the rules say of a stack on a day (UTC), in the order of the rules. Waived violations are among them."""
    findings: list[Finding] = []
    for rule in ALL:
        level = settings.level(rule)
        if level != "disabled":
            own = settings.of(rule)
            findings += (replace(f, level=level) if f.level == "mandatory" else f for f in by(rule, facts, own, today))
    level = settings.level(EXPIRED)
    if level != "disabled":
        findings += (
            replace(finding, level=level)
            for rule in ALL
            if settings.level(rule) != "disabled"
            for finding in expired(rule, settings.of(rule), stack=facts.stack, today=today)
        )
    return tuple(dict.fromkeys(findings))


def by(rule: Rule, facts: StackFacts, own: RuleSettings, today: date) -> Iterator[Finding]:
    """What one rule says: "advisory" where it only warns whatever its level, of a tenant that is taken over."""
    adopted = {tenant.name for tenant in facts.tenants if tenant.adopted}
    for violation in rule.check(facts, own):
        mercy = own.adopted if violation.subject in adopted and isinstance(own, NewTenantRuleSettings) else "enforce"
        if mercy == "ignore":
            continue
        pair = (violation.subject, violation.other)
        waivers = (w for name in pair if name for w in waivers_of(own) if w.holds(name, stack=facts.stack, today=today))
        waiver = next(waivers, None)
        yield Finding(
            rule=rule.name,
            level="advisory" if mercy == "warn" else "mandatory",
            subject=violation.subject,
            message=printable(violation.message, 1000),
            mend=printable(violation.mend or rule.mend, 300),
            waived_by=printable(waiver.approver) if waiver else "",
            waived_until=waiver.until.isoformat() if waiver else "",
        )


def expired(rule: Rule, own: RuleSettings, *, stack: str, today: date) -> Iterator[Finding]:
    """A finding for each waiver of a rule that has run out, whether or not the rule is kept now."""
    for waiver in waivers_of(own):
        if waiver.expired(today) and waiver.stack in ("", stack):
            yield Finding(
                rule=EXPIRED.name,
                level="mandatory",
                subject=waiver.tenant,
                message=(
                    f"the waiver of {rule.name} for {quoted(waiver.tenant)}, approved by {quoted(waiver.approver)}, "
                    f"ended on {waiver.until.isoformat()}"
                ),
                mend=EXPIRED.mend,
            )
