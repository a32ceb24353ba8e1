"""The commands of jobs on the deployed branch: plan, deploy, audit, inventory, drift, notification, release."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline import (
    affected,
    audit,
    deploy,
    drift_issue,
    engine_run,
    inventory_branch,
    notify,
    pace,
    plan,
    release,
    reports,
)
from pipeline.deploy import files_review
from pipeline.errors import PipelineError
from pipeline.folder import named, read_json, write
from pipeline.forge import AskedOnce, MergedChanges
from pipeline.github import GitHub
from pipeline.here import Here

AUDIT_WAIT_SECONDS = 240.0  # GitHub ends a cancelled job after five minutes


def find_affected(here: Here) -> int:
    """The stacks to look after: the one named by STACK, those of a push, or all for a schedule."""
    git, commit = here.git, here.commit
    every = affected.stacks(git, commit=commit)
    if here.get("STACK"):
        found = affected.chosen(every, here.stack)
    elif here.get("ALL") or not here.job.before:
        found = every
    else:
        found = affected.by_push(git, before=here.job.before, commit=commit)
    here.output("stacks", json.dumps(found))
    return 0


def make_plans(here: Here) -> int:
    """Plan STACK, or each of STACKS (a JSON list); names those that nothing forbids."""
    stacks = [here.stack] if here.get("STACK") else _names(here.get("STACKS"))
    merged = AskedOnce(here.forge) if here.job.token else None
    digests = {stack: digest for stack in stacks if (digest := _plan(here, stack, merged)) is not None}
    here.output("stacks", json.dumps(list(digests)))
    here.output("digests", json.dumps(digests))
    return 0 if len(digests) == len(stacks) else 2


def _plan(here: Here, stack: str, merged: MergedChanges | None) -> str | None:
    """What would run at this commit by its files and the inventory, and which reviews have shown it.

    Without a token nobody can be asked (`merged` is None); then only a person's approval of the run counts.
    """
    git, commit = here.git, here.commit
    base = plan.base_of(git, here.folder, stack, commit=commit, before=here.job.before)
    changes = plan.changes_since(git, merged, base=base, commit=commit, before=here.job.before) if merged else []
    approvers = plan.approvers(merged, changes) if merged else ()
    status = files_review(here, base, commit, stack=stack, approved_by=",".join(approvers))
    shown = plan.shown(merged, stack, changes) if merged else plan.Shown()
    made = plan.make(reports.of(stack, here.folder.report("json")), shown, commit=commit, approvers=approvers)
    plan.save(here.folder, made)
    told = "\n".join(plan.words(made))
    report = here.folder.report("md").read_text(encoding="utf-8")
    here.summary(f"{report}\n\n```text\n{told}\n```")
    if status == deploy.FORBIDDEN:
        here.tell(f"{stack}: the plan is forbidden\n\n{report}")
        return None
    here.tell(f"{stack}: {told}")
    return made.digest


def _names(given: str) -> list[str]:
    try:
        stacks = json.loads(given)
    except ValueError:
        stacks = None
    if not isinstance(stacks, list) or not all(isinstance(stack, str) for stack in stacks):
        raise PipelineError('STACKS is no list like ["prod"]; or say one stack: make plan STACK=prod')
    return [named(stack) for stack in stacks]


def run_deploy(here: Here) -> int:
    """Run the update, if exactly what it does was approved."""
    made = plan.load(here.folder, here.stack)
    if made.commit != here.commit:
        raise PipelineError(f"the plan is of commit {made.commit[:12]}, and this is {here.commit[:12]}; make it again")
    return 0 if deploy.deploy(here, made) == 0 else 1


def write_audit(here: Here) -> int:
    """One line for each write of the last deploy, appended to a file and printed; waits for a cancelled one to end."""
    events = here.folder.events(here.stack)
    ended = engine_run.wait_until_ended(here.folder, here.stack, seconds=AUDIT_WAIT_SECONDS)
    if not events.exists():
        here.tell(f"{here.stack}: nothing was begun")
        return 0
    file = Path(here.get("PSAAS_AUDIT_FILE") or here.folder.audit(here.stack))
    file.parent.mkdir(parents=True, exist_ok=True)
    found = audit.text(events.read_text(encoding="utf-8", errors="replace"), stack=here.stack, job=here.job)
    with file.open("a", encoding="utf-8") as stream:
        stream.write(found)
    here.show(found)
    here.tell(f"{here.stack}: {found.count(chr(10))} lines in {file}")
    if not ended:
        raise PipelineError(f"`pulumi` still works after {AUDIT_WAIT_SECONDS:g} s; what it has not ended is unknown")
    return 0


def publish_inventory(here: Here) -> int:
    """Publish what the state holds now, without secrets."""
    file = here.folder.inventories / f"{here.stack}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    arguments = ["inventory", "--stack", here.stack, "--output", str(file)]
    if seconds := _seconds_per_tenant(here, file):
        arguments += ["--seconds-per-tenant", f"{seconds:g}"]
    if deploy.review(arguments, root=here.root, environment=deploy.with_engine(here.environment)) != 0:
        raise PipelineError(f"{here.stack}: the inventory could not be made")
    new = inventory_branch.publish(here.git, here.stack, file, commit=here.commit)
    here.tell(f"{here.stack}: the inventory is {'published' if new else 'as it was'}")
    return 0


def _seconds_per_tenant(here: Here, published: Path) -> float | None:
    """As this deploy has measured; else as an earlier one has, by the inventory that was published before."""
    events = here.folder.events(here.stack)
    log = events.read_text(encoding="utf-8", errors="replace") if events.exists() else ""
    if measured := pace.seconds_per_tenant(log):
        return measured
    try:
        before = read_json(published, made_by="make fetch-inventory") if published.exists() else {}
    except PipelineError as error:
        here.tell(f"{here.stack}: what earlier deploys have measured is not known: {error}")
        return None
    known = before.get("secondsPerTenant")
    return float(known) if isinstance(known, int | float) and known > 0 else None


def drift(here: Here) -> int:
    """Look for drift; open, update or close the stack's issue."""
    report = here.folder.drift(here.stack)
    write(report, "")
    machine = report.with_suffix(".json")
    write(machine, "")
    arguments = ["drift", "--stack", here.stack, "--markdown", str(report), "--json", str(machine)]
    status = deploy.review(arguments, root=here.root, environment=deploy.with_engine(here.environment))
    text = report.read_text(encoding="utf-8")
    here.summary(text)
    if status == 2:
        raise PipelineError(f"{here.stack}: drift could not be looked for\n{text}".rstrip())
    reports.of(here.stack, machine)
    here.tell(f"{here.stack}: " + drift_issue.update(
        here.forge, here.stack, drifted=status == 1, report=text, run_url=here.job.run_url
    ))  # fmt: skip
    return 0


def send_notification(here: Here) -> int:
    """Tell somebody that a job failed. Never fails."""
    if here.get("CI_JOB_STATUS") == "success":  # GitLab's after_script runs in any case
        return 0
    stack = here.get("STACK")
    said = notify.message(here.get("WHAT") or "a job failed", stack=stack, job=here.job, folder=here.folder)
    here.tell(notify.send(said, here.environment))
    return 0


def build_packages(here: Here) -> int:
    """Build sdist, wheel and checksums into dist/."""
    for file in release.build(here.root, here.root / "dist"):
        here.tell(f"dist/{file.name}")
    return 0


def publish_release(here: Here) -> int:
    """Make the release page of the tag that started this job."""
    files = sorted((here.root / "dist").iterdir()) if (here.root / "dist").is_dir() else []
    changes = (here.root / "CHANGELOG.md").read_text(encoding="utf-8")
    if here.job.forge != "github":
        raise PipelineError("releases are made by GitHub Actions only")
    release.publish(GitHub(here.job), here.get("GITHUB_REF_NAME"), files, changes=changes)
    return 0
