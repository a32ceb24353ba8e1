"""Reviews as JSON for machines: the whole value, its verdict and its digest; and back, to compare two. Pure.

`version` grows when a field changes its meaning or goes; new fields may come at any time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from . import verdict
from .model import Review

VERSION = 1
DERIVED = ("verdict", "digest", "actions", "counts")
Actions = Mapping[str, tuple[tuple[str, ...], ...]]


class NotAReport(ValueError):
    """The text is no report of this version; the message says why."""


def render(reviews: Sequence[Review]) -> str:
    """All reviews of a report, in their order."""
    document = {
        "version": VERSION,
        "verdict": verdict.highest(reviews),
        "reviews": [_review(review) for review in reviews],
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _review(review: Review) -> dict[str, Any]:
    judged = verdict.of(review)
    return {
        "stack": review.stack,
        "appliance": review.appliance,
        "verdict": {"status": judged.status, "word": judged.word, "reasons": list(judged.reasons)},
        "digest": review.digest,
        "actions": [list(action) for action in review.actions],
        **{_camel(key): _plain(value) for key, value in asdict(review).items() if key not in ("stack", "appliance")},
    }


def _plain(value: Any) -> Any:
    """Names of fields as JSON writes them; names that others gave (of labels) as they are."""
    if isinstance(value, dict):
        return {_camel(key): dict(inner) if key == "labels" else _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def actions(text: str) -> Actions:
    """The actions of each stack in a report. Raises NotAReport."""
    try:
        document = json.loads(text)
        version, reviews = document["version"], document["reviews"]
        found = {
            f"{one['stack']} on {one['appliance']}": tuple(tuple(map(str, action)) for action in one["actions"])
            for one in reviews
        }
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotAReport("is not a JSON report of this reviewer") from None
    if version != VERSION:
        raise NotAReport(f"is of version {version}, and this reviewer reads version {VERSION}; make it again")
    if len(found) != len(reviews):
        raise NotAReport("has two reviews of one stack")
    return found


def differences(approved: Actions, current: Actions) -> Iterator[str]:
    """What would be done now and was not approved, and the other way round. None: the same would be done."""
    for stack in sorted({*approved, *current}):
        before, now = set(approved.get(stack, ())), set(current.get(stack, ()))
        yield from (f"{stack}: not approved: {' '.join(action)}" for action in sorted(now - before))
        yield from (f"{stack}: approved, and no longer done: {' '.join(action)}" for action in sorted(before - now))
