"""`python -m review` on a real stack: its commands end with the verdict, and what one writes the next one reads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.snapshots import Made
from tests.engine.stack import NAME, Stack

ROOT = Path(__file__).resolve().parents[2]


def review(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "review", *arguments], cwd=stack.project, capture_output=True, text=True, check=False,
        env=stack.environment | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def git(stack: Stack, *arguments: str) -> None:
    people = ("-c", "user.name=A person", "-c", "user.email=person@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *people, *arguments], cwd=stack.project, check=True, capture_output=True)


def commit(stack: Stack) -> None:
    git(stack, "add", "stacks")
    git(stack, "commit", "--quiet", "--message", "a change")


def test_a_published_inventory_makes_a_files_review_the_same_as_the_engines_preview(stack: Stack) -> None:
    (stack.project / "stacks" / "policy.json").write_text(json.dumps({"local-only": {"stacks": [NAME]}}))
    stack.declare("customer-1", "customer-2").up().ok()
    git(stack, "init", "--quiet", "--initial-branch=main")
    commit(stack)
    assert review(stack, "inventory", "--stack", NAME, "--output", f"{NAME}.json").returncode == 0
    git(stack, "checkout", "--quiet", "-b", "addition")
    stack.declare("customer-1", "customer-2", "customer-3")
    commit(stack)

    preview = review(stack, "preview", "--stack", NAME, "--json", "preview.json")
    files = review(stack, "files", "--base", "main", "--head", "addition", "--inventory", ".", "--json", "files.json")

    assert (preview.returncode, preview.stderr) == (0, ""), preview.stdout
    assert (files.returncode, files.stderr) == (0, ""), files.stdout
    assert "| new | `customer-3` |" in preview.stdout
    assert "| new | `customer-3` |" in files.stdout
    assert "Made without the state" not in files.stdout
    assert review(stack, "same", "preview.json", "files.json").returncode == 0
    document = json.loads((stack.project / f"{NAME}.json").read_text())
    assert [tenant["name"] for tenant in document["tenants"]] == ["customer-1", "customer-2"]


@pytest.mark.long
def test_drift_is_nothing_to_decide_until_there_is_some(made: Made) -> None:
    stack = made("customer-1")
    nothing = review(stack, "drift", "--stack", NAME)

    assert (nothing.returncode, nothing.stderr) == (0, "")
    assert "1 unchanged" in nothing.stdout


def test_a_stack_that_is_not_there_is_one_line_and_no_traceback(stack: Stack) -> None:
    for command in (("preview",), ("drift",), ("inventory", "--output", "out.json")):
        ran = review(stack, *command, "--stack", "nowhere")

        assert ran.returncode == 2
        assert ran.stderr.startswith("error: ")
        assert ran.stderr.count("\n") == 1
