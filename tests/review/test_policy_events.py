"""What a policy pack says in a preview, as findings."""

from __future__ import annotations

from pulumi.automation.events import EngineEvent

from policy import Finding as PolicyFinding
from policy import messages
from review import preview
from review.model import Review
from tests.review.told import began, end, inputs, outputs, said, step, urn

OWNERS = PolicyFinding(
    "owners-personal-mailbox", "mandatory", "customer-1", '"me@gmail.com": a personal mailbox', "Name a group."
)


def policy(message: str, name: str, level: str = "mandatory", *, about: str = "", pack: str = "ours") -> EngineEvent:
    return EngineEvent.from_json({"policyEvent": {
        "message": message, "policyName": name, "policyPackName": pack, "enforcementLevel": level,
        **({"resourceUrn": about} if about else {}),
    }})  # fmt: skip


def of_ours(finding: PolicyFinding, policy_name: str = "", level: str = "mandatory") -> EngineEvent:
    name = policy_name or finding.rule
    text = f"Why the rule is there.\n{messages.write(finding, policy=name)}\n"
    return policy(text, name, level, about=urn(finding.subject))


def review_of(*seen: EngineEvent) -> Review:
    return preview.of_events([began(), *seen, end()], stack="test")


def test_a_violation_of_our_rules_is_a_finding_with_its_way_out() -> None:
    new = step("create", "customer-1", new=inputs("customer-1"))

    [finding] = review_of(new, of_ours(OWNERS), of_ours(OWNERS)).findings

    assert (finding.rule, finding.level, finding.subject) == ("owners-personal-mailbox", "mandatory", "customer-1")
    assert (finding.message, finding.mend) == ('"me@gmail.com": a personal mailbox', "Name a group.")
    assert finding.changed


def test_a_finding_on_a_tenant_to_which_nothing_happens_is_none_of_the_change() -> None:
    same = step("same", "customer-1", old=outputs("customer-1"), new=inputs("customer-1"))

    [finding] = review_of(same, of_ours(OWNERS)).findings

    assert not finding.changed


def test_a_waived_violation_is_told_with_who_waived_it() -> None:
    waived = PolicyFinding(
        "owners-personal-mailbox",
        "mandatory",
        "customer-1",
        "a personal mailbox",
        "Name a group.",
        "alice",
        "2027-01-01",
    )

    [finding] = review_of(of_ours(waived, messages.ADVICE, "advisory")).findings

    assert (finding.rule, finding.level, finding.waived_by) == ("owners-personal-mailbox", "advisory", "alice")


def test_a_violation_of_another_pack_is_a_finding_too_and_its_text_is_one_line() -> None:
    hostile = "no tags\n| a | b |\x1b[2J\n<script>"

    [finding] = review_of(policy(hostile, "tags", "mandatory", about=urn("customer-1"), pack="theirs")).findings

    assert (finding.rule, finding.level) == ("theirs: tags", "mandatory")
    assert finding.message == "no tags | a | b | <script>"


def test_a_preview_that_a_policy_stopped_needs_no_other_reason() -> None:
    review = review_of(of_ours(OWNERS), said("preview failed\n"))

    assert review.diagnostics == ()
    assert len(review.findings) == 1
