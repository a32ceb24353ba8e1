"""A fault plan as a value: which calls go wrong, and how. Knows routes, counts and chances; carries nothing out.

    seed: 1
    faults:
      - name: lost answers
        route: {method: POST, path: /api/v2/tenants}
        when: {probability: 0.1}
        times: 3
        do: {reset: after}

Each rule counts the calls that its route matches. Whether it fires on its k-th call follows from seed, name and k
alone, so rules don't disturb each other and the same calls meet the same faults again.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from appliance.fault_edits import Edit

LATE_AS = ("dns", "certificate", "token_endpoint")
LATE_ANSWERS = ("404", "503", "html", "access_denied")


@dataclass(frozen=True)
class Asked:
    """What a rule may look at. `tenant` is the name that the call is about, where it is about one."""

    method: str
    path: str
    host: str
    tenant: str | None


@dataclass(frozen=True)
class Route:
    """Patterns, in which `*` stands for anything; no methods means all."""

    methods: frozenset[str] = frozenset()
    path: str = "*"
    host: str = "*"
    tenant: str | None = None

    def matches(self, asked: Asked) -> bool:
        return (
            (not self.methods or asked.method in self.methods)
            and fnmatchcase(asked.path, self.path)
            and fnmatchcase(asked.host.lower().partition(":")[0], self.host)
            and (self.tenant is None or fnmatchcase(asked.tenant or "", self.tenant))
        )


@dataclass(frozen=True)
class When:
    """Which of the calls that a route matches, counted from 1. All that is given must hold."""

    calls: frozenset[int] = frozenset()
    first: int | None = None
    after: int = 0
    every: int = 1
    probability: float = 1.0

    def holds(self, number: int, chance: random.Random) -> bool:
        return (
            (not self.calls or number in self.calls)
            and (self.first is None or number <= self.first)
            and number > self.after
            and number % self.every == 0
            and chance.random() < self.probability
        )


@dataclass(frozen=True)
class Latency:
    low_ms: float
    high_ms: float
    tail_ms: float = 0
    tail_probability: float = 0
    before_answering: bool = False

    def seconds(self, chance: random.Random) -> float:
        tail = self.tail_ms if chance.random() < self.tail_probability else 0
        return (chance.uniform(self.low_ms, self.high_ms) + tail) / 1000


@dataclass(frozen=True)
class LateDomain:
    """A new tenant's domain that answers properly only some seconds after the tenant was made."""

    seconds: float
    how: str
    answer: str


# Endings: how the exchange ends; of several that fire on one call, the first in the plan is carried out.


@dataclass(frozen=True)
class Status:
    status: int
    html: bool = False
    body: Mapping[str, object] | None = None
    reset_seconds: int | str | None = None
    retry_after: int | str | None = None
    retry_after_date: int | None = None
    carried_out: bool = False


@dataclass(frozen=True)
class Redirect:
    to: str
    carried_out: bool = False


@dataclass(frozen=True)
class NotJson:
    carried_out: bool = True


@dataclass(frozen=True)
class EmptyBody:
    carried_out: bool = True


@dataclass(frozen=True)
class Reset:
    carried_out: bool


@dataclass(frozen=True)
class Hang:
    seconds: float
    carried_out: bool = False


@dataclass(frozen=True)
class RefuseConnections:
    seconds: float
    carried_out: bool = False


@dataclass(frozen=True)
class Truncate:
    size: int
    carried_out: bool = True


@dataclass(frozen=True)
class SlowBody:
    size: int
    every_ms: float
    carried_out: bool = True


Ending = Status | Redirect | NotJson | EmptyBody | Reset | Hang | RefuseConnections | Truncate | SlowBody


@dataclass(frozen=True)
class Action:
    """What a rule does. `kind` is the word of the plan that says most about it."""

    kind: str
    latency: Latency | None = None
    clock_skew_seconds: float = 0
    late_domain: LateDomain | None = None
    edits: tuple[Edit, ...] = ()
    ending: Ending | None = None


@dataclass(frozen=True)
class Rule:
    name: str
    route: Route
    when: When
    times: int | None
    action: Action


@dataclass(frozen=True)
class Plan:
    seed: int = 0
    rules: tuple[Rule, ...] = ()
    document: Mapping[str, object] = field(default_factory=dict)

    def chance(self, rule: Rule, number: int) -> random.Random:
        """All that chance decides about the number-th call of a rule."""
        return random.Random(f"{self.seed}/{rule.name}/{number}")  # noqa: S311
