"""What follows from times that a state has, in ISO 8601 (UTC). Pure; a time that isn't known is long ago."""

from __future__ import annotations

from datetime import datetime, timedelta

_NEVER = "1970-01-01T00:00:00+00:00"


def within(hours: float, since: str, now: datetime) -> bool:
    """Whether fewer `hours` than that have passed `since` then."""
    return now - datetime.fromisoformat(since or _NEVER) < timedelta(hours=hours)


def made_again(created_at: str, last_created_at: str) -> bool:
    """Whether the tenant that bears the name now was made since, so that nothing of ours is in it."""
    return bool(last_created_at) and created_at not in ("", last_created_at)
