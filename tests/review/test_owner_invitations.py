"""Who is invited to a tenant, in reviews: differences of its row, whichever way the review is made."""

from __future__ import annotations

from typing import Any

import pytest

from policy import Settings
from review import drift, preview, verdict
from review.comparison import Judgement, compare
from review.declared import Declared
from review.inside import INVITATIONS
from review.model import Change, Review
from tests.review import told
from tests.review.changes import TODAY, entry, prod
from tests.review.told import began, end, inputs, looked_at, outputs, step

STILL = step("same", "customer-3", old=outputs("customer-3"), new=inputs("customer-3"))
BOTH = "a@example.com, b@example.com"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def declared(*owners: str) -> dict[str, Any]:
    return {
        "rta": "rta.appliance.test", "tenant": "customer-3", "domain": "customer-3.appliance.test",
        "owners": list(owners), "tenant_created_at": "2026-11-24T18:51:24+00:00",
    }  # fmt: skip


def stands(*owners: str, **known: Any) -> dict[str, Any]:
    return declared(*owners) | {"invited": {}, "members": [], "unsure": [], "ready": True, "problem": ""} | known


def previewed(op: str, old: Any, new: Any) -> Review:
    about = step(op, "customer-3-invitations", old=old, new=new, kind=told.INVITATIONS)
    return preview.of_events([began(), STILL, about, end()], stack="test")


@pytest.mark.parametrize(
    ("op", "old", "new", "action", "before_and_after"),
    [
        ("create", None, declared("b@example.com", "A@example.com"), "change", ("", BOTH)),
        ("same", stands("a@example.com"), declared("a@example.com"), "unchanged", None),
        ("update", stands("a@example.com"), declared("a@example.com", "b@example.com"), "change",
         ("a@example.com", BOTH)),
        ("update", stands("a@example.com", ready=False), declared("a@example.com"), "look", None),
        ("delete", stands("a@example.com"), None, "change", ("a@example.com", "")),
    ],
)  # fmt: skip
def test_invitations_are_a_difference_of_their_tenants_row(
    op: str, old: Any, new: Any, action: str, before_and_after: tuple[str, str] | None
) -> None:
    review = previewed(op, old, new)

    changes = (Change("invitations.owners", *before_and_after),) if before_and_after else ()
    assert [(row.action, row.changes) for row in review.tenants] == [(action, changes)]
    assert (review.others, review.findings) == ((), ())
    assert any("keep what they have; nothing is sent" in words for words in review.not_happening) is (op == "delete")
    assert verdict.of(review).status == (1 if changes else 0)


def test_owners_that_can_not_be_shown_are_not_reviewed() -> None:
    review = previewed("update", stands("a@example.com"), declared(UNKNOWN))
    assert review.actions == (("other", "customer-3-invitations", "update", "OwnerInvitations"),)


ON = "  psaas:inviteOwners: true\n"


def of_files(before: str, after: str, *, setting_before: str = ON) -> Review:
    def side(owners: str, setting: str) -> Declared:
        text = prod(more=entry("customer-3", owners))
        path = "stacks/Pulumi.prod.yaml"
        return Declared.of_files("prod", {path: text[path].replace("config:\n", f"config:\n{setting}", 1)})

    old, new = side(before, setting_before), side(after, ON)
    assert (old.problems, new.problems) == ((), ())
    return compare(old, new, judgement=Judgement(Settings(), TODAY), source="files")


def test_of_files_an_owner_who_joins_is_told_to_be_invited_and_the_requests_are_counted() -> None:
    review = of_files("ops@example.com", "ops@example.com, you@example.com")

    [row] = (row for row in review.tenants if row.name == "customer-3")
    joined = "ops@example.com, you@example.com"
    assert row.changes == (
        Change("owners", "ops@example.com", joined), Change("invitations.owners", "ops@example.com", joined),
    )  # fmt: skip
    assert review.effort is not None
    assert review.effort.requests_in_tenants == 3
    [words] = (words for words in review.not_happening if "`customer-3`" in words)
    assert words.endswith("Who is new is invited; remove people in the dashboard")


def test_of_files_the_setting_and_every_tenant_whose_owners_it_invites_are_told() -> None:
    review = of_files("ops@example.com", "ops@example.com", setting_before="")

    assert [(row.key, row.before, row.after) for row in review.settings] == [("psaas:inviteOwners", "", "true")]
    changes = {row.name: row.changes for row in review.tenants}
    assert changes["customer-3"] == (Change("invitations.owners", "", "ops@example.com"),)


def test_a_look_finds_nothing_about_invitations_but_that_they_would_go_from_the_state() -> None:
    still = looked_at("same", "customer-3", old=outputs("customer-3"), new=outputs("customer-3"))
    found = looked_at("delete", "customer-3-invitations", old=stands("a@example.com"), new=None, kind=told.INVITATIONS)

    [row] = drift.of_events([began(), still, found, end()], stack="test").tenants

    assert (row.action, row.note) == ("drift", INVITATIONS.gone)
