"""What a report says: every section, every column, and what each counts."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from review import as_json, loud, markdown, page, quiet, report, rows
from review.document import marked
from review.model import Change, Finding, Review, TenantRow
from tests.review.filled import ACTIONS, filled

FULL = filled(lambda: "aaa")
DOCUMENTATION = (Path(__file__).resolve().parents[2] / "docs" / "review.md").read_text(encoding="utf-8")
COLUMNS = {
    *rows.TENANT_COLUMNS,
    *rows.APPLICATION_COLUMNS,
    *rows.GRANT_COLUMNS,
    *rows.SETTING_COLUMNS,
    *rows.FINDING_COLUMNS,
    *rows.WAIVER_COLUMNS,
}


def test_a_full_report_has_every_section_the_dangerous_ones_first() -> None:
    titles = [section.title for section in report.of(FULL).sections]

    assert titles == [*loud.TITLES, *quiet.TITLES]


@pytest.mark.parametrize("title", [*loud.TITLES, *quiet.TITLES])
def test_every_section_is_printed_both_ways_and_described(title: str) -> None:
    assert re.search(rf"^#### (?:\S+ )?{title}$|<b>{title}</b>", markdown.render([FULL]), re.MULTILINE)
    assert f">{title}<" in re.sub(r"<svg.*?</svg>|<span.*?</span>| (?=<)", "", page.render([FULL]))
    assert re.search(rf"^\| {title} \|", DOCUMENTATION, re.MULTILINE)


@pytest.mark.parametrize("column", sorted(COLUMNS))
def test_every_column_is_printed_both_ways_and_described(column: str) -> None:
    assert re.search(rf"^\|.* {column} \|.*\n\| ---", markdown.render([FULL]), re.MULTILINE)
    assert f">{column}</th>" in page.render([FULL])
    assert f"**{column}**" in " ".join(DOCUMENTATION.split())


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_has_its_word_in_reports_and_documentation(action: str) -> None:
    word = rows.TENANT_WORDS[action]  # type: ignore[index]

    assert f"| {word} | `aaa` |" in markdown.render([FULL])
    assert f"| {word} | `{action}` |" in DOCUMENTATION


def test_the_tenants_that_are_in_danger_are_named_in_their_own_sections() -> None:
    review = Review(
        "preview", "prod", "rta.example.com",
        tenants=tuple(TenantRow(f"of-{action}", action) for action in ACTIONS),
    )  # fmt: skip
    text = markdown.render([review])
    sections = {part.partition("\n")[0].rpartition("️ ")[2].rpartition("⛔ ")[2]: part for part in text.split("#### ")}

    for title, actions in {
        "Deletions": ("delete",), "Made again": ("recreate",), "Takeovers": ("adopt", "inventory"),
        "Forgotten": ("forget",), "New secrets": ("rotate",), "Forbidden": ("refused", "unretire"), "Drift": ("drift",),
    }.items():  # fmt: skip
        named = re.findall(r"^- `(of-\w+)`", sections[title], re.MULTILINE)
        assert named == [f"of-{action}" for action in actions]


def test_what_does_not_change_is_counted_and_not_listed() -> None:
    still = tuple(TenantRow(f"still-{n}", "unchanged") for n in range(2500))
    advice = tuple(Finding("owners-minimum", "advisory", row.name, "x", changed=False) for row in still)
    text = markdown.render([Review("preview", "prod", "rta.example.com", tenants=still, findings=advice)])

    assert "2,500 unchanged" in text
    assert "2,500 findings on what does not change" in text
    assert "still-" not in text


def test_an_owner_change_is_counted_whatever_else_differs() -> None:
    both = (Change("labels", "a", "b"), Change("owners", "a", "b"))
    review = Review("preview", "prod", "rta", tenants=(TenantRow("customer-1", "change", changes=both),))

    assert report.counts(review) == "+0 tenants, 1 owner change, 0 deletions, 1 changed"


def test_a_report_made_without_the_state_says_so_at_once_and_others_do_not() -> None:
    for source in ("preview", "inventory", "files", "drift"):
        text = markdown.render([replace(FULL, source=source)])  # type: ignore[arg-type]
        head = text.partition("####")[0]

        assert ("Made without the state" in head) == (source == "files")


def test_the_same_review_gives_the_same_bytes() -> None:
    for printer in (markdown.render, page.render, as_json.render):
        assert printer([FULL]) == printer([filled(lambda: "aaa")])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Take it out of psaas:scopes.", "Take it out of psaas:scopes."),
        ("`customer-1`: its owners stay `a, b`", "`customer-1`: its owners stay `a, b`"),
        ("see www.example.com", "`see www.example.com`"),
        ("at 0.4 s a tenant, assumed", "at 0.4 s a tenant, assumed"),
        ("1. a list", "`1. a list`"),
        ("commit deadbeef", "`commit deadbeef`"),
        ("a:rocket: b", "`a:rocket: b`"),
        ("odd ` tick", "``odd ` tick``"),
        ("`` is empty", "```` `` is empty ````"[1:-1]),
        ("me@example.com wrote", "`me@example.com wrote`"),
    ],
)
def test_a_sentence_is_ours_only_where_it_looks_like_nothing_else(text: str, shown: str) -> None:
    assert markdown.inline(marked(text)) == shown
