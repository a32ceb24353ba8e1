"""Each of the sixty situations has a test, and docs/situations.md names one that carries its number."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "situations.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d+) \| .+ \| `(test_\w+\.py)::(test_\w+)` \|$", re.MULTILINE)
ALL = range(1, 61)


def numbered() -> dict[str, set[int]]:
    """The numbers that each test carries, by `file::test`."""
    found: dict[str, set[int]] = {}
    for file in sorted(HERE.glob("test_*.py")):
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
                found[f"{file.name}::{function.name}"] = {
                    number for decorator in function.decorator_list for number in _numbers(decorator)
                }
    return found


def _numbers(decorator: ast.expr) -> list[int]:
    if not (isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name)):
        return []
    return [ast.literal_eval(argument) for argument in decorator.args] if decorator.func.id == "situation" else []


def test_every_situation_has_a_test() -> None:
    assert set(ALL) - set().union(*numbered().values()) == set()


def test_the_page_lists_every_situation_once_and_in_order() -> None:
    assert [int(row[1]) for row in ROW.finditer(PAGE)] == list(ALL)


@pytest.mark.parametrize(("number", "test"), [(int(row[1]), f"{row[2]}::{row[3]}") for row in ROW.finditer(PAGE)])
def test_the_page_names_a_test_that_carries_the_number(number: int, test: str) -> None:
    assert number in numbered()[test]
