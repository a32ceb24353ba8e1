"""YAML as data with lines: as the engine reads it, and nothing that misleads a person or harms a machine."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from psaas_resources import documents
from psaas_resources.errors import ConfigError

FILE = "stacks/Pulumi.prod.yaml"


def plain(text: str) -> object:
    document = documents.parse(FILE, text)
    assert document.problems == ()
    return document.root.plain()


def refused(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        documents.parse(FILE, text)
    [problem] = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("text", "value"),
    [("yes", "yes"), ("on", "on"), ("no", "no"), ("12:30", "12:30"), ("010", 8), ("0o10", 8), ("0x10", 16),
     ("0b11", 3), ("1_000", 1000), ("-5", -5), ("1e3", 1000.0), (".5", 0.5), ("~", None), ("Null", None), ("", None),
     ("TRUE", True), ("tRue", "tRue"), ("_1", "_1"), ('"5"', "5"), ("'true'", "true"), ("9" * 500, "9" * 500),
     ("1.2.3", "1.2.3"), ("customer-1", "customer-1")],
)  # fmt: skip
def test_scalars_mean_what_they_mean_to_the_engine(text: str, value: object) -> None:
    assert plain(f"key: {text}") == {"key": value}


@pytest.mark.parametrize("text", ["2026-01-01", "2026-01-01T10:00:00Z", "2026-1-1 10:00:00", ".inf", "-.INF", ".nan"])
def test_what_the_engine_takes_for_a_date_or_cannot_read_wants_quotes(text: str) -> None:
    document = documents.parse(FILE, f"a:\n  - b: {text}")
    assert [(line, path) for line, path, _ in document.problems] == [(2, "a[0].b")]
    assert "quotes" in document.problems[0][2]
    assert plain(f"key: '{text}'") == {"key": text}


def test_every_value_knows_its_line_and_what_is_missing_has_the_line_of_what_it_is_missing_in() -> None:
    root = documents.parse(FILE, "# x\na:\n  b:\n    - c: 1\n      d.e: 2\n    -\n      c: 3\n").root
    lines = {"a": 2, "a.b": 3, "a.b[0]": 4, "a.b[0].c": 4, "a.b[0].d.e": 5, "a.b[1]": 7, "a.b[1].c": 7}
    assert {path: root.line_of(path) for path in lines} == lines
    assert root.line_of("a.b[0].missing") == 4
    assert root.line_of("a.b[7].c") == 3
    assert root.line_of("a.bc") == 2
    assert root.line_of("other") == root.line_of("") == 2


def test_a_key_that_is_said_twice_is_a_mistake_and_the_first_one_counts() -> None:
    document = documents.parse(FILE, "a:\n  - owners: [x]\n    name: y\n    owners: [z]\n")
    assert document.problems == ((4, "a[0].owners", "is said twice; the first one is in line 2"),)
    assert document.root.plain() == {"a": [{"owners": ["x"], "name": "y"}]}


def test_an_alias_stands_for_its_value_at_its_own_line() -> None:
    document = documents.parse(FILE, "a: &people [x, y]\nb:\n  - *people\n")
    assert document.root.plain() == {"a": ["x", "y"], "b": [["x", "y"]]}
    assert document.root.line_of("b[0]") == 3


def test_aliases_that_multiply_end_before_they_fill_the_memory() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert "holds more than 400,000 values" in refused("\n".join(lines))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [("a: [1\nb: 2", 2, "not YAML"),
     ("a: *nothing", 1, "alias of nothing"),
     ("a: &a [*a]", 1, "alias of nothing"),
     ("a: 1\n---\nb: 2", 2, "second document"),
     ("a:\n  ? [x]\n  : y", 2, "a key is a text"),
     ("a: &x y\n*x : z", 2, "a key is a text"),
     ("a: !!binary aGk=", 1, "tag"),
     ("a: !!python/object/apply:os.system [x]", 1, "tag"),
     ("\n" + "[" * 200_000, 2, "nested deeper"),
     ("a: b\nc: \x00", 2, "not YAML"),
     ("a: b\nc: \udcff", 2, "UTF-8"),
     ("a:\n\t- b", 2, "not YAML")],
)  # fmt: skip
def test_what_can_not_be_read_is_told_with_its_line(text: str, line: int, words: str) -> None:
    problem = refused(text)
    assert problem.startswith(f"{FILE}:{line}: ")
    assert words in problem


def test_a_merge_key_is_a_mistake_and_merges_nothing() -> None:
    document = documents.parse(FILE, "a: &a {x: 1}\nb:\n  <<: *a\n  y: 2")
    assert [(line, path) for line, path, _ in document.problems] == [(3, "b.<<")]
    assert document.root.plain() == {"a": {"x": 1}, "b": {"y": 2}}


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert "larger than 4 MiB" in refused("# " + "x" * documents.MOST_BYTES)


# Without digits: of some words that look like numbers, PyYAML and the engine think differently.
words = st.text(st.characters(exclude_categories=["Cs", "Nd"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=20,
)


@given(values.filter(lambda value: "<<" not in str(value)), st.booleans())
def test_whatever_a_yaml_writer_writes_is_read_back(value: object, flow: bool) -> None:
    assert plain(yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True)) == value


@given(st.text(alphabet="abc:[]{},&*!?|>-<\"'#%@ \n\t01.~", max_size=80))
def test_any_text_is_a_document_or_one_clear_mistake(text: str) -> None:
    try:
        documents.parse(FILE, text).root.plain()
    except ConfigError as error:
        [problem] = error.problems
        assert problem.startswith(f"{FILE}:")
        assert problem.isprintable()
