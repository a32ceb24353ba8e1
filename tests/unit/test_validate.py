"""`make validate`: every stack file and included file, in lines for a person, and in marks on a pull request."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from psaas_resources import validation
from psaas_resources.validation import Findings
from tests.unit.test_stack_files import BILLING, HEAD, INCLUDES, ONE, PROD, TWO, files

ROOT = Path(__file__).parents[2]
BAD = ONE + "    deletion: delete\n"
MISTAKE = f"{BILLING}:4: tenants[0].deletion: only the stack file may say that"


def run(project: Path, *arguments: str, python: tuple[str, ...] = (), **environment: str) -> tuple[int, str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != "GITHUB_ACTIONS"}
    result = subprocess.run(
        [sys.executable, *python, "-m", "psaas_resources", "validate", *arguments],
        cwd=project, env=inherited | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return result.returncode, result.stdout, result.stderr


def project(folder: Path, given: dict[str, str]) -> Path:
    for name, text in given.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_files_that_are_in_order_are_counted_in_a_line_for_each_stack(tmp_path: Path) -> None:
    project(tmp_path, files(INCLUDES, billing=ONE, search=TWO) | {"stacks/Pulumi.other.yaml": HEAD})
    assert run(tmp_path) == (
        0,
        f"stacks/Pulumi.other.yaml: 0 tenants, 0 included files, fine\n{PROD}: 2 tenants, 2 included files, fine\n",
        "",
    )


def test_a_mistake_in_a_file_that_two_stacks_include_is_told_once_and_with_a_status(tmp_path: Path) -> None:
    project(tmp_path, files(INCLUDES, billing=BAD) | {"stacks/Pulumi.other.yaml": INCLUDES})
    assert run(tmp_path) == (1, "", f"{MISTAKE}\n")


def test_mistakes_stand_in_the_order_of_files_and_lines() -> None:
    stack = INCLUDES.replace("provisioning", '""') + "  psaas:nothing: 1\n  psaas:deletion: x\n"
    found = validation.judge(files(stack, billing=BAD.replace("customer-21", "Customer-21")))
    assert [line.partition(": ")[0] for line in found.mistakes] == [
        f"{PROD}:3", f"{PROD}:5", f"{PROD}:6", f"{BILLING}:2", f"{BILLING}:4",
    ]  # fmt: skip


def test_a_file_that_no_stack_includes_is_a_warning_and_its_form_is_checked(tmp_path: Path) -> None:
    project(tmp_path, files(HEAD, billing=ONE))
    status, out, err = run(tmp_path)
    assert (status, out) == (0, f"{PROD}: 0 tenants, 0 included files, fine\n")
    assert err == f"warning: {BILLING}: no stack file includes it, so its tenants are nowhere\n"
    assert validation.judge(files(HEAD, billing=BAD)).mistakes == (MISTAKE,)
    odd = {PROD: HEAD, "stacks/tenants/a[b]:c.yaml": BAD}
    assert validation.judge(odd).mistakes == (MISTAKE.replace(BILLING, "stacks/tenants/a[b]:c.yaml"),)


@pytest.mark.parametrize("given", [PROD, f"./{BILLING}", "{here}/" + BILLING])
def test_chosen_files_are_checked_with_the_stacks_that_they_are_of(tmp_path: Path, given: str) -> None:
    project(tmp_path, files(INCLUDES, billing=ONE) | {"stacks/Pulumi.other.yaml": "config: 5"})
    assert run(tmp_path, given.format(here=tmp_path))[:2] == (0, f"{PROD}: 1 tenant, 1 included file, fine\n")
    assert run(tmp_path)[0] == 1


def test_what_is_no_file_of_a_stack_is_said_to_be_none(tmp_path: Path) -> None:
    status, _, err = run(project(tmp_path, files(HEAD)), "stacks/Pulumi.prd.yaml", PROD)
    assert (status, err) == (1, '"stacks/Pulumi.prd.yaml" is no file below stacks/ that ends in .yaml\n')
    (tmp_path / "empty").mkdir()
    status, _, err = run(tmp_path / "empty")
    assert status == 1
    assert "there is no stack file below" in err


def test_a_build_machine_of_github_gets_mistakes_as_marks_on_lines(tmp_path: Path) -> None:
    project(tmp_path, files(INCLUDES, billing=BAD) | {"stacks/x.yaml": TWO})
    status, out, _ = run(tmp_path, GITHUB_ACTIONS="true")
    assert status == 1
    assert out.splitlines() == [
        f"::error file={BILLING},line=4::tenants[0].deletion: only the stack file may say that",
        "::warning file=stacks/x.yaml::no stack file includes it, so its tenants are nowhere",
    ]


def test_no_value_or_file_name_forges_a_mark_or_a_command(tmp_path: Path) -> None:
    hostile = "x\\n::error file=README.md::forged\\r\\n##[add-mask]%0A::warning::x"
    stack = INCLUDES.replace("provisioning", f'"{hostile} "').replace("rta.example.com", f'"{hostile}"')
    odd = {"stacks/tenants/a,line=1::x%0A.yaml": f'tenants: [{{name: "{hostile}"}}]'}
    _, out, err = run(project(tmp_path, {PROD: stack} | odd), GITHUB_ACTIONS="true")
    lines = out.splitlines()
    assert len(lines) == 4
    assert all(mark.startswith("::error file=stacks/") for mark in lines)
    assert all(line.startswith("stacks/") for line in err.splitlines())
    assert "##[" not in out + err
    assert "::error file=stacks/tenants/a%2Cline=1%3A%3Ax%250A.yaml,line=1::tenants[0].name" in out
    assert validation.marks(Findings(mistakes=("a.yaml:3: 100% \r\n::x",))) == [
        "::error file=a.yaml,line=3::100%25 %0D%0A::x"
    ]


def test_files_are_checked_without_pulumi_and_without_what_an_escrow_needs(tmp_path: Path) -> None:
    status, _, err = run(project(tmp_path, files(INCLUDES, billing=ONE)), python=("-X", "importtime"))
    assert status == 0
    imported = {line.rpartition("|")[2].strip() for line in err.splitlines()}
    assert "psaas_resources.validation" in imported
    assert not imported & {"pulumi", "grpc", "requests", "cryptography", "psaas_resources.escrow"}


def test_the_stack_files_of_this_project_are_in_order() -> None:
    assert run(ROOT)[0] == 0
