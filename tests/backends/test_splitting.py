"""One stack becomes three, as docs/operations.md says it: no credential changes, nothing is sent, nothing is shown."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.crash.fleet import SKIPPED
from tests.engine.stack import NAME, ROOT, Stack
from tests.engine.test_review_commands import commit, git, review

OTHERS = (f"{NAME}-2", f"{NAME}-3")
FEW, MANY = 2, 100
APPROVER = "octocat"


@dataclass
class Split:
    """A stack and the two that take over a third of its tenants each."""

    stacks: tuple[Stack, ...]
    names: tuple[tuple[str, ...], ...]

    def declare(self) -> None:
        """Step 1: every stack file has its own tenants, and one of them the grant."""
        for number, (stack, names) in enumerate(zip(self.stacks, self.names, strict=True)):
            stack.declare(*names, **({"manageGrant": False} if number else {}))

    def credentials(self) -> dict[str, tuple[str, str]]:
        """Of every tenant, by the state that holds it; in no two states."""
        found: dict[str, tuple[str, str]] = {}
        for stack in self.stacks:
            for resource in stack.resources(show_secrets=True).values():
                if resource["type"].endswith("psaas:Tenant"):
                    outputs = resource["outputs"]
                    assert outputs["name"] not in found
                    found[outputs["name"]] = outputs["client_id"], json.loads(outputs["client_secret"]["plaintext"])
        return found


@pytest.mark.timeout(900)
@pytest.mark.parametrize("tenants_each", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
def test_a_stack_split_into_three_keeps_every_credential_and_no_review_shows_a_step(
    stack: Stack, tenants_each: int
) -> None:
    stack.environment |= SKIPPED
    names = [f"customer-{number}" for number in range(1, 3 * tenants_each + 1)]
    rules = {"local-only": {"stacks": [NAME, *OTHERS]}, "settings-change": {"approvers": [APPROVER]}}
    (stack.project / "stacks" / "policy.json").write_text(json.dumps(rules))
    inside = {"settings": {"supportEmail": "help@example.com"}} if tenants_each == FEW else {}
    stack.declare(*names, **inside).up().ok()
    split = Split(
        (stack, *(replace(stack, name=name, config=dict(stack.config), said=[]) for name in OTHERS)),
        tuple(tuple(names[start::3]) for start in range(3)),
    )
    before = Split((stack,), (tuple(names),)).credentials()
    git(stack, "init", "--quiet", "--initial-branch=main")
    commit(stack)
    stack.appliance.forget_calls()

    git(stack, "checkout", "--quiet", "-b", "split")
    split.declare()
    run_as_documented(stack)
    for one in split.stacks:
        assert review(one, "inventory", "--stack", one.name, "--output", f"{one.name}.json").returncode == 0
    commit(stack)
    by = ("--base", "main", "--head", "split", "--inventory", ".", "--approved-by", APPROVER)
    reviewed = review(stack, "files", *by)

    assert (reviewed.returncode, reviewed.stderr) == (1, ""), reviewed.stdout  # a new stack is for a person to decide
    assert reviewed.stdout.count("**+0 tenants, 0 owner changes, 0 deletions") == 3, reviewed.stdout
    assert split.credentials() == before
    assert stack.appliance.calls("", "") == []
    for one, own in zip(split.stacks, split.names, strict=True):
        assert f"{unchanged(own, one, bool(inside))} unchanged" in one.up().ok().summary
        assert set(one.outputs()) == set(own)
    assert split.credentials() == before
    for name, (client_id, secret) in before.items():
        stack.appliance.tenant_token(f"{name}.appliance.test", client_id=client_id, client_secret=secret)
    assert stack.posts() == []
    waiting, settled = escrow(stack)
    assert (waiting, settled) == (set(), set(names))
    split.stacks[1].declare(*split.names[1][1:])
    split.stacks[1].preview().failed(split.names[1][0], "protected")


def unchanged(own: Sequence[str], stack: Stack, settings: bool) -> int:
    """The stack itself, its grant if it has one, its tenants and what is managed inside of them."""
    return 1 + (stack.name == NAME) + len(own) * (2 if settings else 1)


def run_as_documented(stack: Stack) -> None:
    """Step 2, word for word."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").partition("## A stack is split")[2]
    script = re.search(r"```sh\n(.*?)```", page, re.DOTALL)
    assert script
    lines = script[1].replace("prod", NAME).replace("psaas urns", f"{shlex.quote(sys.executable)} -m psaas urns")
    ran = subprocess.run(
        ["sh", "-euc", lines], cwd=stack.project, env=stack.environment | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.count("Successfully moved resources") == len(OTHERS), ran.stdout


def escrow(stack: Stack) -> tuple[set[str], set[str]]:
    """The tenants whose entries wait, and those that a later run has seen in its state."""
    folder = Path(stack.environment["PSAAS_ESCROW_DIR"]) / stack.appliance.rta
    return (
        {file.stem for file in folder.glob("customer-*.json")},
        {file.stem for file in (folder / "settled").glob("*.json")},
    )
