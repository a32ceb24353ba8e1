"""Levels, tenants that were taken over, waivers, and values that would like to be something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import Finding, StackFacts, TenantFacts, judge, messages, settings

OWNERS = "owners-personal-mailbox"
TENANT = TenantFacts("customer-1", ("me@gmail.com",))
WAIVER = {"tenant": "customer-1", "reason": "moves in autumn", "approver": "octo-lead", "until": "2026-06-30"}


def judged(*tenants: TenantFacts, today: date = date(2026, 6, 1), **document: object) -> tuple[Finding, ...]:
    parsed = settings.parse({name.replace("_", "-"): value for name, value in document.items()}, place="test")
    return judge(StackFacts("prod", "rta.example.com", tenants or (TENANT,)), parsed, today=today)


def told(findings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    return [(finding.rule, finding.level, finding.waived_by) for finding in findings]


def test_a_rule_has_the_level_that_the_settings_give_it() -> None:
    assert told(judged()) == [(OWNERS, "mandatory", "")]
    assert told(judged(owners_personal_mailbox="advisory")) == [(OWNERS, "advisory", "")]
    assert told(judged(owners_personal_mailbox={"enforcementLevel": "remediate"})) == [(OWNERS, "mandatory", "")]
    assert told(judged(all="advisory")) == [(OWNERS, "advisory", "")]
    assert told(judged(owners_personal_mailbox="mandatory", all="disabled")) == [(OWNERS, "mandatory", "")]
    assert told(judged(owners_personal_mailbox="disabled")) == []


@pytest.mark.parametrize(
    ("adopted", "expected"),
    [(None, "advisory"), ("warn", "advisory"), ("enforce", "mandatory"), ("ignore", "")],
)
def test_rules_of_new_tenants_warn_of_those_taken_over_unless_told_otherwise(adopted: str, expected: str) -> None:
    own = {"owners_personal_mailbox": {"adopted": adopted}} if adopted else {}

    found = judged(replace(TENANT, adopted=True), **own)

    assert [finding.level for finding in found] == ([expected] if expected else [])


def test_a_tenant_that_is_taken_over_may_be_lost_like_any_other() -> None:
    found = judged(TenantFacts("old_one", adopted=True, deletion="delete"), all="mandatory")

    assert ("deletion-delete-stacks", "mandatory", "") in told(found)


@pytest.mark.parametrize("today", [date(2026, 6, 29), date(2026, 6, 30)])
def test_a_waiver_holds_through_its_last_day_and_what_it_waives_is_shown(today: date) -> None:
    found = judged(owners_personal_mailbox={"waivers": [WAIVER]}, today=today)

    assert told(found) == [(OWNERS, "mandatory", "octo-lead")]
    assert found[0].waived_until == "2026-06-30"


def test_an_expired_waiver_fails_and_waives_nothing() -> None:
    found = judged(owners_personal_mailbox={"waivers": [WAIVER]}, today=date(2026, 7, 1))

    assert told(found) == [(OWNERS, "mandatory", ""), ("waiver-expired", "mandatory", "")]
    assert "octo-lead" in found[1].message
    assert "2026-06-30" in found[1].message


def test_an_expired_waiver_fails_though_its_rule_is_kept_or_only_advises_until_it_is_taken_out() -> None:
    kept = replace(TENANT, owners=("me@example.com",))
    own = {"enforcementLevel": "advisory", "waivers": [WAIVER]}

    assert told(judged(kept, owners_personal_mailbox=own, today=date(2026, 7, 1))) == [
        ("waiver-expired", "mandatory", "")
    ]
    assert judged(kept, owners_personal_mailbox={**own, "enforcementLevel": "disabled"}, today=date(2026, 7, 1)) == ()


def test_a_waiver_is_for_its_rule_its_tenant_and_its_stack_alone() -> None:
    other = replace(TENANT, name="shipping")
    waivers = [WAIVER, {**WAIVER, "tenant": "shipping", "stack": "staging"}]

    found = judged(TENANT, other, owners_personal_mailbox={"waivers": waivers}, owners_minimum={"minimum": 2})

    assert [(f.rule, f.subject, f.waived_by) for f in found] == [
        ("owners-minimum", "customer-1", ""),
        ("owners-minimum", "shipping", ""),
        (OWNERS, "customer-1", "octo-lead"),
        (OWNERS, "shipping", ""),
    ]


def test_an_expired_waiver_of_another_stack_is_that_stacks_business() -> None:
    own = {"waivers": [{**WAIVER, "stack": "staging"}]}

    assert told(judged(owners_personal_mailbox=own, today=date(2027, 1, 1))) == [(OWNERS, "mandatory", "")]


HOSTILE = "x\n    - [mandatory]  forged\x1b[2K\u202e\r| `me` <b>@all</b>"


def test_hostile_names_and_owners_forge_no_line_and_move_no_cursor() -> None:
    tenant = TenantFacts(HOSTILE, (HOSTILE + "@gmail.com", HOSTILE + "@GMAIL.com"), deletion=HOSTILE, adopted=True)
    waiver = {**WAIVER, "tenant": HOSTILE, "approver": HOSTILE, "until": "2026-01-01"}

    found = judged(tenant, owners_minimum={"waivers": [waiver]})

    assert {f.rule for f in found} >= {"tenant-name-form", OWNERS, "owners-duplicate", "waiver-expired"}
    for finding in found:
        for policy in (finding.rule, messages.ADVICE):
            lines = messages.write(finding, policy=policy).split("\n")
            assert all(line.isprintable() for line in lines)
            assert len(lines) == 2
            assert max(map(len, lines)) < 1500


def test_a_very_long_value_is_cut() -> None:
    [finding] = judged(replace(TENANT, owners=("a" * 100_000 + "@gmail.com",)), owners_domains="disabled")

    assert len(finding.message) < 200


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)
findings = st.builds(
    Finding,
    rule=st.sampled_from(["owners-minimum", "tenant-name-form"]),
    level=st.just("advisory"),
    subject=st.sampled_from(["", "customer-1"]),
    message=st.just("has 1 owner: that is few"),
    mend=st.just("List more owners."),
    waived_by=st.sampled_from(["", "octo-lead", "a, until b"]),
)


@given(findings, st.booleans())
def test_a_finding_survives_being_a_policy_event(finding: Finding, as_advice: bool) -> None:
    finding = replace(finding, waived_until="2026-06-30" if finding.waived_by else "")
    policy = messages.ADVICE if as_advice else finding.rule

    text = f"The policy's description.\n{messages.write(finding, policy=policy)}"

    assert messages.read(policy, "advisory", text) == finding


@given(words, words)
def test_any_text_of_a_policy_event_can_be_looked_at(policy: str, text: str) -> None:
    assert messages.read(policy, "advisory", text) is None
