"""What was made, delivered, lost, doubled and named, by the appliance's ledger. Judges; starts and sends nothing.

A credential counts as delivered once it reached the escrow or the state, or its answer left the appliance whole and
unspoilt for a run that lived on. What a kill or a fault took before that is an unknown outcome, which must be named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

POSTS = ("posts_carried_out", "posts_refused", "posts_failed")
TIME_ONLY = frozenset({"latency_ms", "slow_body"})
ASKED = ("/api/v2/tenants", "/oauth/token")

Ledger = Mapping[str, Mapping[str, Any]]


@dataclass
class Tally:
    """Filled run by run."""

    tenants: int
    runs: int = 0
    kills: int = 0
    cancels: int = 0
    answers: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    posts: int = 0
    in_escrow: set[str] = field(default_factory=set)
    spoilt: dict[str, str] = field(default_factory=dict)
    killed_over: set[str] = field(default_factory=set)
    delivered: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    unknown: dict[str, str] = field(default_factory=dict)
    unnamed: set[str] = field(default_factory=set)

    def run_ended(
        self,
        *,
        before: Ledger,
        after: Ledger,
        happened: Iterable[Mapping[str, Any]],
        calls: Iterable[Mapping[str, Any]],
        escrow: Collection[str],
        killed: bool,
    ) -> None:
        """Add what one run did."""
        self.runs += 1
        self.kills += killed
        self.in_escrow |= set(escrow)
        self.answers += sum(1 for call in calls if call["path"] in ASKED)
        for fault in happened:
            if fault["overridden_by"] or _only_announces(fault):
                continue
            self.faults[_kind(fault)] += 1
            if str(fault["rule"]).startswith("deadly") and fault["tenant"]:
                self.spoilt[str(fault["tenant"])] = str(fault["kind"])
        made = {name for name, row in after.items() if row["posts_carried_out"] > _count(before, name, POSTS[:1])}
        if killed:
            self.killed_over |= made
        self.posts = sum(int(row["posts_carried_out"]) for row in after.values())

    def end(self, ledger: Ledger, *, working: Collection[str], named: Mapping[str, str]) -> None:
        """The last account: `working` are the tenants whose credential in the state gives a token."""
        made = {name for name, row in ledger.items() if row["posts_carried_out"]}
        whole = {name for name in made if ledger[name]["credentials_delivered"]}
        self.delivered = (self.in_escrow | (whole - self.killed_over)) - set(self.spoilt) | set(working)
        self.lost = self.delivered - set(working)
        self.doubled = {name for name, row in ledger.items() if row["posts_carried_out"] > 1}
        self.unknown = {name: text for name, text in named.items() if name not in working}
        self.unnamed = (made - set(working)) - set(named)

    @property
    def faulty_share(self) -> float:
        """Answers that were more than late, of all answers to tenant POSTs, token requests and lists."""
        return sum(count for kind, count in self.faults.items() if kind not in TIME_ONLY) / max(1, self.answers)

    @property
    def holds(self) -> bool:
        everyone = len(self.delivered) + len(self.unknown) == self.tenants
        return not (self.lost or self.doubled or self.unnamed) and everyone

    def lines(self) -> list[str]:
        """The account, for people."""
        kinds = ", ".join(f"{kind} {count}" for kind, count in self.faults.most_common())
        return [
            f"tenants              {self.tenants}",
            f"POSTs carried out    {self.posts}",
            f"faults               {sum(self.faults.values())} of {len(self.faults)} kinds: {kinds}",
            f"more than late       {self.faulty_share:.1%} of {self.answers} of tenant POSTs, tokens and lists",
            f"kills                {self.kills} (stack found locked {self.cancels} times)",
            f"runs needed          {self.runs}",
            f"delivered            {len(self.delivered)}",
            f"lost of delivered    {_shown(self.lost)}",
            f"doubled              {_shown(self.doubled)}",
            f"unknown, named       {len(self.unknown)}",
            f"unknown, not named   {_shown(self.unnamed)}",
        ]


def twice_in_a_run(before: Ledger, after: Ledger, happened: Iterable[Mapping[str, Any]]) -> set[str]:
    """Names that one run posted again after bytes had left, other than for a refusal of the rate limit."""
    asked_to_wait = Counter(str(fault["tenant"]) for fault in happened if fault["status"] == 429 and fault["tenant"])
    return {
        name for name in after
        if _count(after, name, POSTS) - _count(before, name, POSTS) - asked_to_wait[name] > 1
    }  # fmt: skip


def _only_announces(fault: Mapping[str, Any]) -> bool:
    """A POST that makes a domain late is answered well; who asks that domain too early is not."""
    return bool(fault["kind"] == "domain_ready_after_seconds" and fault["path"] == ASKED[0])


def _kind(fault: Mapping[str, Any]) -> str:
    return f"{fault['kind']} {fault['status']}" if fault["kind"] == "status" else str(fault["kind"])


def _count(ledger: Ledger, name: str, counts: Iterable[str]) -> int:
    return sum(int(ledger[name][count]) for count in counts) if name in ledger else 0


def _shown(names: Collection[str]) -> str:
    return f"{len(names)}{': ' + ', '.join(sorted(names)) if names else ''}"
