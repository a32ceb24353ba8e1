"""Escrow, credentials, reviews and the local appliance by `psaas`: the same answers as by each module's own command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from psaas.output import Output
from tests.command.operator_shell import ROOT, Ran, psaas, psaas_in_a_terminal, variables
from tests.command.patient import Patient
from tests.handlers.operator import Operator


@pytest.fixture
def operators(operator: Operator) -> Patient:
    """The project of somebody who has made a tenant, whose credential waits in the escrow."""
    operator.run().create("customer-1")
    patient = Patient.of(operator.appliance, operator.directory.parent)
    patient.environment["PSAAS_ESCROW_KEY"] = ""
    patient.write()
    return patient


def test_what_waits_is_listed_and_told_as_json_and_by_status(operators: Patient) -> None:
    folder, given = operators.root, operators.variables()
    listed = psaas(folder, "escrow", "list", "--stack", "ours", **given)
    data = psaas(folder, "escrow", "list", "--stack", "ours", "--json", **given)
    closed = psaas(folder, "escrow", "list", "--stack", "ours", **{**given, "PSAAS_CLIENT_SECRET": "another"})

    assert listed.out == module("psaas_resources", folder, "escrow", "list", "--stack", "ours", **given).out
    assert [entry["tenant"] for entry in json.loads(data.out)] == ["customer-1"]
    assert (listed.status, data.status, closed.status) == (0, 0, 1)
    assert "give its key in PSAAS_ESCROW_KEY; it may be of another stack of rta.appliance.test, whose" in closed.out


def test_a_credential_is_recovered_to_a_file_and_the_next_steps_are_told(operators: Patient) -> None:
    arguments = ("escrow", "recover", "customer-1", "--stack", "ours", "--output")
    ran = psaas(operators.root, *arguments, "out.json", **operators.variables())
    again = psaas(operators.root, *arguments, "out.json", **operators.variables())

    assert ran.status == 0, ran.err
    assert "PSAAS_CREDENTIALS_FILE=out.json pulumi up" in ran.out
    assert json.loads((operators.root / "out.json").read_text())["customer-1"]["clientSecret"] not in ran.out
    assert (again.status, again.err) == (1, "error: out.json can't be written: File exists\n")


def test_a_terminal_gets_no_secret_and_a_wrong_question_is_one_line(operators: Patient) -> None:
    arguments = ("credentials", "customer-1", "--stack", "ours", "--format", "env")
    shown = psaas_in_a_terminal(operators.root, *arguments, **operators.variables())
    neither = psaas(operators.root, "credentials", "--stack", "ours", "--format", "env", **operators.variables())
    folderless = psaas(operators.root, "credentials", "--all", "--stack", "ours", "--format", "env")
    unnamed = psaas(operators.root, *arguments, "--json", **operators.variables())

    assert shown.status == 1
    assert "a secret is not written to a terminal" in " ".join(shown.out.split())
    assert (neither.status, neither.err) == (64, "error: name one tenant, or say --all\n")
    assert (unnamed.status, folderless.status) == (64, 64)
    assert unnamed.err.startswith("error: --json tells about files that were written")
    assert folderless.err == "error: all tenants need a folder: --all --output FOLDER\n"


def test_a_format_that_is_not_there_is_wrong_use_with_those_that_are(tmp_path: Path) -> None:
    ran = psaas(tmp_path, "credentials", "customer-1", "--stack", "ours", "--format", "yaml")
    assert (ran.status, ran.out) == (64, "")
    assert ran.err.startswith("error: invalid value for '--format': 'yaml' is not one of 'env', 'dotenv', ")
    assert "Traceback" not in ran.err


def test_a_review_of_files_is_the_same_report_and_the_same_verdict(tmp_path: Path) -> None:
    repository(tmp_path)
    arguments = ("files", "--base", "HEAD~1", "--head", "HEAD")

    ours = psaas(tmp_path, "review", *arguments, "--html", "page.html")
    data = psaas(tmp_path, "review", *arguments, "--json", "--markdown", "report.md")
    theirs = module("review", tmp_path, *arguments)
    shown = psaas_in_a_terminal(tmp_path, "review", *arguments)

    assert (ours.out, ours.status, ours.err) == (theirs.out, theirs.status, theirs.err)
    assert json.loads(data.out)["verdict"] == data.status == ours.status
    assert (tmp_path / "report.md").read_text() == ours.out
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")
    assert "customer-2" in shown.out
    assert "<!--" not in shown.out
    assert "</details>" not in shown.out


def test_a_review_that_can_not_be_made_is_broken_with_one_line(tmp_path: Path) -> None:
    ran = psaas(tmp_path, "review", "files", "--base", "main", "--head", "HEAD")
    engineless = psaas(tmp_path, "drift", "--stack", "prod")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("error: ")
    assert (engineless.status, engineless.out) == (2, "")
    assert "Traceback" not in ran.err + engineless.err


def test_two_reports_are_compared_and_differences_are_forbidden(tmp_path: Path) -> None:
    repository(tmp_path)
    for name, base in (("one.json", "HEAD~1"), ("other.json", "HEAD")):
        report = psaas(tmp_path, "review", "files", "--base", base, "--head", "HEAD", "--stack", "prod", "--json")
        (tmp_path / name).write_text(report.out)
    same = psaas(tmp_path, "review", "same", "one.json", "one.json")
    other = psaas(tmp_path, "review", "same", "one.json", "other.json", "--json")
    assert (same.status, same.out) == (0, "")
    assert other.status == 2
    assert json.loads(other.out)["same"] is False


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("psaas validat", ["validate"]),
        ("psaas doctor --stack ", ["prod", "staging"]),
        ("psaas doctor --stack st", ["staging"]),
        ("psaas credentials --stack prod c", ["customer-1"]),
        ("psaas credentials --stack broken c", []),
    ],
)
def test_a_shell_completes_commands_stacks_and_tenants(tmp_path: Path, typed: str, offered: list[str]) -> None:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.prod.yaml").write_text(stack_file("customer-1"))
    (tmp_path / "stacks" / "Pulumi.staging.yaml").write_text("config: [")
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split(" ")) - 1), "_PSAAS_COMPLETE": "complete_bash"}
    ran = psaas(tmp_path, **words)
    assert ran.out.split() == offered
    assert ran.err == ""


def test_a_mistake_of_our_own_is_told_by_its_place_without_its_words(tmp_path: Path) -> None:
    program = (
        "import sys; from psaas import __main__, app\n"
        "import psaas_resources.schema as schema\n"
        "def broken(root): raise KeyError('a-secret-in-an-error')\n"
        "schema.write = broken\n"
        "sys.exit(__main__.main(['schema']))"
    )
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, cwd=tmp_path, env=variables({}), capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: this is a mistake of psaas itself: KeyError at psaas/commands/schema.py:")
    assert "a-secret" not in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_bar_is_shown_on_terminals_only(tmp_path: Path) -> None:
    with (tmp_path / "err").open("w+", encoding="utf-8") as err:
        out = Output(err=err)
        with out.progress("tenants", 3) as step:
            for _ in range(3):
                step()
        err.seek(0)
        assert err.read() == ""


def repository(folder: Path) -> None:
    """Two commits: a stack of one tenant, and one more."""
    (folder / "stacks").mkdir()
    git(folder, "init", "-q", "-b", "main")
    for names in (("customer-1",), ("customer-1", "customer-2")):
        (folder / "stacks" / "Pulumi.prod.yaml").write_text(stack_file(*names))
        git(folder, "add", "-A")
        git(folder, "-c", "user.name=me", "-c", "user.email=me@example.com", "commit", "-qm", "change")


def stack_file(*names: str) -> str:
    tenants = "".join(f"    - name: {name}\n      owners: [me@email.com]\n" for name in names)
    return f"config:\n  psaas:domain: rta.example.com\n  psaas:clientId: provisioning\n  psaas:tenants:\n{tenants}"


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def module(name: str, folder: Path, *arguments: str, **environment: str) -> Ran:
    command = [sys.executable, "-m", name, *arguments]
    ran = subprocess.run(command, cwd=folder, env=variables(environment), capture_output=True, text=True, check=False)
    assert ROOT.is_dir()
    return Ran(ran.returncode, ran.stdout, ran.stderr)
