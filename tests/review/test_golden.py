"""Reports of one change each, byte for byte. How they are written anew stands in tests/review/golden.py."""

from __future__ import annotations

import pytest

from review import markdown
from tests.review.changes import CHANGES, reports
from tests.review.golden import FOLDER, expected

EXPECTED = expected()
VERDICTS = {
    "plain-addition": 0, "plain-addition-without-the-state": 0, "nothing-to-do": 0, "three-hundred-additions": 0,
    "takeover": 1, "removal-forgotten": 1, "retire-with-delete": 1, "guarded-setting-approved": 1,
    "owners-and-labels": 1, "waiver-used": 1, "hostile-labels": 1,
    "teams-applications": 1, "teams-applications-that-end": 1,
    "settings": 1, "rotation": 1, "application": 1, "application-new": 1, "older-inventory": 0,
    "bad-name": 2, "removal-refused": 2, "name-no-longer-retired": 2, "grant-widened": 2, "guarded-setting": 2,
    "waiver-expired": 2, "hostile-values": 2,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_report_is_the_same_bytes_every_time(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == EXPECTED[name]


def test_no_expected_report_is_left_over() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_each_change_gets_the_verdict_that_it_should(name: str) -> None:
    assert f"verdict={VERDICTS[name]} -->" in markdown.render(reports()[name])
