"""The sections of a report that shout: mistakes, what is forbidden, deletions, takeovers. They say what it means."""

from __future__ import annotations

from collections.abc import Iterator

from . import rows, verdict
from .document import Items, Paragraph, Section, Text, Tone, Value, listed, marked
from .model import Review, TenantAction, TenantRow

_MEANING: tuple[tuple[str, tuple[TenantAction, ...], str, Tone], ...] = (
    (
        "Deletions",
        ("delete",),
        "These tenants are deleted on the appliance with everything in them, for ever. A name can be used once: none "
        "of these can return. The run must name each of them in PSAAS_ALLOW_DELETE, or it stops.",
        "danger",
    ),
    (
        "Made again",
        ("recreate",),
        "The appliance no longer lists these tenants, so they are posted again. A credential is shown once: the new "
        "one replaces the old one, which is worth nothing any more. Users and settings do not come back.",
        "danger",
    ),
    (
        "Takeovers",
        ("adopt", "inventory"),
        "These tenants exist already, and nothing is posted. A credential that is given is tried at the tenant's own "
        "domain and then kept in the state, so whoever reads the state can act as it. Make sure that they are yours.",
        "danger",
    ),
    (
        "Forgotten",
        ("forget",),
        "These tenants stay on the appliance with everything in them, and nobody manages them from here any more. "
        "Their credentials go to the escrow first. A name can be used once: it stays taken.",
        "danger",
    ),
    (
        "New secrets",
        ("rotate",),
        "The credential of each of these gets a new secret. Whoever was handed the old one must be handed the new one: "
        "the old one stops working.",
        "danger",
    ),
    ("Drift", ("drift",), "The appliance is not what the state says of these tenants.", "attention"),
)
TITLES = ("Mistakes", "Forbidden", "Broken rules", *(title for title, *_ in _MEANING))


def sections(review: Review) -> Iterator[Section]:
    """The loud sections of a report, the loudest first."""
    if errors := [d for d in review.diagnostics if d.severity == "error"]:
        yield Section("Mistakes", (Items(tuple((Value(d.message, 500),) for d in errors)),), "forbidden")
    if forbidden := (*_expired(review), *_unapproved(review), *_left(review)):
        yield Section("Forbidden", (Items(forbidden),), "forbidden")
    if broken := verdict.broken_rules(review):
        yield Section("Broken rules", (rows.findings(broken),), "forbidden")
    for title, actions, words, tone in _MEANING:
        if found := (*_applications(review, actions), *map(_tenant, review.of(*actions))):
            yield Section(title, (Paragraph((words,)), Items(found)), tone)


def _expired(review: Review) -> Iterator[Text]:
    for waiver in verdict.expired(review):
        about: Text = (" for ", Value(waiver.tenant)) if waiver.tenant else ()
        yield (
            "The waiver of ", Value(waiver.rule), *about, ", approved by ", Value(waiver.approver),
            ", ended on ", Value(waiver.until), ". Renew it or remove it.",
        )  # fmt: skip


def _unapproved(review: Review) -> Iterator[Text]:
    for row in verdict.unapproved(review):
        before, after = (((Value(text, 200),) if text else ("nothing",)) for text in (row.before, row.after))
        yield (
            Value(row.key), " can lead secrets elsewhere. It changes from ", *before, " to ", *after,
            ", and nobody who may has approved it.",
        )  # fmt: skip


def _left(review: Review) -> Iterator[Text]:
    for row in review.of("refused"):
        if row.note:
            yield (Value(row.name), ": ", *marked(row.note, 300), ".")
            continue
        yield (
            Value(row.name), " left the list while its deletion is refuse, so the update would stop. To let it go, "
            "move its name to ", Value("psaas:retired"), " in the same change.",
        )  # fmt: skip
    for kept in (row for row in review.applications if row.action == "refused"):
        yield ("The application ", Value(kept.name), " can't go: ", *marked(kept.note, 300), ".")
    for row in review.of("unretire"):
        yield (
            Value(row.name), " left ", Value("psaas:retired"), ". A name can be used once, so it must stay there",
            *_note(row), ".",
        )  # fmt: skip


def _applications(review: Review, actions: tuple[TenantAction, ...]) -> Iterator[Text]:
    for row in review.applications:
        if row.action == "rotate" and "rotate" in actions:
            yield (Value(row.name), ", the application that makes tenants")


def _tenant(row: TenantRow) -> Text:
    where: Text = (" at ", Value(row.domain)) if row.domain else ()
    owners: Text = (", owners ", *listed(row.owners, 5)) if row.owners else ()
    how = ", without a credential" if row.action == "inventory" else ""
    return tuple(part for part in (Value(row.name), *where, *owners, how, *_note(row)) if part != "")


def _note(row: TenantRow) -> Text:
    return (" (", *marked(row.note, 300), ")") if row.note else ()
