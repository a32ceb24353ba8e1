"""Changes of a stack, made up by a machine: each with what a person would expect to happen to which tenant."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

OWNERS = ("me@email.com", "you@email.com", "them@email.com")
Entry = dict[str, Any]
# What few tenants are fit for comes first.
RAREST_FIRST = (
    "take", "own", "remove", "again", "retire", "erase", "rotate", "settings", "owners", "deletion", "labels",
    "ended", "rights", "turned", "team", "adopt", "inventory", "add", "scopes", "defaults",
)  # fmt: skip


@dataclass
class Change:
    """One version of the stack file. `expected` are the actions by tenant; those not named are unchanged.

    `broken`: the review must say so, and the update must fail. `unposted`: new to the state, and not posted, since
    the escrow has them.
    """

    tenants: list[Entry]
    retired: list[Entry]
    config: dict[str, Any] = field(default_factory=dict)
    expected: dict[str, str] = field(default_factory=dict)
    broken: int = 0
    unposted: set[str] = field(default_factory=set)
    allow_delete: set[str] = field(default_factory=set)

    @property
    def count(self) -> int:
        """How many things it changes, or has mistakes in."""
        return len(self.expected) + self.broken


class Changes:
    """Makes one change after the other, each from where the last has left the stack."""

    def __init__(self, seed: int, existing: list[str]) -> None:
        """`existing`: names of tenants that are on the appliance, and in no stack."""
        self.random = random.Random(seed)  # noqa: S311
        self.existing = existing
        self.listed: dict[str, Entry] = {}
        self.retired: dict[str, str] = {}
        self.forgotten: set[str] = set()
        self.scopes = ["create:tenants", "delete:tenants", "read:tenants"]
        self.defaults: Entry = {}
        self.last = 0

    def good(self, **kinds: int) -> Change:
        """A change that an update can carry out: so many tenants of each kind, each touched once."""
        change = Change([], [])
        untouched = self.random.sample(sorted(self.listed), len(self.listed))
        for kind in sorted(kinds, key=RAREST_FIRST.index):
            for _ in range(kinds[kind]):
                getattr(self, f"_{kind}")(change, untouched)
        return self._written(change)

    def _written(self, change: Change) -> Change:
        order = self.random.sample(sorted(self.listed), len(self.listed))
        change.tenants = [{"name": name, **self.listed[name]} for name in order]
        change.retired = [{"name": name, "deletion": how} for name, how in sorted(self.retired.items())]
        scopes = self.random.sample(self.scopes, len(self.scopes))
        change.config = {"scopes": scopes, "settings": self.defaults or None, **change.config}
        return change

    def _new(self) -> str:
        self.last += 1
        return f"customer-{self.last}"

    def _add(self, change: Change, _: list[str]) -> None:
        name = self._new()
        entry: Entry = {"owners": self.random.sample(OWNERS, self.random.randint(1, 3))}
        if self.random.random() < 0.5:
            entry["labels"] = {"team": self.random.choice(["billing", "sales", "| a | b |", "<b>@all</b>"])}
        if self.last % 4:
            entry["deletion"] = ("refuse", "forget", "delete")[self.last % 4 - 1]
        self.listed[name] = entry
        change.expected[name] = "create"

    def _adopt(self, change: Change, _: list[str]) -> None:
        name = self.existing.pop()
        self.listed[name] = {"adopt": True}
        change.expected[name] = "adopt"

    def _inventory(self, change: Change, _: list[str]) -> None:
        name = self.existing.pop()
        self.listed[name] = {"adopt": "inventory"}
        change.expected[name] = "inventory"

    def _take(self, change: Change, untouched: list[str]) -> None:
        """A tenant of the inventory gets its credential."""
        name = self._pick(untouched, lambda entry: entry.get("adopt") == "inventory")
        self.listed[name] = {**self.listed[name], "adopt": True}
        change.expected[name] = "adopt"

    def _own(self, change: Change, untouched: list[str]) -> None:
        """The entry of a tenant that was taken over no longer says so."""
        name = self._pick(untouched, lambda entry: entry.get("adopt") is True)
        self.listed[name] = {"owners": ["me@email.com"]}
        change.expected[name] = "change"

    def _owners(self, change: Change, untouched: list[str]) -> None:
        name = self._pick(untouched, lambda entry: "owners" in entry)
        others = [o for o in OWNERS if o not in self.listed[name]["owners"]] or [OWNERS[0]]
        self.listed[name] = {**self.listed[name], "owners": others}
        change.expected[name] = "change"

    def _labels(self, change: Change, untouched: list[str]) -> None:
        name = self._pick(untouched, lambda _: True)
        self.listed[name] = {**self.listed[name], "labels": {"ticket": str(self.random.randint(100, 10_000))}}
        change.expected[name] = "change"

    def _deletion(self, change: Change, untouched: list[str]) -> None:
        name = self._pick(untouched, lambda _: True)
        now = self.listed[name].get("deletion", "refuse")
        other = self.random.choice([how for how in ("refuse", "forget", "delete") if how != now])
        self.listed[name] = {**self.listed[name], "deletion": other}
        change.expected[name] = "change"

    def _settings(self, change: Change, untouched: list[str]) -> None:
        name = self._pick(untouched, lambda entry: "owners" in entry)
        settings = {"friendlyName": f"Shop {self.random.random()}", "flags": {"enable_sso": True}}
        self.listed[name] = {**self.listed[name], "settings": settings}
        change.expected[name] = "change"

    def _team(self, change: Change, untouched: list[str]) -> None:
        """The team of a tenant gets an application."""
        name = self._pick(untouched, lambda entry: "owners" in entry and "managementClient" not in entry)
        self._client(change, name, {"scopes": ["read:clients"], "previousHours": self.random.randint(1, 48)})

    def _rights(self, change: Change, untouched: list[str]) -> None:
        name = self._pick(untouched, lambda entry: "managementClient" in entry)
        self._client(change, name, {"scopes": ["read:clients", "read:users"]})

    def _turned(self, change: Change, untouched: list[str]) -> None:
        name = self._pick(untouched, lambda entry: "managementClient" in entry)
        self._client(change, name, {"rotate": f"OPS-{self.random.randint(100, 10_000)}"})

    def _ended(self, change: Change, untouched: list[str]) -> None:
        name = self._pick(untouched, lambda entry: "managementClient" in entry)
        self.listed[name] = {key: value for key, value in self.listed[name].items() if key != "managementClient"}
        change.expected[name] = "change"

    def _client(self, change: Change, name: str, given: Entry) -> None:
        before = self.listed[name].get("managementClient", {})
        self.listed[name] = {**self.listed[name], "managementClient": {**before, **given}}
        change.expected[name] = "change"

    def _defaults(self, change: Change, _: list[str]) -> None:
        """Settings of the stack, which all tenants have that weren't taken over."""
        self.defaults = {"sessionLifetime": self.random.randint(1, 100), "supportEmail": "help@example.com"}
        for name, entry in self.listed.items():
            if not entry.get("adopt"):
                change.expected.setdefault(name, "change")

    def _rotate(self, change: Change, untouched: list[str]) -> None:
        name = self._pick(untouched, lambda entry: "owners" in entry)
        self.listed[name] = {**self.listed[name], "rotate": f"OPS-{self.random.randint(100, 10_000)}"}
        change.expected[name] = "rotate"

    def _retire(self, change: Change, untouched: list[str]) -> None:
        """The entry goes and its name is retired; half of them leave the appliance too."""
        self._erase(change, untouched, "forget" if len(self.retired) % 2 else "delete")

    def _erase(self, change: Change, untouched: list[str], how: str = "delete") -> None:
        name = self._pick(untouched, lambda entry: entry.get("adopt") != "inventory")
        del self.listed[name]
        self.retired[name] = how
        change.allow_delete |= {name} if how == "delete" else set()
        change.expected[name] = how

    def _remove(self, change: Change, untouched: list[str]) -> None:
        """The entry goes, which its `deletion` in the state allows."""
        how = "delete" if self.forgotten and not change.allow_delete else "forget"
        name = self._pick(untouched, lambda entry: entry.get("deletion") == how)
        del self.listed[name]
        change.allow_delete |= {name} if how == "delete" else set()
        self.forgotten |= {name} if how == "forget" else set()
        change.expected[name] = how

    def _again(self, change: Change, _: list[str]) -> None:
        """A forgotten tenant is listed again; its credential is in the escrow."""
        name = sorted(self.forgotten)[0]
        self.forgotten.remove(name)
        self.listed[name] = {"owners": ["me@email.com"]}
        change.expected[name] = "create"
        change.unposted.add(name)

    def _scopes(self, change: Change, _: list[str]) -> None:
        extra = "update:clients"
        self.scopes = [s for s in self.scopes if s != extra] if extra in self.scopes else [*self.scopes, extra]
        change.expected["provisioning"] = "change"

    def _pick(self, untouched: list[str], fits: Callable[[Entry], bool]) -> str:
        name = next(name for name in untouched if fits(self.listed[name]))
        untouched.remove(name)
        return name

    def removed(self, many: int) -> Change:
        """Protected tenants leave the list."""
        change = Change([], [])
        before = dict(self.listed)
        kept = [n for n in sorted(self.listed) if self.listed[n].get("deletion", "refuse") == "refuse"]
        for name in self.random.sample(kept, many):
            del self.listed[name]
            change.expected[name] = "refused"
        self._written(change)
        self.listed = before
        return change

    def returned(self) -> Change:
        """A retired name is listed again."""
        name = self.random.choice(sorted(self.retired))
        change = self._written(Change([], []))
        change.retired = [entry for entry in change.retired if entry["name"] != name]
        change.tenants = [*change.tenants, {"name": name, "owners": ["me@email.com"]}]
        change.expected[name] = "unretire"
        return change

    def unretired(self) -> Change:
        """A name leaves psaas:retired, and is not listed either."""
        name = self.random.choice(sorted(self.retired))
        change = self._written(Change([], []))
        change.retired = [entry for entry in change.retired if entry["name"] != name]
        change.expected[name] = "unretire"
        return change

    def mistaken(self) -> Change:
        """Entries that are wrong, each in its way."""
        change = self._written(Change([], []))
        twice = dict(self.random.choice(change.tenants))
        change.tenants = [
            *change.tenants, twice, {"name": "Capitals", "owners": ["me@email.com"]}, {"name": "x", "owners": []},
            {"name": "login", "owners": ["me@email.com"]}, {"name": "customer-900", "owners": ["me@"]},
            {"name": "customer-901"}, {"name": "customer-902", "owner": "me@email.com"},
            {"name": "customer-903", "owners": ["me@email.com"], "deletion": "erase"},
        ]  # fmt: skip
        change.broken = 8
        return change

    def moved(self) -> Change:
        """The stack is told that it is another appliance's."""
        change = self._written(Change([], []))
        change.config["domain"] = "rta.elsewhere.test"
        change.broken = 1
        return change
