"""What a rule is: a name, a level, why it is there, how to mend what breaks it, its settings, and a pure function."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from .facts import StackFacts
from .findings import Level
from .waivers import Waiver


class RuleSettings(BaseModel):
    """The settings of a rule that has none of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)


class TenantRuleSettings(RuleSettings):
    """Of a rule about tenants, which may be waived for one of them."""

    waivers: tuple[Waiver, ...] = Field((), description="Tenants for which the rule is waived, each until a day.")


class NewTenantRuleSettings(TenantRuleSettings):
    """Of a rule about what is decided when a tenant is made, and can't be changed on one that is taken over."""

    adopted: Literal["warn", "enforce", "ignore"] = Field(
        "warn", description="What the rule does about tenants that are taken over: warn, enforce or ignore."
    )


@dataclass(frozen=True)
class Violation:
    """`mend` replaces the rule's own where there is a better one. A waiver for `other` covers a pair too."""

    subject: str
    message: str
    mend: str = ""
    other: str = ""


@dataclass(frozen=True)
class Rule:
    """`check` gets the stack's facts and an instance of `settings`.

    `scope` is what it looks at: one `tenant` by itself, or among the `tenants`; one `grant`; the `stack`, of which a
    single resource shows enough; the whole stack `afterwards`, once all of it is known; the `waivers` of other rules.
    `review` needs what only a reviewer knows.
    """

    name: str
    why: str
    mend: str
    scope: Literal["tenant", "tenants", "grant", "stack", "afterwards", "waivers", "review"]
    check: Callable[[StackFacts, Any], Iterable[Violation]]
    settings: type[RuleSettings] = RuleSettings
    level: Level = "mandatory"
