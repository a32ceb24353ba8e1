"""The change that a job is about: found by what the forge says, fetched and merged as data. Runs nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.errors import PipelineError
from pipeline.folder import Folder, read_json, write_json
from pipeline.forge import Forge
from pipeline.git import COMMIT, NOBODY, Git
from pipeline.job import Job

BASE, HEAD = "refs/psaas/base", "refs/psaas/head"
# Under which reference of the base repository a change's head can be fetched, also a fork's.
HEADS = {"github": "refs/pull/{}/head", "gitlab": "refs/merge-requests/{}/head"}


@dataclass(frozen=True)
class Revisions:
    """`merged` is what the base branch will be: `head` itself, or its merge with `base` that stands on no branch."""

    number: int
    base: str
    head: str
    merged: str
    url: str = ""


def find(job: Job, forge: Callable[[], Forge], git: Git) -> Revisions:
    """Fetch what this job's change is. Raises PipelineError where it has conflicts or was pushed to again."""
    run, pull = job.event.get("workflow_run"), job.event.get("pull_request")
    if isinstance(run, dict):
        owner = str((run.get("head_repository") or {}).get("owner", {}).get("login", ""))
        branch_of_fork = str(run.get("head_branch", ""))
        found = forge().change_with_head(_sha(run.get("head_sha")), owner=owner, branch=branch_of_fork)
        number, branch, head, url = found.number, found.base_branch, found.head, found.url
    elif isinstance(pull, dict):
        number, branch, head = int(pull["number"]), str(pull["base"]["ref"]), _sha(pull["head"]["sha"])
        url = str(pull.get("html_url", ""))
    else:
        raise PipelineError("this job is about no pull request or merge request; say BASE=… HEAD=…")
    reference = HEADS[job.forge].format(number)
    git.fetch(f"+refs/heads/{branch}:{BASE}", f"+{reference}:{HEAD}", doing=f"fetch change {number}")
    if git.commit(HEAD) != head:
        raise PipelineError(f"change {number} was pushed to again; the newer run reviews it")
    return merge(git, number=number, base=git.commit(BASE), head=head, url=url)


def merge(git: Git, *, number: int, base: str, head: str, url: str = "") -> Revisions:
    """Merge in memory: a branch that is behind would else seem to remove what was added since."""
    doing = f"merge {head[:12]} into {base[:12]}"
    behind, _ = git.run("merge-base", "--is-ancestor", base, head, doing=doing, accept=(0, 1))
    if not behind:
        return Revisions(number, base, head, head, url)
    status, tree = git.run("merge-tree", "--write-tree", "--name-only", base, head, doing=doing, accept=(0, 1))
    if status == 1:
        raise PipelineError(f"{doing}: there are conflicts; bring the branch up to date with its base branch")
    _, merged = git.run(
        "commit-tree", tree.split()[0], "-p", base, "-p", head, "-m", "What the base branch will be",
        doing=doing, environment=NOBODY,
    )  # fmt: skip
    return Revisions(number, base, head, merged, url)


def touches(git: Git, revisions: Revisions, folder: str) -> bool:
    """Whether anything in a folder differs."""
    doing = "compare the two revisions"
    return (
        git.run("diff", "--quiet", revisions.base, revisions.merged, "--", folder, doing=doing, accept=(0, 1))[0] == 1
    )


def save(folder: Folder, revisions: Revisions) -> None:
    write_json(folder.change, asdict(revisions))


def load(folder: Folder) -> Revisions:
    value: dict[str, Any] = read_json(folder.change, made_by="make change")
    return Revisions(**value)


def _sha(value: object) -> str:
    if not isinstance(value, str) or not COMMIT.fullmatch(value):
        raise PipelineError("the event names no commit")
    return value
