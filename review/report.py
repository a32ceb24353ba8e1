"""What a report on a Review says, and in which order: the danger first, how it was made last. Knows no markup."""

from __future__ import annotations

from . import loud, quiet, verdict
from .document import Report
from .model import Review

WITHOUT_STATE = (
    "Made without the state. It compares two revisions of the stack files, so it can't know which tenants exist, "
    "whether an earlier change was applied, and which deletion setting is in force."
)


def of(review: Review) -> Report:
    """The report on one change."""
    return Report(
        stack=review.stack,
        appliance=review.appliance,
        appliance_before=review.appliance_before,
        digest=review.digest,
        verdict=verdict.of(review),
        counts=counts(review),
        caution=WITHOUT_STATE if review.source == "files" and review.stack else "",
        sections=(*loud.sections(review), *quiet.sections(review)),
    )


def counts(review: Review) -> str:
    """`+3 tenants, 1 owner change, 0 deletions`, and whatever else there is."""
    if not review.stack:
        return "no stack file changes"
    if not review.tenants and any(d.severity == "error" for d in review.diagnostics):
        return "not compared until the mistakes are mended"
    always = [
        f"+{_count(len(review.of('create')), 'tenant', 'tenants')}",
        _count(verdict.owner_changes(review), "owner change", "owner changes"),
        _count(len(review.of("delete")), "deletion", "deletions"),
    ]
    sometimes = [
        (len(review.of("refused")), "refused", "refused"),
        (len(review.of("unretire")), "name no longer retired", "names no longer retired"),
        (len(review.of("recreate")), "made again", "made again"),
        (len(review.of("adopt", "inventory")), "takeover", "takeovers"),
        (len(review.of("forget")), "forgotten", "forgotten"),
        (len(review.of("drift")), "drifted", "drifted"),
        (len(review.of("rotate")), "new secret", "new secrets"),
        (len(review.of("change")), "changed", "changed"),
        (len(review.of("look")), "looked at again", "looked at again"),
        (sum(row.action != "unchanged" for row in review.applications), "application differs", "applications differ"),
        (len(review.others), "step of another kind", "steps of other kinds"),
        (sum(row.action != "unchanged" for row in review.grants), "client grant differs", "client grants differ"),
        (len(review.settings), "setting changed", "settings changed"),
        (len(review.of("unchanged")), "unchanged", "unchanged"),
    ]
    return ", ".join([*always, *(_count(*words) for words in sometimes if words[0])])


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
