"""A table in a terminal: which columns there is room for, and no word is ever broken."""

from __future__ import annotations

from psaas.columns import GAP, Layout, layout

COLUMNS = ("TENANT", "OWNERS", "READY")
ROWS = [("customer-1", "me@email.com, you@email.com", "no: it is dark"), ("customer-2", "", "yes")]


def test_where_there_is_room_nothing_is_folded() -> None:
    assert layout(COLUMNS, ROWS, 80) == Layout((0, 1, 2), (10, 27, 14))


def test_where_there_is_less_cells_are_folded_between_words() -> None:
    longest_words = (10, 13, 5)
    room = sum(longest_words) + 2 * GAP
    assert layout(COLUMNS, ROWS, room) == Layout((0, 1, 2), longest_words)
    assert layout(COLUMNS, ROWS, room + 9) == Layout((0, 1, 2), (10, 13, 14))


def test_where_words_would_be_broken_the_least_columns_are_left_out_and_named() -> None:
    assert layout(COLUMNS, ROWS, 31, least=("OWNERS", "READY")) == Layout((0, 2), (10, 14), ("OWNERS",))
    assert layout(COLUMNS, ROWS, 12, least=("OWNERS", "READY")) == Layout((0,), (10,), ("OWNERS", "READY"))


def test_a_column_without_a_word_is_no_loss() -> None:
    rows = [("customer-1", "", "yes")]
    assert layout(COLUMNS, rows, 20, least=("READY", "OWNERS")) == Layout((0, 2), (10, 5))


def test_what_can_not_fit_is_told_apart() -> None:
    assert layout(COLUMNS, ROWS, 9, least=("OWNERS", "READY")) is None
