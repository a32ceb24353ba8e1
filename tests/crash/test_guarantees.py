"""docs/guarantees.md names tests that there are."""

from __future__ import annotations

import re

from tests.engine.stack import ROOT


def test_every_test_that_a_guarantee_names_exists() -> None:
    named = re.findall(
        r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
    )

    assert len(named) > 20
    missing = [
        f"{file}::{test}" for file, test in named
        if not (ROOT / file).is_file() or f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8") + "def ("
    ]  # fmt: skip
    assert missing == []
