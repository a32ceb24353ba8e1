"""Markers set in stack files as people write them: nothing else moves, and what can't be changed is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psaas_resources import documents
from psaas_resources.errors import ConfigError
from psaas_resources.rotating import markers
from psaas_resources.rotating.markers import Marker

FILE = "stacks/Pulumi.prod.yaml"
TENANTS, CONFIG = ("config", "psaas:tenants"), ("config",)
TEXT = """\
# The stack of everybody.
config:
  psaas:domain: rta.example.com   # never changes
  psaas:rotate: OPS-7  # of the application
  psaas:tenants:
    # The first one.
    - name: customer-1
      owners: [me@email.com]  # the boss
      managementClient:
        scopes: [read:clients]
        # no marker yet
    - {name: customer-2, owners: [me@email.com], managementClient: {scopes: [read:clients], rotate: "2026-01-01"}} # two
    - name: customer-3
      rotate: '2026-01-01'   # in January
      owners:
        - me@email.com
    - owners: [me@email.com]
      name: customer-4
      rotate:
    - { name: customer-5, managementClient: {} }
  psaas:manageGrant: false
"""


def tenant(name: str) -> Marker:
    return Marker(TENANTS, name, ("rotate",), "2026-11-24")


def client(name: str) -> Marker:
    return Marker(TENANTS, name, ("managementClient", "rotate"), "2026-11-24")


def changed(*wanted: Marker, text: str = TEXT) -> list[str]:
    """The lines that differ, `-` before and `+` after."""
    after = markers.marked(FILE, text, wanted)
    before, now = text.split("\n"), after.split("\n")
    return [f"-{line}" for line in before if line not in now] + [f"+{line}" for line in now if line not in before]


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [
        (tenant("customer-1"), ['+      rotate: "2026-11-24"']),
        (client("customer-1"), ['+        rotate: "2026-11-24"']),
        (tenant("customer-3"), ["-      rotate: '2026-01-01'   # in January",
                                '+      rotate: "2026-11-24"   # in January']),
        (client("customer-3"), ['+      managementClient: {rotate: "2026-11-24"}']),
        (tenant("customer-4"), ["-      rotate:", '+      rotate: "2026-11-24"']),
        (tenant("customer-5"), ["-    - { name: customer-5, managementClient: {} }",
                                '+    - { name: customer-5, managementClient: {}, rotate: "2026-11-24" }']),
        (client("customer-5"), ["-    - { name: customer-5, managementClient: {} }",
                                '+    - { name: customer-5, managementClient: {rotate: "2026-11-24"} }']),
        (Marker(CONFIG, "", ("psaas:rotate",), "2026-11-24"), [
            "-  psaas:rotate: OPS-7  # of the application", '+  psaas:rotate: "2026-11-24"  # of the application']),
    ],
)  # fmt: skip
def test_only_the_marker_changes_whatever_the_form_of_the_entry(wanted: Marker, lines: list[str]) -> None:
    assert changed(wanted) == lines


def test_many_markers_are_set_at_once_and_two_in_one_entry() -> None:
    names = [f"customer-{number}" for number in range(1, 6)]
    after = markers.marked(FILE, TEXT, [part(name) for name in names for part in (tenant, client)])

    entries = documents.parse(FILE, after).root.plain()["config"]["psaas:tenants"]
    assert all((e["rotate"], e["managementClient"]["rotate"]) == ("2026-11-24", "2026-11-24") for e in entries)
    assert [line for line in TEXT.split("\n") if "#" in line and "rotate" not in line and "two" not in line] == [
        line for line in after.split("\n") if "#" in line and "rotate" not in line and "two" not in line
    ]


def test_a_marker_ends_up_in_the_last_entry_of_a_file_that_ends_in_it() -> None:
    text = "tenants:\n  - name: customer-21\n    owners: [me@email.com]\n"
    for ending in (text, text.rstrip("\n")):
        after = markers.marked(FILE, ending, [Marker(("tenants",), "customer-21", ("rotate",), "2026-11-24")])
        assert after == f'{text}    rotate: "2026-11-24"\n'


@pytest.mark.parametrize(
    "text",
    [
        'config:\n  psaas:tenants: \'[{"name": "customer-1"}]\'\n',
        "config:\n  psaas:tenants:\n    - {name: customer-1,\n       owners: []}\n",
        "config:\n  psaas:tenants:\n    - name: customer-1\n      rotate: >-\n        long\n        text\n",
        "config:\n  psaas:tenants:\n    - name: customer-2\n",
    ],
)
def test_a_form_that_is_not_known_is_refused_and_never_rewritten(text: str) -> None:
    with pytest.raises(ConfigError, match="write it by hand"):
        markers.marked(FILE, text, [tenant("customer-1")])


def test_a_marker_that_would_reach_another_entry_through_an_alias_is_refused() -> None:
    entries = "    - {name: customer-1, managementClient: &c {scopes: [a]}}\n    - {name: two, managementClient: *c}\n"
    with pytest.raises(ConfigError, match="write it by hand"):
        markers.marked(FILE, f"config:\n  psaas:tenants:\n{entries}", [client("customer-1")])


@given(st.text(min_size=0, max_size=20).filter(lambda text: text.isprintable()))
def test_any_marker_is_written_so_that_it_means_itself(text: str) -> None:
    after = markers.marked(FILE, TEXT, [Marker(TENANTS, "customer-1", ("rotate",), text)])
    assert documents.parse(FILE, after).root.plain()["config"]["psaas:tenants"][0]["rotate"] == text
