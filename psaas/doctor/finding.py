"""What a check says: to a person in words, to an answer sheet in facts that hold no name, host or secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["pass", "warn", "fail", "skip"]
Fact = str | int | bool


@dataclass(frozen=True)
class Finding:
    """`message` is what was found, `mend` the way out; both may name hosts and tenants, and never a secret.

    `facts` go into the answer sheet: numbers, yes or no, and words of our own; nothing that the appliance or a stack
    file says is repeated in them. `skip` is a check that could not be made, since another one failed. `stops` keeps
    checks from being made that need this one, though nothing is wrong with it; `ends` keeps all others from it.
    """

    name: str
    status: Status
    message: str
    mend: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    stops: bool = False
    ends: bool = False


def good(name: str, message: str, **facts: Fact) -> Finding:
    return Finding(name, "pass", message, facts=facts)


def skipped(name: str, message: str) -> Finding:
    """It could not be looked at."""
    return Finding(name, "skip", message)


def doubtful(name: str, message: str, mend: str, **facts: Fact) -> Finding:
    """It works, or may; a person should know."""
    return Finding(name, "warn", message, mend, facts)


def bad(name: str, message: str, mend: str, **facts: Fact) -> Finding:
    """An update would fail, or lose something."""
    return Finding(name, "fail", message, mend, facts)
