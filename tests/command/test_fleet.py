"""`psaas fleet` where there is no engine: what the stack files say, in every form of output."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.command.operator_shell import psaas, psaas_in_a_terminal
from tests.review.fleets import ENTRIES, HEAD

PROD = "stacks/Pulumi.prod.yaml"


def project(folder: Path, text: str = HEAD + ENTRIES) -> Path:
    (folder / "stacks").mkdir()
    (folder / PROD).write_text(text)
    return folder


def test_in_a_pipe_it_is_a_plain_table_and_the_talk_is_apart(tmp_path: Path) -> None:
    ran = psaas(project(tmp_path), "fleet", "--no-state")
    assert ran.status == 0
    assert ran.out.splitlines()[0].split() == [
        "TENANT", "STACK", "OWNERS", "DOMAIN", "READY", "CREDENTIAL", "DRIFT", "NEXT", "UPDATE",
    ]  # fmt: skip
    assert ran.out.splitlines()[2].split() == ["customer-10", "prod", "c@example.com", "customer-10.appliance.test",
                                               "not", "known"]  # fmt: skip
    assert "prod on rta.appliance.test: read: stack file; 1 retired name\n" in ran.err


def test_in_a_terminal_it_has_the_same_words(tmp_path: Path) -> None:
    shown = psaas_in_a_terminal(project(tmp_path), "fleet", "--no-state", COLUMNS="160").out
    assert "customer-10.appliance.test" in shown
    assert "4 tenants in 1 stack" in shown


@pytest.mark.parametrize("columns", [120, 80, 60, 40, 24])
def test_in_a_narrow_terminal_there_are_fewer_columns_and_no_broken_words(tmp_path: Path, columns: int) -> None:
    many = ENTRIES.replace("[a@example.com]", "[a@example.com, somebody-else@example.com]")
    shown = psaas_in_a_terminal(project(tmp_path, HEAD + many), "fleet", "--no-state", COLUMNS=str(columns)).out
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).replace("\r", "")
    table = re.split(r"^(?:too narrow|prod on)", plain[plain.index("TENANT") :], flags=re.M)[0].splitlines()
    whole = {
        "TENANT", "STACK", "OWNERS", "DOMAIN", "READY", "CREDENTIAL", "DRIFT", "NEXT", "UPDATE", "prod", "not", "known",
        "a@example.com,", "somebody-else@example.com", *(f"{letter}@example.com" for letter in "abc"),
        *(f"customer-{number}{domain}" for number in (1, 2, 3, 10) for domain in ("", ".appliance.test")),
    }  # fmt: skip
    assert {word for line in table for word in line.split()} <= whole
    assert all(len(line.rstrip()) <= columns for line in table)
    assert all(any(line.startswith(f"customer-{number}") for line in table) for number in (1, 2, 3, 10))
    assert ("DOMAIN" in table[0] + table[1]) == ("too narrow for" not in plain) == (columns >= 80)


def test_the_page_is_written_and_the_exit_status_tells_of_mistakes(tmp_path: Path) -> None:
    ran = psaas(project(tmp_path, HEAD + ENTRIES + "  psaas:nothing: 1\n"), "fleet", "--no-state", "--html", "f.html")
    assert ran.status == 1
    assert "its files have 1 mistake: psaas validate" in ran.err
    assert (tmp_path / "f.html").read_text().startswith("<!doctype html>")


def test_a_stack_that_is_not_there_is_named_with_the_near_miss(tmp_path: Path) -> None:
    ran = psaas(project(tmp_path), "fleet", "--stack", "prd", "--no-state")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == 'error: there is no stacks/Pulumi.prd.yaml among the stacks here (prod); did you mean "prod"?\n'


def test_without_an_engine_the_state_is_a_gap_with_the_way_out(tmp_path: Path) -> None:
    ran = psaas(project(tmp_path), "fleet", "--json", PATH="/nonexistent")
    assert ran.status == 0
    assert "there is no `pulumi` command here" in json.loads(ran.out)["stacks"][0]["gaps"][0]


@pytest.mark.parametrize("templates", [(), ("stacks/Pulumi.example.yaml",)])
def test_a_folder_without_stack_files_is_status_1_and_says_which_folder_it_is(
    tmp_path: Path, templates: tuple[str, ...]
) -> None:
    for name in templates:
        project(tmp_path).joinpath(PROD).rename(tmp_path / name)
    ran = psaas(tmp_path, "fleet", "--no-state")
    assert (ran.status, ran.out) == (1, "")
    assert f"error: there is no stack file below {tmp_path / 'stacks'}" in ran.err
    assert ("but the template" in ran.err) == bool(templates)


def test_the_template_is_nobodys_stack_unless_it_is_asked_for(tmp_path: Path) -> None:
    template = project(tmp_path) / "stacks/Pulumi.example.yaml"
    template.write_text(HEAD + "  psaas:tenants: [{name: customer-77, adopt: inventory}]\n")
    ran = psaas(tmp_path, "fleet", "--no-state")
    assert "4 tenants in 1 stack;" in ran.err
    assert "customer-77" not in ran.out
    assert "customer-77" in psaas(tmp_path, "fleet", "--no-state", "--stack", "example").out


def test_a_look_that_could_not_be_made_is_status_1_and_names_the_variable_that_is_read(tmp_path: Path) -> None:
    ran = psaas(project(tmp_path), "fleet", "--no-state", "--look")
    assert ran.status == 1
    assert "look: nothing is here to ask rta.appliance.test with: give the secret of application" in ran.err
    assert "PSAAS_CLIENT_SECRET" in ran.err
    assert "1 stack could not be looked at" in ran.err


def test_a_look_at_an_appliance_that_is_down_ends_soon_and_says_how_a_local_one_is_started(tmp_path: Path) -> None:
    reach = {"PSAAS_CLIENT_SECRET": "canary", "PSAAS_CONNECT_TO": "127.0.0.1:9"}
    ran = psaas(project(tmp_path), "fleet", "--no-state", "--look", **reach)
    assert ran.status == 1
    assert "could not connect to rta.appliance.test; is the appliance up" in ran.err
    assert "A local one is started by `make up` or `psaas appliance up`" in ran.err


def test_a_look_is_not_told_to_set_what_a_stack_that_declares_its_application_may_not_set(tmp_path: Path) -> None:
    own = HEAD.replace("psaas:clientId: provisioning", "psaas:manageApplication: true\n  psaas:adminClientId: admin")
    ran = psaas(project(tmp_path, own + ENTRIES), "fleet", "--no-state", "--look")
    assert ran.status == 1
    assert "declares the application itself (psaas:manageApplication)" in ran.err
    assert "`psaas drift --stack prod` looks with it" in ran.err
    assert "psaas:clientId" not in ran.err


def test_a_stack_of_the_application_alone_has_no_tenants_to_look_at(tmp_path: Path) -> None:
    own = HEAD.replace("psaas:clientId: provisioning", "psaas:manageApplication: true\n  psaas:adminClientId: admin")
    ran = psaas(project(tmp_path, own), "fleet", "--no-state", "--look")
    assert ran.status == 0
    assert "0 tenants in 1 stack; none needs a look\n" in ran.err
