"""The fault plan in force: how often each rule was met, what it did, whose domain is late. Knows no HTTP.

All of it is in memory: a restart forgets it, and reads the plan of `--faults` from its beginning.
"""

import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass

from appliance.faults import Asked, Ending, LateDomain, Plan, Rule
from appliance.store import now

KEPT = 100_000


@dataclass(frozen=True)
class Fired:
    """A rule on its number-th call, with the chance that belongs to that call."""

    rule: Rule
    number: int
    chance: random.Random


@dataclass
class Happened:
    """What one rule did to one call. `status` is what left, None where no answer did."""

    rule: str
    kind: str
    call: int
    method: str
    path: str
    host: str
    tenant: str | None
    at: str
    carried_out: bool = False
    status: int | None = None
    overridden_by: str | None = None


@dataclass
class Counter:
    calls: int = 0
    fired: int = 0


@dataclass(frozen=True)
class Late:
    """A domain that is not ready before a time of the monotonic clock."""

    rule: str
    domain: LateDomain
    until: float


class Faults:
    """`quiet` while no call can meet a fault, so that an appliance without a plan pays for one look at a flag."""

    def __init__(self, plan: Plan | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.refuse_connections: Callable[[float], None] = lambda _seconds: None  # the server's, once it listens
        self.put(plan or Plan())

    def put(self, plan: Plan) -> None:
        """Another plan, from its beginning; what the one before did is forgotten, and late domains are ready."""
        self._plan = plan
        self._counters = {rule.name: Counter() for rule in plan.rules}
        self._happened: deque[Happened] = deque(maxlen=KEPT)
        self._late: dict[str, Late] = {}
        self.quiet = not plan.rules

    def clear(self) -> None:
        self.put(Plan())

    def fire(self, asked: Asked) -> list[Fired]:
        """Count the call for every rule that it matches; those that fire, in the order of the plan."""
        fired = []
        for rule in self._plan.rules:
            if not rule.route.matches(asked):
                continue
            counter = self._counters[rule.name]
            if rule.times is not None and counter.fired >= rule.times:
                counter.calls += 1
                continue
            counter.calls += 1
            chance = self._plan.chance(rule, counter.calls)
            if rule.when.holds(counter.calls, chance):
                counter.fired += 1
                fired.append(Fired(rule, counter.calls, chance))
        return fired

    def note(self, fired: Fired, asked: Asked, ending: tuple[str, Ending] | None) -> Happened:
        """Write down that a rule fires; `ending` is the one that is carried out, with its rule."""
        overridden = fired.rule.action.ending and ending and ending[0] != fired.rule.name
        happened = Happened(
            fired.rule.name, fired.rule.action.kind, fired.number, **asdict(asked), at=now(),
            overridden_by=ending[0] if ending and overridden else None,
        )  # fmt: skip
        self._happened.append(happened)
        return happened

    def delay(self, tenant: str, fired: Fired, domain: LateDomain) -> None:
        self._late[tenant] = Late(fired.rule.name, domain, self._clock() + domain.seconds)

    def late(self, tenant: str | None) -> Late | None:
        """Why a tenant's domain is not ready yet; None once it is."""
        late = self._late.get(tenant or "")
        if late is not None and late.until <= self._clock():
            del self._late[tenant or ""]
            return None
        return late

    def tls_lateness(self, host: str) -> str | None:
        """How TLS must fail for a server name; a connection that fails here never becomes a call."""
        late = self.late(host.partition(".")[0].lower()) if self._late else None
        if late is None or late.domain.how == "token_endpoint":
            return None
        self.kept_from(late, Asked("", "", host, host.partition(".")[0].lower()), status=None)
        return late.domain.how

    def kept_from(self, late: Late, asked: Asked, *, status: int | None) -> None:
        """Write down that somebody asked a domain that was not ready."""
        kind = "domain_ready_after_seconds"
        happened = Happened(late.rule, kind, 0, **asdict(asked), at=now(), status=status)
        self._happened.append(happened)

    def described(self) -> dict[str, object]:
        return {
            "plan": self._plan.document,
            "rules": [{"name": name, **asdict(counter)} for name, counter in self._counters.items()],
            "late_domains": sorted(name for name in list(self._late) if self.late(name)),
            "happened": [asdict(happened) for happened in self._happened],
        }
