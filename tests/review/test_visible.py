"""What is shown of a stranger's text stands for that text alone, and every character of it is seen."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.visible import visible
from tests.review.hostile import hostile

ESCAPE = re.compile(r"\\U([0-9a-f]{8})|\\(\\|n|r|t|u[0-9a-f]{4})")


def read(shown: str) -> str:
    """The text that was shown."""
    return ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else str(json.loads(f'"\\{m[2]}"')), shown)


@given(hostile | st.text(max_size=60))
def test_what_is_shown_can_be_read_back(text: str) -> None:
    assert read(visible(text, 10_000)) == text


@given(hostile | st.text(max_size=60))
def test_nothing_that_is_shown_is_hidden_or_moves_anything(text: str) -> None:
    assert not {unicodedata.category(c) for c in visible(text)} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("customer-1", "customer-1"), ("a b", "a b"), ("é", "é"), ("例え", "例え"), ("\\", "\\\\"), ("\\n", "\\\\n"),
        ("a\nb", "a\\nb"), ("\u202e", "\\u202e"), ("\u200b", "\\u200b"), ("\u3164", "\\u3164"), ("\u2800", "\\u2800"),
        ("\U000e0041", "\\U000e0041"), ("\ufe0f", "\\ufe0f"), ("\xa0", "\\u00a0"), ("e\u0301", "e\u0301"),
        ("e\u0301\u0301\u0301", "e\u0301\u0301\\u0301"), ("x" * 201, "x" * 200 + "…"),
    ],
)  # fmt: skip
def test_only_what_would_not_be_seen_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown
