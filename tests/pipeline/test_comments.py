"""The one comment of a change: found by its mark and its author, bounded, and read back by a deploy."""

from __future__ import annotations

import re

import pytest

from pipeline import comment
from pipeline.reports import Report
from tests.pipeline.forge_server import BOT, ForgeServer
from tests.pipeline.test_forges import github, gitlab

HEAD = "a" * 40
CREATE = ("rta.example.com", "tenant", "customer-1", "create")
REPORTS = {"prod": Report("prod", "digest", frozenset({CREATE}))}
OF = [pytest.param(github, id="GitHub"), pytest.param(gitlab, id="GitLab")]


@pytest.mark.parametrize("of", OF)
def test_a_second_report_replaces_the_first_also_on_a_later_page(forge: ForgeServer, of: type) -> None:
    for number in range(5):
        forge.say(7, f"words of people {number}", by="octocat")
    first, second = (comment.body(f"Report {n}", REPORTS, head=HEAD) for n in (1, 2))

    assert not comment.write(of(forge), 7, first)
    assert comment.write(of(forge), 7, second)

    assert [c["body"] for c in forge.comments[7][5:]] == [second]
    asked = len(forge.requests)
    assert comment.write(of(forge), 7, second)
    assert not [r for r in forge.requests[asked:] if not r.startswith("GET ")]


def test_a_planted_comment_is_neither_edited_nor_believed(forge: ForgeServer) -> None:
    planted = comment.body(
        "All is well", {"prod": Report("prod", "", frozenset({("x", "tenant", "evil", "delete")}))}, head=HEAD
    )
    forge.say(7, planted, by="mallory")

    assert comment.shown_on(github(forge), 7) is None
    comment.write(github(forge), 7, comment.body("Report", REPORTS, head=HEAD))

    assert [c["user"]["login"] for c in forge.comments[7]] == ["mallory", BOT]
    assert forge.comments[7][0]["body"] == planted
    read = comment.shown_on(github(forge), 7)
    assert read is not None
    assert (read.head, read.actions) == (HEAD, {"prod": frozenset({CREATE})})


def test_a_quoted_first_line_within_the_report_says_nothing() -> None:
    hostile = comment.body(
        "x", {"prod": Report("prod", "", frozenset({("x", "tenant", "evil", "delete")}))}, head="b" * 40
    )

    read = comment.shown(comment.body(hostile, REPORTS, head=HEAD))

    assert read is not None
    assert (read.head, read.actions) == (HEAD, {"prod": frozenset({CREATE})})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<!-- psaas-review -->",
        f"<!-- psaas-review head={HEAD} actions=%% -->",
        f"<!-- psaas-review head={HEAD} actions=AAAA -->",
    ],
)
def test_a_first_line_that_is_damaged_says_nothing(text: str) -> None:
    assert comment.shown(text) is None


def test_a_first_line_that_unpacks_to_gigabytes_says_nothing() -> None:
    packed = comment._packed({"prod": [["x" * 30_000_000]]})

    assert len(packed) < 60_000
    assert comment.shown(f"<!-- psaas-review head={HEAD} actions={packed} -->") is None


def test_a_report_of_any_length_fits_and_says_that_it_is_cut() -> None:
    text = comment.body("<details>\n\n```text\n" + "a row\n" * 20_000, REPORTS, head=HEAD)

    assert len(text) <= comment.LIMIT
    assert text.endswith(comment.CUT)
    assert re.search(r"a row\n```\n</details>\n\n\*\*The report is cut here", text)
    assert comment.shown(text) is not None


def test_of_too_many_actions_none_is_said_so_that_a_deploy_asks_a_person() -> None:
    import random

    letters = random.Random(1)  # noqa: S311
    names = ["".join(letters.choices("abcdefghijklmnopqrstuvwxyz", k=60)) for _ in range(3000)]
    many = Report("prod", "", frozenset(("rta.example.com", "tenant", name, "create") for name in names))

    text = comment.body("Report", {"prod": many}, head=HEAD)

    assert len(text) < 1000
    read = comment.shown(text)
    assert read is not None
    assert read.actions == {}


def test_a_thousand_plain_creations_can_be_said() -> None:
    names = [f"customer-{number}" for number in range(1000)]
    many = Report("prod", "", frozenset(("rta.example.com", "tenant", name, "create") for name in names))

    read = comment.shown(comment.body("Report", {"prod": many}, head=HEAD))

    assert read is not None
    assert read.actions == {"prod": many.actions}
