"""A team's application in reviews: differences of its tenant's row, whichever way the review is made."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.automation.events import EngineEvent

from policy import Settings
from review import drift, preview, verdict
from review.comparison import Judgement, compare
from review.declared import Declared
from review.model import Change, Review
from tests.review import told
from tests.review.changes import TODAY, entry, prod
from tests.review.told import began, end, inputs, looked_at, outputs, step

SCOPES = Change("managementClient.scopes", "read:clients", "read:clients, update:clients")
GONE = (
    Change("managementClient.name", "Team", ""),
    Change("managementClient.previousHours", "168", ""),
    Change("managementClient.scopes", "read:clients", ""),
)
NEW = tuple(Change(change.name, "", change.before) for change in GONE)
STILL = step("same", "customer-1", old=outputs("customer-1"), new=inputs("customer-1"))


def declared(**named: Any) -> dict[str, Any]:
    return {
        "rta": "rta.appliance.test", "tenant": "customer-1", "domain": "customer-1.appliance.test", "name": "Team",
        "scopes": ["read:clients"], "rotate": "", "previous_hours": 168.0,
    } | named  # fmt: skip


def stands(**named: Any) -> dict[str, Any]:
    known = {"applied_scopes": ["read:clients"], "previous_client_id": "", "ready": True, "problem": ""}
    return declared() | known | {"client_id": "team", "client_secret": told.SECRET} | named


def previewed(*seen: EngineEvent) -> Review:
    return preview.of_events([began(), *seen, end()], stack="test")


@pytest.mark.parametrize(
    ("op", "old", "new", "action", "changes"),
    [
        ("create", None, declared(), "change", NEW),
        ("same", stands(), declared(), "unchanged", ()),
        ("update", stands(), declared(scopes=["update:clients", "read:clients"]), "change", (SCOPES,)),
        ("update", stands(), declared(rotate="B"), "change", (Change("managementClient.rotate", "", "B"),)),
        ("update", stands(applied_scopes=["read:clients", "read:users"]), declared(), "change",
         (Change("managementClient.scopes", "read:clients, read:users", "read:clients"),)),
        ("update", stands(applied_scopes=[]), declared(), "change",
         (Change("managementClient.scopes", "none", "read:clients"),)),
        ("update", stands(applied_scopes=[], ready=False), declared(), "look", ()),
        ("update", stands(previous_client_id="before"), declared(), "look", ()),
        ("delete", stands(), None, "change", GONE),
    ],
)  # fmt: skip
def test_a_teams_application_is_differences_of_its_tenants_row(
    op: str, old: Any, new: Any, action: str, changes: tuple[Change, ...]
) -> None:
    review = previewed(STILL, step(op, "customer-1-client", old=old, new=new, kind=told.TEAM))

    assert [(row.action, row.changes) for row in review.tenants] == [(action, changes)]
    assert (review.others, review.findings) == ((), ())
    assert verdict.of(review).status == (1 if changes else 0)


def test_what_ends_with_an_update_is_said_of_a_tenant_whose_team_loses_its_credential() -> None:
    ends = step("delete", "customer-1-client", old=stands(), kind=told.TEAM)
    forgotten = step("delete", "customer-1", old=outputs("customer-1", deletion="forget"))
    outlived = step("update", "customer-1-client", old=stands(previous_client_id="x"), new=declared(), kind=told.TEAM)

    assert "stops working" in previewed(STILL, ends).tenants[0].note
    [row] = previewed(forgotten, ends).tenants
    assert (row.action, "stops working" in row.note) == ("forget", True)
    assert "has had its time" in previewed(STILL, outlived).tenants[0].note


@pytest.mark.parametrize("scopes", [told.SECRET, ["[secret]"], ["04da6b54-80e4-46f7-96ec-b56ff0331ba9"]])
def test_scopes_that_can_not_be_shown_are_not_reviewed(scopes: Any) -> None:
    after = declared(scopes=scopes)

    review = previewed(STILL, step("update", "customer-1-client", old=stands(), new=after, kind=told.TEAM))

    assert review.actions == (("other", "customer-1-client", "update", "ManagementClient"),)


def of_files(before: str, after: str) -> Review:
    sides = (Declared.of_files("prod", prod(more=entry("customer-3", more=more))) for more in (before, after))
    old, new = sides
    assert (old.problems, new.problems) == ((), ())
    return compare(old, new, judgement=Judgement(Settings(), TODAY), source="files")


INSIDE = "      managementClient: {scopes: [%s]}\n"
FEW, MANY = INSIDE % "read:clients", INSIDE % "read:clients, update:clients"


@pytest.mark.parametrize(
    ("before", "after", "changes", "requests"), [("", FEW, NEW, 5), (FEW, MANY, (SCOPES,), 4), (FEW, "", GONE, 1)]
)
def test_of_files_it_is_told_in_the_same_way_and_needs_a_person(
    before: str, after: str, changes: tuple[Change, ...], requests: int
) -> None:
    review = of_files(before, after)

    [row] = (row for row in review.tenants if row.action != "unchanged")
    assert (row.action, row.changes) == ("change", changes)
    assert review.settings == ()
    assert review.effort.requests_in_tenants == requests
    assert verdict.of(review).status == 1


@pytest.mark.parametrize(
    ("old", "new", "action", "changes", "note"),
    [
        ({}, {}, "unchanged", (), ""),
        ({}, {"applied_scopes": ["read:clients", "update:clients"]}, "drift", (SCOPES,), "puts its team's application"),
        ({}, {"ready": False, "problem": "its secret was changed by somebody else"}, "drift", (),
         "its secret was changed by somebody else"),
        ({}, None, "drift", GONE, "is gone; an update with --refresh makes another one"),
        ({"ready": False}, {"ready": False, "applied_scopes": []}, "unchanged", (), ""),
    ],
)  # fmt: skip
def test_what_somebody_did_to_a_teams_application_is_drift_of_its_tenant(
    old: dict[str, Any], new: dict[str, Any] | None, action: str, changes: tuple[Change, ...], note: str
) -> None:
    still = looked_at("same", "customer-1", old=outputs("customer-1"), new=outputs("customer-1"))
    op = "delete" if new is None else "update" if new else "same"
    after = None if new is None else stands(**new)
    found = looked_at(op, "customer-1-client", old=stands(**old), new=after, kind=told.TEAM)

    review = drift.of_events([began(), still, found, end()], stack="test")

    assert [(row.action, row.changes) for row in review.tenants] == [(action, changes)]
    assert note in review.tenants[0].note
    assert review.others == ()
