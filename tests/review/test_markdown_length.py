"""A report fits into a comment: rows are cut, the harmless ones first, and what was cut is said."""

from __future__ import annotations

from itertools import count

import pytest

from review import markdown
from review.model import Review, TenantRow
from tests.review.filled import filled


def review_of(*, created: int = 0, deleted: int = 0, stack: str = "prod") -> Review:
    new = (TenantRow(f"customer-{n:04}", "create", ("ops@example.com",), f"customer-{n:04}.example.com")
           for n in range(created))  # fmt: skip
    gone = (TenantRow(f"old-{n:04}", "delete", ("ops@example.com",)) for n in range(deleted))
    return Review("inventory", stack, "rta.example.com", tenants=(*gone, *new))


@pytest.mark.parametrize(("created", "deleted"), [(300, 0), (2000, 3), (0, 3000), (9000, 9000)])
def test_a_long_report_fits_and_says_what_was_cut(created: int, deleted: int) -> None:
    report = markdown.render([review_of(created=created, deleted=deleted)])

    assert len(report.encode()) <= markdown.MOST_BYTES
    assert f"+{created:,} tenants, 0 owner changes, {deleted:,} deletions" in report
    if created + deleted > 1000:
        assert "more, in the HTML report" in report


def test_harmless_rows_are_cut_before_any_deletion() -> None:
    report = markdown.render([review_of(created=5000, deleted=300)])

    deletions = report.partition("#### ⚠️ Deletions")[2].partition("<details>")[0]
    assert all(f"`old-{n:04}`" in deletions for n in range(300))
    assert "… and 5,000 more, in the HTML report" in report or "… and 5,300 more, in the HTML report" in report


def test_deletions_that_do_not_fit_are_cut_loudly() -> None:
    report = markdown.render([review_of(deleted=5000)])

    deletions = report.partition("#### ⚠️ Deletions")[2].partition("<details>")[0]
    shown = deletions.count("- `old-")
    assert 0 < shown < 5000
    assert f"**… and {5000 - shown:,} more, in the HTML report**" in deletions


def test_many_stacks_keep_their_headlines_and_the_worst_come_first_where_not_all_fit() -> None:
    reviews = [review_of(created=1, stack=f"stack-{n:03}") for n in range(500)] + [review_of(deleted=1, stack="last")]

    report = markdown.render(reviews)

    assert len(report.encode()) <= markdown.MOST_BYTES
    assert report.startswith("<!-- psaas-review: stack=last -->")
    left = 501 - report.count("<!-- psaas-review: stack=")
    assert f"**… and {left:,} more stacks, in the HTML report.**" in report


def test_the_longest_values_still_fit() -> None:
    numbers = count()
    report = markdown.render([filled(lambda: f"{next(numbers)}" + "x" * 5000, tenants=20)])

    assert len(report.encode()) <= markdown.MOST_BYTES


def test_the_limit_is_a_setting_for_other_forges() -> None:
    review = review_of(created=4000)

    assert len(markdown.render([review], most_bytes=1_000_000)) > len(markdown.render([review]))
    assert "customer-3999" in markdown.render([review], most_bytes=1_000_000)
