"""What can go wrong on the way to an engine, in words that a person can act on.

EngineError
├── RouteError        one route did not work: why, and what would make it work
└── NoEngineError     no route worked: all of the above, in the order they were tried
"""

from __future__ import annotations


class EngineError(Exception):
    """A person can fix it; the text says how."""


class RouteError(EngineError):
    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


class NoEngineError(EngineError):
    def __init__(self, failures: list[tuple[str, RouteError]]) -> None:
        self.failures = failures
        lines = ["there is no Pulumi engine, and none could be had. What was tried:"]
        for route, error in failures:
            first, *rest = error.reason.strip().splitlines() or ["unknown"]
            lines.append(f"  {route:<8}{first}")
            lines += [f"  {'':<8}  {line}" for line in rest]
        remedies = list(dict.fromkeys(error.remedy for _, error in failures if error.remedy))
        if remedies:
            lines.append("What to do (one of these is enough):")
            lines += [f"  - {remedy}" for remedy in remedies]
        super().__init__("\n".join(lines))
