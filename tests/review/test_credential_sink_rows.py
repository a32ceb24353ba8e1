"""Where a team reads its credential, in reviews: differences of its tenant's row, whichever way the review is made."""

from __future__ import annotations

from typing import Any

import pytest

from policy import Settings
from review import drift, preview, verdict
from review.comparison import Judgement, compare
from review.declared import Declared
from review.model import Change, Review
from tests.review import told
from tests.review.changes import TODAY, entry, prod
from tests.review.told import began, end, inputs, looked_at, outputs, step

PLACE = {"kind": "vault", "address": "https://vault.example.com", "namespace": "", "mount": "secret", "role_id": ""}
HERE, THERE = PLACE | {"path": "psaas/customer-3"}, PLACE | {"path": "teams/customer-3"}
STILL = step("same", "customer-3", old=outputs("customer-3"), new=inputs("customer-3"))
NEW = (
    Change("sink.address", "", "https://vault.example.com"),
    Change("sink.credential", "", "its team's"),
    Change("sink.kind", "", "vault"),
    Change("sink.mount", "", "secret"),
    Change("sink.path", "", "psaas/customer-3"),
)
AGAIN = (Change("sink.credential", "none", "its team's"),)
GONE = tuple(Change(change.name, change.after, "") for change in NEW)
MOVED = (Change("sink.path", "psaas/customer-3", "teams/customer-3"),)
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def declared(**named: Any) -> dict[str, Any]:
    given = {"tenant": "customer-3", "client": "Team", "client_id": "team", "sink": HERE, "adopt": False}
    return {"rta": "rta.appliance.test", "domain": "customer-3.appliance.test"} | given | named


def stands(**named: Any) -> dict[str, Any]:
    known = {"fingerprint": "f", "seen": "f", "written_at": "", "ready": True, "problem": ""}
    return declared() | known | named


def previewed(op: str, old: Any, new: Any) -> Review:
    about = step(op, "customer-3-sink", old=old, new=new, kind=told.SINK)
    return preview.of_events([began(), STILL, about, end()], stack="test")


@pytest.mark.parametrize(
    ("op", "old", "new", "action", "changes"),
    [
        ("create", None, declared(client=UNKNOWN, client_id=UNKNOWN), "change", NEW),
        ("create", None, declared(client=""), "change", (NEW[0], Change("sink.credential", "", "its own"), *NEW[2:])),
        ("same", stands(), declared(), "unchanged", ()),
        ("update", stands(), declared(sink=THERE), "change", MOVED),
        ("update", stands(seen=""), declared(client=UNKNOWN), "change", AGAIN),
        ("update", stands(), declared(client=UNKNOWN, client_id=UNKNOWN), "look", ()),
        ("update", stands(ready=False), declared(), "look", ()),
        ("delete", stands(), None, "change", GONE),
    ],
)
def test_a_credentials_place_is_differences_of_its_tenants_row(
    op: str, old: Any, new: Any, action: str, changes: tuple[Change, ...]
) -> None:
    review = previewed(op, old, new)

    assert [(row.action, row.changes) for row in review.tenants] == [(action, changes)]
    assert (review.others, review.findings) == ((), ())
    assert verdict.of(review).status == (1 if changes else 0)


def test_a_place_that_can_not_be_shown_is_not_reviewed() -> None:
    review = previewed("update", stands(), declared(sink=HERE | {"path": UNKNOWN}))
    assert review.actions == (("other", "customer-3-sink", "update", "CredentialSink"),)


SINK = "  psaas:sink: {kind: vault, address: https://vault.example.com%s}\n"
INSIDE = "      managementClient: {scopes: [read:clients]}\n"


def of_files(before: str, after: str) -> Review:
    def side(sink: str) -> Declared:
        text = prod(more=entry("customer-3", more=INSIDE))
        path = "stacks/Pulumi.prod.yaml"
        return Declared.of_files("prod", text | {path: text[path].replace("config:\n", f"config:\n{sink}", 1)})

    old, new = side(before), side(after)
    assert (old.problems, new.problems) == ((), ())
    return compare(old, new, judgement=Judgement(Settings(), TODAY), source="files")


@pytest.mark.parametrize(
    ("before", "after", "changes", "left"),
    [
        ("", SINK % "", NEW, False),
        (SINK % "", SINK % ', path: "teams/{tenant}"', MOVED, True),
        (SINK % "", "", GONE, True),
    ],
)
def test_of_files_it_is_told_in_the_same_way_and_the_setting_is_guarded(
    before: str, after: str, changes: tuple[Change, ...], left: bool
) -> None:
    review = of_files(before, after)

    [row] = (row for row in review.tenants if row.action != "unchanged")
    assert (row.action, row.name, row.changes) == ("change", "customer-3", changes)
    assert [(row.key, row.guarded) for row in review.settings] == [("psaas:sink", True)]
    assert any("so far stays there" in words for words in review.not_happening) is left
    assert verdict.of(review).status == 2  # without an approval


@pytest.mark.parametrize(
    ("old", "new", "holds", "note"),
    [
        ({}, {}, "", ""),
        ({}, {"seen": ""}, "none", "is missing where its team reads it"),
        ({}, {"seen": "older"}, "another", "another credential than the present one"),
        ({"seen": ""}, {}, "its team's", "lies where its team reads it again"),
    ],
)
def test_what_is_missing_or_older_in_a_sink_is_drift_of_its_tenant(
    old: dict[str, Any], new: dict[str, Any], holds: str, note: str
) -> None:
    still = looked_at("same", "customer-3", old=outputs("customer-3"), new=outputs("customer-3"))
    op = "update" if old != new else "same"
    found = looked_at(op, "customer-3-sink", old=stands(**old), new=stands(**new), kind=told.SINK)

    review = drift.of_events([began(), still, found, end()], stack="test")

    found_otherwise = Change("sink.credential", "its team's", holds)
    changes = (found_otherwise,) if holds in ("none", "another") else ()
    assert [(row.action, row.changes) for row in review.tenants] == [("drift" if holds else "unchanged", changes)]
    assert note in review.tenants[0].note
    assert review.others == ()
