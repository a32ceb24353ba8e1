"""`psaas fleet` where there is no engine: what the stack files say, in every form of output."""

from __future__ import annotations

import json
from pathlib import Path

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
