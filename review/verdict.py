"""What a person has to do about a Review: nothing, decide, or refuse. Pure.

Reasons hold counts and our own words, never a value of the change; the report's sections name what they count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from .model import Finding, Review, SettingRow, TenantAction, TenantRow, Waiver

Status = Literal[0, 1, 2]
WORDS: dict[Status, str] = {0: "fine", 1: "needs a decision", 2: "forbidden"}


@dataclass(frozen=True)
class Verdict:
    """0: nothing to decide. 1: a person must. 2: forbidden or broken. The most severe reasons come first."""

    status: Status
    reasons: tuple[str, ...]
    word: str


def of(review: Review) -> Verdict:
    """The verdict on a change. Whatever is not known to be harmless is for a person to decide."""
    broken, forbidden, undecided = (tuple(part(review)) for part in (_broken, _forbidden, _undecided))
    status: Status = 2 if broken or forbidden else 1 if undecided else 0
    word = "broken" if broken and not forbidden else WORDS[status]
    return Verdict(status, (*broken, *forbidden, *undecided), word)


def highest(reviews: Sequence[Review]) -> Status:
    """The exit status of a report on several stacks."""
    return max((of(review).status for review in reviews), default=0)


def broken_rules(review: Review) -> tuple[Finding, ...]:
    """Mandatory findings that no waiver covers, on anything: changed or not."""
    return tuple(f for f in review.findings if f.level == "mandatory" and not f.waived_by)


def unapproved(review: Review) -> tuple[SettingRow, ...]:
    """Changed settings that can lead secrets elsewhere, and that nobody approved who may."""
    return tuple(row for row in review.settings if row.guarded and not row.approved_by)


def expired(review: Review) -> tuple[Waiver, ...]:
    """Waivers that ended, unless the rules themselves have found them."""
    found = any(finding.rule == "waiver-expired" for finding in review.findings)
    return () if found else tuple(waiver for waiver in review.waivers if waiver.expired)


def owner_changes(review: Review) -> int:
    return sum(change.name == "owners" for row in review.tenants for change in row.changes)


def _broken(review: Review) -> Iterator[str]:
    if errors := sum(d.severity == "error" for d in review.diagnostics):
        yield f"{_count(errors, 'mistake')} must be mended first"


def _forbidden(review: Review) -> Iterator[str]:
    if found := broken_rules(review):
        rules = len({finding.rule for finding in found})
        times = f", {len(found):,} times" if len(found) > rules else ""
        yield f"{_count(rules, 'mandatory rule')} {_is(rules)} broken{times}"
    if settings := unapproved(review):
        yield f"{_count(len(settings), 'guarded setting')} changed without approval"
    if ended := len(expired(review)):
        yield f"{_count(ended, 'waiver')} expired"
    if refused := len(review.of("refused")):
        yield f"{_count(refused, 'tenant')} left the list while protected, so the update would stop"
    if kept := sum(row.action == "refused" for row in review.applications):
        yield f"{_count(kept, 'application')} can't go, so the update would stop"
    if returned := len(review.of("unretire")):
        yield f"{_count(returned, 'retired name')} left the list of names that must never return"


_DECISIONS: tuple[tuple[TenantAction, str], ...] = (
    ("delete", "deleted on the appliance, for ever"),
    ("recreate", "posted again, with a new credential"),
    ("forget", "no longer managed, and left on the appliance"),
    ("adopt", "taken over with its credential"),
    ("inventory", "listed without a credential"),
    ("rotate", "given a new secret"),
    ("drift", "not what the state says"),
)


def _undecided(review: Review) -> Iterator[str]:
    for action, words in _DECISIONS:
        if tenants := len(review.of(action)):
            told = words if tenants == 1 else words.replace("its credential", "their credentials")
            yield f"{_count(tenants, 'tenant')} {_is(tenants)} {told}"
    if others := len(review.others):
        yield f"{_count(others, 'step')} of which this report has no rows"
    if applications := sum(row.action not in ("unchanged", "refused") for row in review.applications):
        yield f"{_count(applications, 'application')} {'differs' if applications == 1 else 'differ'}"
    if grants := sum(row.action != "unchanged" for row in review.grants):
        yield f"{_count(grants, 'client grant')} {'differs' if grants == 1 else 'differ'}"
    if settings := len(review.settings) - len(unapproved(review)):
        yield f"{_count(settings, 'setting')} changed"
    if owners := owner_changes(review):
        yield f"{_count(owners, 'owner change')} that no update applies"
    if others := sum(_is_more(row) for row in review.tenants):
        yield f"{_count(others, 'tenant')} changed in more than owners and labels"
    if waived := sum(bool(f.waived_by) and f.changed for f in review.findings):
        yield f"{_count(waived, 'broken rule')} covered by a waiver"
    if advice := sum(f.level == "advisory" and f.changed and not f.waived_by for f in review.findings):
        yield f"{_count(advice, 'advisory finding')} on what changes"
    if files := len(review.other_files):
        yield f"{_count(files, 'other file')} changed too"


def _is_more(row: TenantRow) -> bool:
    """Whether more than owners and labels differs, or something that is not told."""
    more = any(c.name not in ("owners", "labels") for c in row.changes) or not row.changes
    return row.action == "change" and more


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"
