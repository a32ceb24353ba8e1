"""`psaas` as a whole: help, wrong use, forms of output, and what is told where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from psaas.output import Output
from tests.command.operator_shell import psaas, psaas_in_a_terminal

GOOD = "config:\n  psaas:domain: rta.example.com\n  psaas:clientId: provisioning\n"
BAD = GOOD + "  psaas:tenants:\n    - name: customer_1\n      owners: [me@email.com]\n"


def project(folder: Path, text: str = GOOD) -> Path:
    (folder / "stacks").mkdir()
    (folder / "stacks" / "Pulumi.prod.yaml").write_text(text)
    return folder


def test_help_names_every_command_and_what_the_exit_status_means(tmp_path: Path) -> None:
    ran = psaas(tmp_path, "--help")
    assert (ran.status, ran.err) == (0, "")
    for words in ("validate", "64 wrong use", "psaas COMMAND --help"):
        assert words in " ".join(ran.out.split())


def test_wrong_use_is_one_line_and_status_64(tmp_path: Path) -> None:
    no_command, no_option = psaas(tmp_path, "validat"), psaas(tmp_path, "validate", "--jso")
    assert (no_command.status, no_command.out) == (64, "")
    assert no_command.err == "error: no such command 'validat'. Did you mean 'validate'?\nsee: psaas --help\n"
    assert (no_option.status, no_option.out) == (64, "")
    assert no_option.err.splitlines() == [
        "error: no such option: --jso (Possible options: --json)", "see: psaas validate --help",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--waves", "many"), "invalid value for '--waves': \"many\" is not a whole number"),
        (("--waves", "0"), "invalid value for '--waves': \"0\" is less than 1"),
    ],
)
def test_a_value_that_can_not_be_meant_is_told_in_our_own_words(
    tmp_path: Path, option: tuple[str, str], words: str
) -> None:
    ran = psaas(project(tmp_path), "rotate", "--stack", "prod", "--older-than", "90d", *option)
    assert (ran.status, ran.out, ran.err) == (64, "", f"error: {words}\nsee: psaas rotate --help\n")


NEEDS_THE_FILE = (
    ("drift",), ("review", "preview"), ("review", "inventory", "--output", "x.json"), ("escrow", "list"), ("doctor",),
    ("rotate", "--older-than", "90d"), ("adopt", "--report"), ("urns",), ("fleet",),
)  # fmt: skip


@pytest.mark.parametrize("command", NEEDS_THE_FILE, ids=" ".join)
def test_a_stack_that_has_no_file_is_told_in_the_same_words_by_every_command_that_needs_it(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    ran = psaas(project(tmp_path), *command, "--stack", "prd")
    said = ran.out + ran.err
    assert 'there is no stacks/Pulumi.prd.yaml among the stacks here (prod); did you mean "prod"?\n' in said
    assert ran.status == (2 if command[0] in ("drift", "review") else 1)
    assert len(said.splitlines()) < 5


def test_a_fine_stack_file_is_a_line_and_status_0(tmp_path: Path) -> None:
    ran = psaas(project(tmp_path), "validate")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == "stacks/Pulumi.prod.yaml: 0 tenants, 0 included files, fine\n"


def test_mistakes_are_told_with_their_place_and_status_1(tmp_path: Path) -> None:
    ran = psaas(project(tmp_path, BAD), "validate")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("stacks/Pulumi.prod.yaml:5: psaas:tenants[0].name: ")


def test_with_json_standard_output_is_one_document(tmp_path: Path) -> None:
    ran = psaas(project(tmp_path, BAD), "validate", "--json")
    assert ran.status == 1
    document = json.loads(ran.out)
    assert [place.split(":")[0] for place in document["mistakes"]] == ["stacks/Pulumi.prod.yaml"]
    assert (document["fine"], document["warnings"]) == ([], [])


def test_mistakes_in_the_settings_of_rules_are_told_too(tmp_path: Path) -> None:
    (project(tmp_path) / "stacks" / "policy.json").write_text('{"no-such-rule": {}}')
    ran = psaas(tmp_path, "validate")
    assert ran.status == 1
    assert ran.err == 'stacks/policy.json: there is no rule "no-such-rule"\n'


def test_a_folder_without_stack_files_is_named(tmp_path: Path) -> None:
    ran = psaas(tmp_path, "validate")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == f"error: there is no stack file below {tmp_path / 'stacks'}\n"


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "CLICOLOR_FORCE"])
def test_a_pipe_gets_no_colours_and_no_folded_lines_whatever_the_environment_says(
    tmp_path: Path, variable: str
) -> None:
    text = GOOD + "  psaas:tenants:\n    - name: customer-1\n      owners: [" + "x" * 150 + "]\n"
    given = {variable: "1", "TERM": "xterm-256color"}
    failed = psaas(tmp_path, "validate", **given)
    ran = psaas(project(tmp_path, text), "validate", **given)
    assert failed.err.startswith("error: ")
    assert "\x1b" not in ran.out + ran.err + failed.err
    assert ran.err.count("\n") == 1


def test_a_terminal_gets_the_same_words(tmp_path: Path) -> None:
    ran = psaas_in_a_terminal(project(tmp_path), "validate")
    assert ran.status == 0
    assert "stacks/Pulumi.prod.yaml: 0 tenants" in ran.out


def test_what_a_file_says_can_not_move_the_cursor_of_a_terminal(tmp_path: Path) -> None:
    ran = psaas_in_a_terminal(project(tmp_path, GOOD + '  psaas:deletion: "\\e[2Jx"\n'), "validate")
    assert ran.status == 1
    assert "\x1b[2J" not in ran.out


def test_no_text_that_is_shown_can_recolour_a_terminal_or_forge_a_line(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w+", encoding="utf-8") as stream:
        out = Output(out=stream, err=stream)
        hostile = "a\x1b[31mb\rc\u2028d"
        out.line(hostile)
        out.say(hostile)
        out.error(hostile)
        out.table(("NAME", "OTHER"), [(hostile, hostile)])
        out.row(hostile, hostile, widths=(4,))
        stream.seek(0)
        shown = stream.read()
    assert not set("\x1b\r\u2028") & set(shown)
    assert shown.count("\n") == 6


def test_a_narrow_terminal_folds_the_cells_of_a_table_and_cuts_nothing_off(tmp_path: Path) -> None:
    names = [f"customer-{number}" for number in range(3)]
    text = (
        GOOD
        + "  psaas:tenants:\n"
        + "".join(f"    - name: {name}\n      owners: [somebody-with-a-long-name@email.com]\n" for name in names)
    )
    ran = psaas_in_a_terminal(project(tmp_path, text), "fleet", "--no-state", COLUMNS="60")
    assert "…" not in ran.out
    for name in names:
        assert name in ran.out
