"""How long a deploy took for a tenant, by the engine's event log, for the estimates of later reviews. Pure.

The log tells whole seconds, so a short deploy tells nothing. What is measured is one turn: the first tenant goes alone,
then as many at once as `psaas:maxConcurrentCreates` allows, which is how reviews estimate.
"""

from __future__ import annotations

import json
from typing import Any

TENANT = "dynamic/psaas:Tenant"
AT_ONCE = 4  # the program's default
SHORTEST_SECONDS = 10  # below that, whole seconds are too rough


def seconds_per_tenant(log: str) -> float | None:
    """Seconds a turn from the first creation's begin to the last one's end; None where that can't be told."""
    began: list[int] = []
    ended: list[int] = []
    at_once = AT_ONCE
    for line in log.splitlines():
        event = _event(line)
        if config := (event.get("preludeEvent") or {}).get("config"):
            given = str(config.get("psaas:maxConcurrentCreates", ""))
            at_once = int(given) if given.isdecimal() and int(given) else AT_ONCE
        for key, times in (("resourcePreEvent", began), ("resOutputsEvent", ended)):
            if _creates(event.get(key)):
                times.append(int(event.get("timestamp", 0)))
    if not ended:
        return None
    seconds = max(ended) - min(began, default=max(ended))
    turns = 1 + -(-(len(ended) - 1) // at_once)
    return round(seconds / turns, 2) if seconds >= SHORTEST_SECONDS else None


def _creates(event: Any) -> bool:
    """Whether a tenant is made by a POST, and not only planned."""
    metadata = event.get("metadata", {}) if isinstance(event, dict) and not event.get("planning") else {}
    inputs = (metadata.get("new") or {}).get("inputs") or {}
    made = metadata.get("op") == "create" and not inputs.get("adopt") and not inputs.get("retired")
    return made and str(metadata.get("type", "")).endswith(f":{TENANT}")


def _event(line: str) -> dict[str, Any]:
    """A run that was killed may have left half a line."""
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}
