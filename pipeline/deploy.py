"""An update in a pipeline: the engine's own preview first, then `pulumi up` if exactly that was approved."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import engine
from pipeline import engine_run, plan, reports
from pipeline.errors import PipelineError, Stopped
from pipeline.folder import Folder, named, write
from pipeline.here import Here

FORBIDDEN = 2
UP = "up --yes --skip-preview --continue-on-error --suppress-outputs --non-interactive --color never".split()
POLICY, POLICY_SETTINGS = Path("policy"), Path("stacks") / "policy.json"
# What is ours alone: tokens of the forge, and settings of pipelines, which no program of a stack knows.
TOKENS = ("GITHUB_TOKEN", "PSAAS_GITLAB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "CI_JOB_TOKEN")
SETTINGS = ("PSAAS_ENVIRONMENT", "PSAAS_PLAN_DIGEST", "PSAAS_AUDIT_FILE", "PSAAS_COMMENT_AUTHOR")
NOTIFY = "PSAAS_NOTIFY_"


def review(arguments: Sequence[str], *, root: Path, environment: Mapping[str, str]) -> int:
    """`python -m review …`, whose exit status is its verdict. Raises PipelineError where it could not be made."""
    command = [sys.executable, "-m", "review", *arguments]
    status = subprocess.run(command, cwd=root, env=for_a_stack(environment), stdin=subprocess.DEVNULL, check=False)
    if status.returncode not in (0, 1, FORBIDDEN):
        raise PipelineError(f"`python -m review {arguments[0]}` ended with status {status.returncode}")
    return status.returncode


def files_review(here: Here, base: str, head: str, *, stack: str, approved_by: str) -> int:
    """`python -m review files`, its three reports in the job's folder."""
    for ending in ("md", "json", "html"):
        write(here.folder.report(ending), "")
    arguments = ["files", "--base", base, "--head", head]
    arguments += ["--stack", named(stack)] if stack else []
    arguments += ["--inventory", str(here.folder.inventories)] if here.folder.inventories.is_dir() else []
    arguments += ["--approved-by", approved_by] if approved_by else []
    for option, ending in (("--markdown", "md"), ("--json", "json"), ("--html", "html")):
        arguments += [option, str(here.folder.report(ending))]
    return review(arguments, root=here.root, environment=here.environment)


def preview(made: plan.Plan, *, root: Path, folder: Folder, environment: Mapping[str, str]) -> reports.Report:
    """The engine's preview of today's state. Raises Stopped if what it shows is forbidden, or broken."""
    stack, file = made.stack, folder.preview(made.stack)
    write(file, "")
    markdown = file.with_suffix(".md")
    arguments = ["preview", "--stack", stack, "--json", str(file), "--markdown", str(markdown)]
    arguments += ["--approved-by", ",".join(made.approvers)] if made.approvers else []
    status = review(arguments, root=root, environment=environment)
    if status == FORBIDDEN:
        told = markdown.read_text(encoding="utf-8") if markdown.exists() else ""
        raise Stopped(f"the review of what would run forbids it\n\n{told}".strip())
    return reports.of(stack, file)


def deploy(here: Here, made: plan.Plan) -> int:
    """Preview, compare, run. The exit status of `pulumi up`; Stopped where it did not begin."""
    stack, folder, root = made.stack, here.folder, here.root
    variables = with_engine(here.environment)
    wanted = preview(made, root=root, folder=folder, environment=variables)
    # On GitLab the plan is the artifact that its job has shown; on GitHub it is made anew, and must be the same.
    seen = made.digest if here.job.forge == "gitlab" else here.get("PSAAS_PLAN_DIGEST")
    why = plan.check(made, wanted, here.forge, environment=here.get("PSAAS_ENVIRONMENT"), seen=seen)
    count = len(wanted.actions)
    here.tell(f"{stack}: {count} {'action' if count == 1 else 'actions'}, {why}")
    if gone := made.approved - wanted.actions:
        here.tell(f"{stack}: {len(gone)} approved actions are done already, or no longer asked for")
    write(folder.events(stack), "")
    command = [
        "pulumi", *UP, "--stack", stack, *_policies(root), "--message", _message(here.environment),
        "--event-log", str(folder.events(stack).resolve()),
    ]  # fmt: skip
    # The option `--event-log` is there only with this variable.
    variables = for_a_stack(variables) | {"PULUMI_DEBUG_COMMANDS": "true", "PULUMI_SKIP_UPDATE_CHECK": "true"}
    return engine_run.run(command, root=root, folder=folder, stack=stack, environment=variables, show=here.show)


def with_engine(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with `pulumi` on PATH."""
    found = engine.find()
    if found is None:
        raise PipelineError("there is no `pulumi`; run `make engine` first")
    return {**environment, "PATH": f"{found.bin_folder}{os.pathsep}{environment.get('PATH', '')}"}


def for_a_stack(environment: Mapping[str, str]) -> dict[str, str]:
    """For programs of a stack. A secret that the forge doesn't have comes as an empty variable: it is unset."""
    return {
        name: value
        for name, value in environment.items()
        if name not in TOKENS + SETTINGS
        and not name.startswith(NOTIFY)
        and (value or not name.startswith(("PULUMI_", "AWS_")))
    }


def _policies(root: Path) -> list[str]:
    """The policy pack of this clone once more: what was reviewed by it also runs under it."""
    if not (root / POLICY / "PulumiPolicy.yaml").exists():
        return []
    settings = ["--policy-pack-config", str(POLICY_SETTINGS)] if (root / POLICY_SETTINGS).exists() else []
    return ["--policy-pack", str(POLICY), *settings]


def _message(environment: Mapping[str, str]) -> str:
    commit = environment.get("GITHUB_SHA") or environment.get("CI_COMMIT_SHA") or "by hand"
    return f"deploy of {commit}"
