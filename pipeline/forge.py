"""What pipelines ask of GitHub or GitLab, in one vocabulary. Knows the calls of neither."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from pipeline.errors import PipelineError
from pipeline.job import Job


@dataclass(frozen=True)
class Comment:
    """`own`: written by the author that our comments have, whoever claims what in its text."""

    id: int
    body: str
    own: bool


@dataclass(frozen=True)
class Change:
    """A pull request or merge request. `merged_as` is the commit that it became on its base branch, or ""."""

    number: int
    url: str
    base_branch: str
    base: str
    head: str
    from_fork: bool
    merged_as: str = ""


@dataclass(frozen=True)
class Issue:
    number: int
    url: str
    body: str


class MergedChanges(Protocol):
    """What is asked about changes that were merged. Every call may raise WebError."""

    def merged_as(self, commit: str) -> list[Change]:
        """The merged change requests that this commit came from."""
        ...

    def comments(self, number: int) -> Iterable[Comment]: ...

    def approvers(self, change: Change) -> tuple[str, ...]:
        """Who approves of exactly the change's head commit, and has not taken it back."""
        ...


class AskedOnce:
    """A forge that is asked each question about merged changes once, however many stacks a job plans."""

    def __init__(self, forge: MergedChanges) -> None:
        self.merged_as = cache(forge.merged_as)
        self.approvers = cache(forge.approvers)
        self.comments = cache(lambda number: tuple(forge.comments(number)))


class Forge(MergedChanges, Protocol):
    """Every call may raise WebError."""

    def change(self, number: int) -> Change: ...

    def change_with_head(self, head: str, *, owner: str, branch: str) -> Change:
        """The open change request of a fork's branch that stands at exactly this commit."""
        ...

    def write_comment(self, number: int, body: str, *, over: int | None) -> None: ...

    def approvers_of_run(self, environment: str) -> tuple[str, ...]:
        """The people who let this run deploy to an environment."""
        ...

    def open_issues(self) -> Iterator[Issue]:
        """Open issues written by our author."""
        ...

    def write_issue(self, title: str, body: str, *, over: int | None) -> str: ...

    def close_issue(self, number: int, body: str) -> None: ...


def of(job: Job) -> Forge:
    """The forge that runs this job."""
    from pipeline.github import GitHub
    from pipeline.gitlab import GitLab

    if job.forge == "github":
        return GitHub(job)
    if job.forge == "gitlab":
        return GitLab(job)
    raise PipelineError("this is no job of GitHub Actions or GitLab CI (GITHUB_ACTIONS, GITLAB_CI)")
