"""The JSON report: the whole value, and whether two would do the same."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from review import as_json
from review.model import Change, Effort, GrantRow, Review, TenantRow
from tests.review.changes import CHANGES, prod
from tests.review.filled import filled
from tests.review.repository import Repository

FULL = filled(lambda: "aaa")
DOCUMENTATION = (Path(__file__).resolve().parents[2] / "docs" / "review.md").read_text(encoding="utf-8")


def document(review: Review = FULL) -> Any:
    return json.loads(as_json.render([review]))


def names(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for key, inner in value.items() if key != "labels" for name in names(inner)}
    return {name for inner in value for name in names(inner)} if isinstance(value, list) else set()


def test_it_holds_every_field_of_the_value() -> None:
    found = document()["reviews"][0]

    assert len(found) == len(fields(Review)) + 3
    assert found["tenants"][0]["changes"][0] == {"name": "aaa", "before": "aaa", "after": "aaa"}
    assert found["tenants"][0]["labels"] == {"aaaa": "aaa"}
    assert found["effort"] == {
        "tenantPosts": 3,
        "tokenRequests": 5,
        "grantRequests": 1,
        "seconds": 40.0,
        "basis": "aaa",
        "requestsInTenants": 2,
    }
    assert found["verdict"]["status"] == document()["verdict"] == 2
    assert (found["digest"], found["actions"]) == (FULL.digest, [list(action) for action in FULL.actions])


def test_every_field_is_described() -> None:
    for name in names(document()):
        assert f"`{name}`" in DOCUMENTATION, name


def test_what_others_wrote_stays_ascii_text() -> None:
    text = as_json.render([filled(lambda: "\u202e\x1b")])

    assert text.isascii()
    assert json.loads(text)["reviews"][0]["stack"] == "\u202e\x1b"


ROW = TenantRow("customer-1", "change", changes=(Change("owners", "a", "b"),))
BASE = Review("files", "prod", "rta.example.com", tenants=(ROW,), grants=(GrantRow("provisioning", "unchanged"),))


@pytest.mark.parametrize(
    "other",
    [
        replace(BASE, source="preview", base="1", head="2", effort=Effort(1)),
        replace(BASE, tenants=(*BASE.tenants, TenantRow("customer-2", "unchanged"), TenantRow("customer-3", "look"))),
        replace(BASE, tenants=(replace(ROW, place="stacks/tenants/a.yaml:7", note="x"),)),
    ],
)
def test_two_reviews_are_the_same_that_would_do_the_same(other: Review) -> None:
    assert other.digest == BASE.digest
    assert not list(as_json.differences(*(as_json.actions(as_json.render([one])) for one in (BASE, other))))


@pytest.mark.parametrize(
    "other",
    [
        replace(BASE, stack="staging"),
        replace(BASE, appliance="rta.example.net"),
        replace(BASE, tenants=()),
        replace(BASE, tenants=(replace(ROW, name="customer-9"),)),
        replace(BASE, tenants=(replace(ROW, action="adopt"),)),
        replace(BASE, tenants=(replace(ROW, changes=(Change("owners", "a", "c"),)),)),
        replace(BASE, tenants=(ROW, TenantRow("customer-2", "create"))),
        replace(BASE, tenants=(ROW, TenantRow("customer-2", "create", owners=("another@example.com",)))),
        replace(BASE, grants=(GrantRow("provisioning", "change", added=("read:tenants",)),)),
    ],
)
def test_two_reviews_differ_that_would_do_another_thing(other: Review) -> None:
    assert other.digest != BASE.digest
    assert list(as_json.differences(*(as_json.actions(as_json.render([one])) for one in (BASE, other))))


def test_another_owner_of_a_new_tenant_is_another_action() -> None:
    reviews = [
        replace(BASE, tenants=(TenantRow("customer-2", "create", owners=owners),))
        for owners in (("a@example.com", "b@example.com"), ("b@example.com", "a@example.com"), ("c@example.com",))
    ]

    assert reviews[0].digest == reviews[1].digest != reviews[2].digest


def test_same_ends_with_zero_or_says_what_differs(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "project")
    repository.commit(prod())
    for name in ("plain-addition", "takeover"):
        (repository.folder / f"{name}.json").write_text(as_json.render([CHANGES[name].review()]))
    (repository.folder / "odd.json").write_text("{}")

    same = repository.review("same", "takeover.json", "takeover.json")
    other = repository.review("same", "plain-addition.json", "takeover.json")
    odd = repository.review("same", "takeover.json", "odd.json")
    missing = repository.review("same", "takeover.json", "nowhere.json")

    assert (same.returncode, same.stdout, same.stderr) == (0, "", "")
    assert other.returncode == 2
    assert other.stdout.splitlines() == [
        "prod on rta.example.com: not approved: tenant acquired adopt "
        "deletion=refuse domain=acquired.example.com owners=",
        "prod on rta.example.com: not approved: tenant listed inventory "
        "deletion=refuse domain=listed.example.com owners=",
        "prod on rta.example.com: approved, and no longer done: tenant new-shop create "
        "deletion=refuse domain=new-shop.example.com owners=ops@example.com",
    ]
    assert (odd.returncode, odd.stderr) == (2, "error: odd.json: is not a JSON report of this reviewer\n")
    assert (missing.returncode, missing.stderr) == (
        2,
        "error: nowhere.json: can't be read: No such file or directory\n",
    )


@pytest.mark.parametrize(
    "arguments", [(), ("unheard",), ("files",), ("files", "--base", "main"), ("same", "a"), ("preview",), ("drift",)]
)
def test_wrong_use_is_told_apart_from_every_verdict(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ran = Repository(tmp_path / "project").review(*arguments)

    assert ran.returncode == 64
    assert "usage: python -m review" in ran.stderr
