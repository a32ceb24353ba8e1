"""The quiet sections of a report: what changes, what does not, what it takes, how it is known. Knows no markup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from . import rows
from .document import Items, Paragraph, Section, Table, Text, Value, listed, marked
from .model import ApplicationRow, Finding, GrantRow, Review, Source, TenantRow

TITLES = (
    "Tenants", "Application", "Client grants", "Putting it right", "Settings", "Rules", "Waivers in force", "Warnings",
    "What will not happen", "What it takes", "Names for DNS and certificates",
    "Other files that change", "How this was made",
)  # fmt: skip
_FOLD_ROWS = 25
_MADE: Mapping[Source, str] = {
    "preview": "From the engine's own preview, with the state of the stack.",
    "inventory": "From the stack files of two revisions and the inventory that the last deploy published of the state. "
    "No credential was needed, and nothing of the change was run.",
    "files": "From the stack files of two revisions, without the state. No credential was needed, and nothing of the "
    "change was run.",
    "drift": "From a refresh that changes nothing: the state against the appliance.",
}
_LOOKS_FIRST: Text = (
    "What needs nobody's decision is put right by an update that looks first: ", Value("pulumi up --refresh"),
    ", on the local stack ", Value("make up REFRESH=1"), ". A plain update compares the stack file with the state "
    "alone, and doesn't see it. How a pipeline does it is in ", Value("docs/pipelines.md"), " under ",
    Value("When something drifted"), ". What should stay as it was found belongs into the stack file.",
)  # fmt: skip


def sections(review: Review) -> Iterator[Section]:
    """The quiet sections, those that are read most first."""
    if changed := [row for row in review.tenants if row.action != "unchanged"]:
        yield Section("Tenants", (rows.tenants(changed),), folded=len(changed) > _FOLD_ROWS)
    if applications := [row for row in review.applications if row.action != "unchanged"]:
        yield Section("Application", (rows.applications(applications),), "attention")
    if grants := [row for row in review.grants if row.action != "unchanged"]:
        yield Section("Client grants", (rows.grants(grants),), "attention")
    rows_of_all: tuple[TenantRow | ApplicationRow | GrantRow, ...] = (
        *review.tenants, *review.applications, *review.grants,
    )  # fmt: skip
    if any(row.action == "drift" for row in rows_of_all):
        yield Section("Putting it right", (Paragraph(_LOOKS_FIRST),))
    if review.settings:
        yield Section("Settings", (rows.settings(review.settings),), "attention")
    if advice := [f for f in review.findings if f.level == "advisory" or f.waived_by]:
        yield Section("Rules", tuple(_rules(advice)), folded=sum(f.changed for f in advice) > _FOLD_ROWS)
    if waivers := [waiver for waiver in review.waivers if not waiver.expired]:
        yield Section("Waivers in force", (rows.waivers(waivers),))
    if warnings := [d for d in review.diagnostics if d.severity == "warning"]:
        yield Section("Warnings", (Items(tuple((Value(d.message, 500),) for d in warnings)),), folded=len(warnings) > 5)
    if review.not_happening:
        told = tuple(marked(text) for text in review.not_happening)
        yield Section("What will not happen", (Items(told),), folded=len(told) > _FOLD_ROWS)
    if review.effort.requests:
        yield Section("What it takes", (Paragraph(_effort(review)),))
    if names := review.host_names:
        yield Section("Names for DNS and certificates", tuple(_names(names)), folded=len(names) > _FOLD_ROWS)
    if files := review.other_files:
        words = "These files are reviewed as they stand in the pull request; this report says nothing about them."
        listing = Items(tuple((Value(path, 200),) for path in files))
        yield Section("Other files that change", (Paragraph((words,)), listing), folded=len(files) > 10)
    yield Section("How this was made", (Paragraph(_made(review)),))


def _rules(advice: list[Finding]) -> Iterator[Table | Paragraph]:
    """What is found on things that don't change is counted only."""
    if changed := [finding for finding in advice if finding.changed]:
        yield rows.findings(changed)
    if left := len(advice) - len(changed):
        things = "1 finding" if left == 1 else f"{left:,} findings"
        yield Paragraph((f"{'And ' if changed else ''}{things} on what does not change, advisory or waived.",))


def _effort(review: Review) -> Text:
    effort = review.effort
    parts = [
        (effort.tenant_posts, "tenant POST", "tenant POSTs"),
        (effort.token_requests, "token request", "token requests"),
        (effort.grant_requests, "request for client grants", "requests for client grants"),
        (effort.requests_in_tenants, "request inside of tenants", "requests inside of tenants"),
    ]
    told = ", ".join(f"{number:,} {one if number == 1 else many}" for number, one, many in parts if number)
    number = effort.requests
    requests = f"{number:,} {'request' if number == 1 else 'requests'} at least ({told}), about {_time(effort.seconds)}"
    return (requests, *((": ", *marked(effort.basis)) if effort.basis else ()), ".", *_from_the_escrow(review))


def _from_the_escrow(review: Review) -> Text:
    """No review sees into the escrow, so it can't tell such a tenant from a new one."""
    if not review.of("create"):
        return ()
    return (" A tenant that was forgotten and is listed again comes back from the escrow, and is not posted.",)


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _names(names: tuple[str, ...]) -> Iterator[Paragraph | Items]:
    parents = sorted({name.partition(".")[2] for name in names})
    wildcards = listed(f"*.{parent}" for parent in parents)
    yield Paragraph(
        (
            "Each name must resolve to the appliance, and its certificate must hold it. Records and certificates for ",
            *wildcards, " cover them all.",
        )
    )  # fmt: skip
    yield Items(tuple((Value(name, 260),) for name in names))


def _made(review: Review) -> Text:
    revisions: list[str | Value] = []
    for word, value in ((" Base ", review.base), (" Head ", review.head), (" Deployed ", review.deployed)):
        revisions += [word, Value(value[:12]), "."] if value else []
    return (
        *((_MADE[review.source],) if review.stack else ("From the files of two revisions.",)),
        *revisions, " Actions ", Value(review.digest), ".",
    )  # fmt: skip
