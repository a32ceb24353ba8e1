"""A team around one stack: its pull requests, and what its pipelines do, by make targets alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.engine.stack import NAME, Stack
from tests.pipeline.forge_server import REPOSITORY, ForgeServer
from tests.pipeline.workspace import Workspace

OWNERS = ["ops@example.com", "me@example.com"]


class Team:
    """People and their pipelines around one stack, whose last update declared no tenant."""

    def __init__(self, workspace: Workspace, stack: Stack, forge: ForgeServer) -> None:
        self.workspace, self.stack, self.forge = workspace, stack, forge
        self.secrets = {
            name: value for name, value in stack.environment.items() if name.startswith(("PULUMI_", "PSAAS_"))
        } | {"PSAAS_EXPECTED_RTA": stack.appliance.rta, "PSAAS_ENVIRONMENT": NAME}
        self.number = 0
        stacks = workspace.folder / "stacks"
        (stacks / "Pulumi.local.yaml").unlink()  # of the same appliance
        settings = json.loads((stacks / "policy.json").read_text()) | {"local-only": {"stacks": [NAME]}}
        (stacks / "policy.json").write_text(json.dumps(settings))
        self.write()
        self.before = workspace.commit("The stack, without tenants")
        workspace.push()
        self.step("publish-inventory")

    def write(self, *tenants: str | Mapping[str, Any], **config: Any) -> None:
        """The stack file; a name alone gets the usual owners."""
        entries = ({"name": t, "owners": OWNERS} if isinstance(t, str) else t for t in tenants)
        self.stack.declare(*entries, **config)
        target = self.workspace.folder / "stacks" / self.stack.file.name
        target.write_text(self.stack.file.read_text())

    def propose(self, *tenants: str | Mapping[str, Any], fork: str = "", **config: Any) -> str:
        """A pull request, with the output of its review; `fork` names the repository that it comes from."""
        self.number += 1
        self.workspace.branch(f"topic-{self.number}")
        self.write(*tenants, **config)
        head = self.workspace.commit("Change tenants")
        self.workspace.push(f"refs/pull/{self.number}/head")
        self.workspace.git("checkout", "--quiet", "main")
        self.forge.add_pull(self.number, head=head, repository=fork or REPOSITORY)
        if fork:
            self._from_fork(fork, head)
        else:
            pull = {"number": self.number, "base": {"ref": "main"}, "head": {"sha": head}}
            self.workspace.event({"pull_request": pull})
        said = self.workspace.done("change") + self.workspace.done("fetch-inventory")
        ran = self.workspace.make("review-change")
        return "".join([said, ran.stdout, ran.stderr, self.workspace.done("comment")])

    def _from_fork(self, fork: str, head: str) -> None:
        """Its own run has no right to write: the default branch's one is told that it has ended."""
        run = {
            "event": "pull_request", "head_sha": head, "head_branch": "branch",
            "head_repository": {"full_name": fork, "owner": {"login": fork.partition("/")[0]}},
        }  # fmt: skip
        self.workspace.event({"workflow_run": run}, name="workflow_run")

    def merge(self) -> str:
        """What the merge is on main; CI's event of the push."""
        self.before = self.workspace.git("rev-parse", "main")
        self.workspace.git("merge", "--quiet", "--no-ff", "-m", "Merge", f"topic-{self.number}")
        commit = self.workspace.git("rev-parse", "HEAD")
        self.workspace.push()
        self.forge.pulls[self.number] |= {"merged_at": "2026-01-01", "merge_commit_sha": commit, "state": "closed"}
        self.forge.commits[commit] = [self.number]
        self.pushed()
        return commit

    def pushed(self) -> None:
        self.workspace.event({"before": self.before}, name="push")

    def plan(self) -> str:
        """The job without secrets; its digest is what the environment's reviewers see."""
        said = self.workspace.done("fetch-inventory") + self.workspace.done("plan", STACK=NAME)
        digests = [line for line in self.workspace.outputs.read_text().splitlines() if line.startswith("digests=")]
        self.secrets["PSAAS_PLAN_DIGEST"] = json.loads(digests[-1].partition("=")[2])[NAME]
        return said

    def step(self, target: str, *, ok: bool = True) -> str:
        """A step of the job with secrets."""
        run = self.workspace.done if ok else self.workspace.failed
        said = run(target, STACK=NAME, GITHUB_SHA=self.workspace.git("rev-parse", "HEAD"), **self.secrets)
        for secret in self.stack.appliance.secrets:
            assert secret not in said
        return said

    def fail(self, *rules: dict[str, Any]) -> None:
        """Let the appliance go wrong."""
        self.stack.appliance.goes_wrong(*rules)
