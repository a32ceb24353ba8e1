"""docs/commands.md and `--help` name every command, every argument and every option, and nothing that isn't there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from psaas.app import command
from psaas.doctor import checks
from psaas.exits import MEANINGS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
OF_ALL = {"--help", "-h", "--json"}


def commands(group: Any = None, path: str = "psaas") -> Iterator[tuple[str, Any]]:
    """Every command that does something, with its whole name."""
    for name, one in (group or command()).commands.items():
        if hasattr(one, "commands"):
            yield from commands(one, f"{path} {name}")
        else:
            yield f"{path} {name}", one


EVERY = dict(commands())
SECTIONS = {
    title: text
    for section in re.split(r"^## ", PAGE, flags=re.M)[1:]
    for title, text in [(section.partition("\n")[0].strip("`"), section.partition("\n")[2])]
}


@pytest.mark.parametrize("name", EVERY)
def test_each_command_has_a_section_that_names_its_arguments_and_options(name: str) -> None:
    text = SECTIONS[name]
    for parameter in EVERY[name].params:
        spoken = [option for option in parameter.opts if option.startswith("--")] or [parameter.metavar or "?"]
        for word in set(spoken) - OF_ALL:
            assert f"`{word.strip('[].')}" in text, f"{name}: {word}"


@pytest.mark.parametrize("name", EVERY)
def test_each_section_says_which_exit_statuses_there_are_and_shows_the_command(name: str) -> None:
    text = SECTIONS[name]
    assert "Exit status: 0" in text
    assert f"$ {name}" in text


@pytest.mark.parametrize("name", EVERY)
def test_each_help_teaches_by_an_example_and_offers_json(name: str) -> None:
    told = EVERY[name].help
    assert f"\n{name}" in told or f'"$({name})"' in told
    assert "Exit status: 0" in told
    assert "--json" in [option for parameter in EVERY[name].params for option in parameter.opts]


def test_no_section_is_about_a_command_or_an_option_that_is_not_there() -> None:
    assert {title for title in SECTIONS if title.startswith("psaas ")} == set(EVERY)
    for name, one in EVERY.items():
        known = {option for parameter in one.params for option in parameter.opts} | OF_ALL
        rows = re.findall(r"^\| `(--[a-z-]+)", SECTIONS[name], re.M)
        assert set(rows) <= known, name


def test_every_check_of_the_doctor_is_in_its_table() -> None:
    told = re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\| (`[^|]+) \|", SECTIONS["psaas doctor"], re.M)))
    assert [name for name in told if not name.startswith("--")] == [check.name for check in checks.ALL]


def test_the_exit_statuses_are_those_of_the_program() -> None:
    told = dict(re.findall(r"^\| (\d+) \| (.+) \|$", PAGE, re.M))
    assert told == {str(status): meaning for status, meaning in MEANINGS.items()}
