"""Entries are added to files that people have written: nothing else of such a file moves by a character."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psaas_resources import documents
from psaas_resources.errors import ConfigError
from psaas_resources.stack_text import insertion, values, wording
from psaas_resources.stack_text.values import Value

TENANTS = ("config", "psaas:tenants")
NEW = [{"name": "customer-7", "adopt": True}, {"name": "null", "adopt": "inventory", "owners": ["me@email.com"]}]
BLOCK = '- name: customer-7\n{0}  adopt: true\n{0}- name: "null"\n{0}  adopt: inventory\n{0}  owners: [me@email.com]\n'


def appended(text: str, items: Any = NEW) -> str:
    return insertion.appended("x.yaml", text, TENANTS, items)


def block(indent: int) -> str:
    return " " * indent + BLOCK.format(" " * indent)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("config:\n  # why\n  psaas:tenants:\n    - name: a  # first\n      owners: [x]\n      # its owner\n\n# end\n",
         "config:\n  # why\n  psaas:tenants:\n    - name: a  # first\n      owners: [x]\n      # its owner\n" + block(4)
         + "\n# end\n"),
        ("config:\n    psaas:tenants:\n    - name: a\n    psaas:domain: x  # y\n",
         "config:\n    psaas:tenants:\n    - name: a\n" + block(4) + "    psaas:domain: x  # y\n"),
        ("config:\n  psaas:tenants: []  # none yet\n  psaas:domain: x\n",
         "config:\n  psaas:tenants:  # none yet\n" + block(4) + "  psaas:domain: x\n"),
        ("config:\n  psaas:tenants: []", "config:\n  psaas:tenants:\n" + block(4)),
        ("config:\n  psaas:tenants:\n  psaas:domain: x\n",
         "config:\n  psaas:tenants:\n" + block(4) + "  psaas:domain: x\n"),
        ("config:\n  psaas:domain: x\nencryptionsalt: v1:x\n",
         "config:\n  psaas:domain: x\n  psaas:tenants:\n" + block(4) + "encryptionsalt: v1:x\n"),
        ("config:\n  psaas:tenants:\n    - name: a\n      labels:\n        note: |\n          two\n          lines\n"
         "  z: 1\n",
         "config:\n  psaas:tenants:\n    - name: a\n      labels:\n        note: |\n          two\n          lines\n"
         + block(4) + "  z: 1\n"),
        ("config:\n  psaas:tenants:\n    - name: a", "config:\n  psaas:tenants:\n    - name: a\n" + block(4)),
        ("config:\n  psaas:tenants: [{name: a}]  # one\n",
         'config:\n  psaas:tenants: [{name: a}, {name: customer-7, adopt: true}, {name: "null", adopt: inventory, '
         "owners: [me@email.com]}]  # one\n"),
        ("config:\n  psaas:tenants: [{name: a}, ]\n",
         'config:\n  psaas:tenants: [{name: a}, {name: customer-7, adopt: true}, {name: "null", adopt: inventory, '
         "owners: [me@email.com]}]\n"),
    ],
)  # fmt: skip
def test_entries_come_behind_the_last_one_and_comments_stay_where_they_are(before: str, after: str) -> None:
    assert appended(before) == after


@pytest.mark.parametrize(
    "text",
    ["config:\n  psaas:tenants: '[]'\n", "config:\n  psaas:tenants: [\n    {name: a},\n  ]\n",
     "config: {psaas:tenants: []}\n", "config: {}\n",
     "x: &x [{name: a}]\nconfig:\n  psaas:tenants: *x\n", "config:\n  psaas:tenants: {secure: v1:x}\n",
     "config:\n  psaas:tenants: !!seq []\n", "config:\n  ? psaas:tenants\n  : []\n"],
)  # fmt: skip
def test_a_form_that_nothing_can_be_added_to_is_refused_and_not_rewritten(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^x\.yaml"):
        appended(text)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12) | st.sampled_from(
    ["true", "No", "1e5", "0x1f", "007", "-", "- a", "a: b", "#", "a #b", "null", "~", "2024-01-01", ".inf", "<<", "é"]
)


@given(TEXTS)
@settings(max_examples=400)
def test_a_text_is_read_as_what_it_is(text: str) -> None:
    for shape in (wording.text(text), wording.flow([text])):
        read = documents.parse("x.yaml", f"a: {shape}").root.plain()["a"]
        assert read in (text, [text])


SCALARS = st.sampled_from(
    ["x", "'quoted # text'", '"a\\n"', "5", "", "[a, b]", "{c: d}", "|\n      block\n      text", "> \n      f"]
)
LINES = st.lists(st.tuples(st.sampled_from(["psaas:domain", "psaas:x", "aws:y"]), SCALARS), unique_by=lambda t: t[0])


@given(before=LINES, after=st.lists(st.tuples(st.just("pulumi:z"), SCALARS), max_size=1), there=st.integers(0, 3),
       indent=st.sampled_from([2, 4]), comment=st.booleans(), key=st.booleans())  # fmt: skip
@settings(max_examples=300)
def test_whatever_stands_around_a_list_still_stands_there(
    before: list[tuple[str, str]], after: list[tuple[str, str]], there: int, indent: int, comment: bool, key: bool
) -> None:
    rows = [f"  {name}: {value}" for name, value in before] + (["  psaas:tenants:"] if key else [])
    items = [f"{' ' * indent}- name: t-{n}" + (" # c" if comment else "") for n in range(there if key else 0)]
    text = "\n".join(["config:", "  psaas:first: 1", *rows, *items, *(f"  {n}: {v}" for n, v in after), ""])
    old = documents.parse("x.yaml", text).root.plain()

    changed = appended(text)

    config = {**old["config"], "psaas:tenants": [*(old["config"].get("psaas:tenants") or []), *NEW]}
    assert documents.parse("x.yaml", changed).root.plain() == {**old, "config": config}
    kept = iter(changed.split("\n"))
    assert all(line in kept for line in text.split("\n") if line)


def test_an_inventory_gets_its_credential_by_one_changed_word() -> None:
    text = "tenants:\n  - {name: a, adopt: inventory}  # one\n  - name: b\n    adopt: inventory # two\n  - name: c\n"

    wanted = [Value(("tenants",), name, ("adopt",), True) for name in "ab"]
    changed = values.with_values("x.yaml", text, wanted, otherwise="")

    assert changed == text.replace("inventory", "true")


def test_entries_that_share_a_line_are_changed_together_and_a_list_within_a_text_is_refused() -> None:
    wanted = [Value(("tenants",), name, ("adopt",), True) for name in "ab"]
    text = "tenants: [{name: a, adopt: inventory}, {name: b, adopt: 'inventory'}]  # both\n"

    changed = values.with_values("x.yaml", text, wanted, otherwise="")

    assert changed == "tenants: [{name: a, adopt: true}, {name: b, adopt: true}]  # both\n"
    with pytest.raises(ConfigError, match=r"x\.yaml: tenants: a: has a form in which that can't be done"):
        values.with_values("x.yaml", f'tenants: "{text[9:-8]}"\n', wanted, otherwise="that can't be done")
