"""What would run at a commit by its stack files and the published inventory, and who approved exactly that.

Needs no secret of a stack. Two ways to be approved: the review comment of the merged changes showed these actions, for
the head that was merged; or a person let this very run deploy, having seen this very plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline import comment, reports
from pipeline.errors import PipelineError, Stopped
from pipeline.folder import Folder, read_json, write_json
from pipeline.forge import Change, Forge, MergedChanges
from pipeline.git import Git
from pipeline.reports import Action, Report

MOST_COMMITS = 100


@dataclass(frozen=True)
class Plan:
    """`approved`: what the reviews of `changes` showed, in all; `approvers`: who approved of every one of them.

    `digest` names the plan in a few characters.
    """

    stack: str
    commit: str
    digest: str
    actions: frozenset[Action]
    approved: frozenset[Action]
    changes: tuple[str, ...]
    approvers: tuple[str, ...] = ()

    @property
    def unapproved(self) -> str:
        """What no review has shown, a line each; "" if every action was."""
        return reports.difference(self.actions, self.approved)


def base_of(git: Git, folder: Folder, stack: str, *, commit: str, before: str) -> str:
    """What was deployed last: the commit of the inventory; else what the branch was before the push."""
    inventory = folder.inventories / f"{stack}.json"
    deployed = read_json(inventory, made_by="make fetch-inventory").get("commit", "") if inventory.exists() else ""
    if git.has(str(deployed)) and _is_ancestor(git, str(deployed), commit):
        return str(deployed)
    return _before(git, commit=commit, before=before)


def changes_since(git: Git, forge: MergedChanges, *, base: str, commit: str, before: str) -> list[Change]:
    """The merged changes that became commits of the branch after `base`, or by this push: it may be its second run."""
    starts = {base, _before(git, commit=commit, before=before)}
    listed: set[str] = set()
    for start in starts - {commit}:
        limited = ("--first-parent", f"--max-count={MOST_COMMITS}", f"{start}..{commit}")
        listed |= set(git.out("rev-list", *limited, doing="list the commits").split())
    found: dict[int, Change] = {}
    for one in sorted(listed):
        for change in forge.merged_as(one):
            # A commit may also be listed because it is part of a change that was merged elsewhere.
            if git.has(change.merged_as) and _is_ancestor(git, change.merged_as, commit):
                found[change.number] = change
    return [found[number] for number in sorted(found)]


def _before(git: Git, *, commit: str, before: str) -> str:
    """What the branch was before this push, or the parent of its last commit."""
    if git.has(before) and _is_ancestor(git, before, commit):
        return before
    parents = git.out("rev-list", "--parents", "-n", "1", commit, doing="look for the parent commit").split()[1:]
    return parents[0] if parents else commit


@dataclass(frozen=True)
class Shown:
    """What the reviews of merged changes have shown of one stack, and where."""

    actions: frozenset[Action] = frozenset()
    changes: tuple[str, ...] = ()


def shown(forge: MergedChanges, stack: str, changes: list[Change]) -> Shown:
    """By our comments, as far as they are of exactly the heads that were merged."""
    actions: set[Action] = set()
    counted: list[str] = []
    for change in changes:
        said = comment.shown_on(forge, change.number)
        if said is not None and said.head == change.head:
            actions |= said.actions.get(stack, frozenset())
            counted.append(change.url)
    return Shown(frozenset(actions), tuple(counted))


def make(report: Report, shown: Shown, *, commit: str, approvers: tuple[str, ...] = ()) -> Plan:
    """Put what would run beside what was shown."""
    return Plan(report.stack, commit, report.digest, report.actions, shown.actions, shown.changes, approvers)


def approvers(forge: MergedChanges, changes: list[Change]) -> tuple[str, ...]:
    """Who approved of every one of these changes at its head: a setting may be in any of them."""
    names = [set(forge.approvers(change)) for change in changes]
    return tuple(sorted(set.intersection(*names))) if names else ()


def check(plan: Plan, wanted: Report, forge: Forge, *, environment: str, seen: str) -> str:
    """Who approved what is about to run, in words. Raises Stopped if nobody has.

    An approved action that is not wanted any more is no difference: the second run of an update that broke halfway.
    `seen` is the digest of the plan that the environment's reviewers were shown.
    """
    if not wanted.actions:
        return "nothing to do"
    if wanted.actions <= plan.approved:
        return f"approved in {', '.join(plan.changes)}"
    beyond = reports.difference(wanted.actions, plan.approved)
    if others := reports.of_other_kinds(wanted.actions):
        raise Stopped(
            f"this would run, and no review of a pull request can show it:\n{reports.difference(others, frozenset())}\n"
            "Look at it with `pulumi preview --diff`, and run this update by hand"
        )
    if planned := reports.difference(wanted.actions, plan.actions):
        raise Stopped(
            f"the state is not what the plan was made from, so that this would run and was not planned:\n{planned}\n"
            "The inventory is published anew now; run all jobs of this run again, and look at the new plan."
        )
    people = forge.approvers_of_run(environment) if environment else ()
    if not people:
        raise Stopped(
            f"this would run and was shown in no review that was merged:\n{beyond}\n"
            "Bring it by a pull request; or let a person approve this run in its protected environment"
            + (f" ({environment})." if environment else ", and say which in PSAAS_ENVIRONMENT.")
        )
    if seen != plan.digest:
        raise Stopped(
            "the plan has changed since this run was approved; run all jobs of this run again, and look at the new plan"
        )
    return f"approved by {', '.join(people)} for the environment {environment}"


def save(folder: Folder, plan: Plan) -> None:
    value = {
        "stack": plan.stack,
        "commit": plan.commit,
        "digest": plan.digest,
        "actions": reports.as_json(plan.actions),
        "approved": reports.as_json(plan.approved),
        "changes": list(plan.changes),
        "approvers": list(plan.approvers),
    }
    write_json(folder.plan(plan.stack), value)


def load(folder: Folder, stack: str) -> Plan:
    value: dict[str, Any] = read_json(folder.plan(stack), made_by=f"make plan STACK={stack}")
    try:
        return Plan(
            stack=str(value["stack"]),
            commit=str(value["commit"]),
            digest=str(value["digest"]),
            actions=reports.actions_of(value["actions"]),
            approved=reports.actions_of(value["approved"]),
            changes=tuple(map(str, value["changes"])),
            approvers=tuple(map(str, value["approvers"])),
        )
    except (KeyError, ValueError, TypeError):
        raise PipelineError(f"{folder.plan(stack)}: is not what `make plan` writes") from None


def words(plan: Plan) -> Iterator[str]:
    """What a person reads beside the plan's report."""
    if not plan.actions:
        yield "Nothing would be done."
    elif not plan.unapproved:
        yield f"Every action was shown in a review that was merged: {', '.join(plan.changes)}"
    else:
        yield "Not shown in any review that was merged, so that only a person's approval of this run lets it through:"
        yield plan.unapproved


def _is_ancestor(git: Git, older: str, newer: str) -> bool:
    return git.run("merge-base", "--is-ancestor", older, newer, doing="compare commits", accept=(0, 1))[0] == 0
