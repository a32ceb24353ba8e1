"""How much a single change may do, and who may approve what. A policy pack sees no state, so most is for reviewers."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from ..facts import StackFacts
from ..rule import Rule, RuleSettings, Violation
from ..waivers import Said
from ..wording import counted


class NewTenantsSettings(RuleSettings):
    maximum: int = Field(25, ge=0, description="New tenants in one change, at most.")


def new_tenants(facts: StackFacts, settings: NewTenantsSettings) -> Iterator[Violation]:
    if facts.new_tenants is not None and facts.new_tenants > settings.maximum:
        count = counted(facts.new_tenants, "new tenant")
        yield Violation("", f"{count} in one change; the most is {settings.maximum}")


class DeletionsSettings(RuleSettings):
    maximum: int = Field(1, ge=0, description="Tenants that are deleted in one change, at most.")


def deletions(facts: StackFacts, settings: DeletionsSettings) -> Iterator[Violation]:
    if facts.deletions is not None and facts.deletions > settings.maximum:
        count = counted(facts.deletions, "deletion")
        yield Violation("", f"{count} in one change; the most is {settings.maximum}")


class SettingsChangeSettings(RuleSettings):
    approvers: tuple[Said, ...] = Field(
        (), description="Who may approve a change of settings that can lead secrets elsewhere."
    )


def judged_elsewhere(_facts: StackFacts, _settings: RuleSettings) -> Iterator[Violation]:
    """No declaration breaks the rule: a reviewer compares two revisions, `judgement` looks at waivers."""
    return iter(())


RULES = (
    Rule(
        name="new-tenants-limit",
        why="Every new tenant uses a name up for ever; a generated list that went wrong should not use hundreds.",
        mend="Split the change, or raise the rule's `maximum` in a change of its own.",
        scope="review",
        check=new_tenants,
        settings=NewTenantsSettings,
    ),
    Rule(
        name="deletions-limit",
        why="Tenants are deleted one by one, each looked at.",
        mend="Split the change, or raise the rule's `maximum` in a change of its own.",
        scope="review",
        check=deletions,
        settings=DeletionsSettings,
    ),
    Rule(
        name="settings-change",
        why="Settings of connection, escrow and secrets provider can lead secrets to another place.",
        mend="Have one of the rule's `approvers` approve the change.",
        scope="review",
        check=judged_elsewhere,
        settings=SettingsChangeSettings,
    ),
    Rule(
        name="waiver-expired",
        why="A waiver is for a while; one that has run out is mended or decided anew, and never stays by habit.",
        mend="Take the waiver out of the settings, or have somebody approve a later `until`.",
        scope="waivers",
        check=judged_elsewhere,
    ),
)
