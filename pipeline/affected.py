"""Which stacks a push touches. Knows names of files only."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.errors import PipelineError
from pipeline.folder import STACK_NAME
from pipeline.git import Git

STACK_FILE = re.compile(r"stacks/Pulumi\.(?P<stack>[^/]+)\.yaml")
# Stacks that no pipeline deploys: the local one, and the example to copy.
NOT_DEPLOYED = frozenset({"local", "example"})


def stacks(git: Git, *, commit: str) -> list[str]:
    """All stacks of a commit that pipelines look after."""
    listed = git.out("ls-tree", "-r", "--name-only", "-z", commit, "--", "stacks/", doing="list the stack files")
    found = {m["stack"] for name in listed.split("\0") if (m := STACK_FILE.fullmatch(name))}
    return sorted(stack for stack in found - NOT_DEPLOYED if STACK_NAME.fullmatch(stack))


def by_push(git: Git, *, before: str, commit: str) -> list[str]:
    """The stacks that a push touches; all where that can't be told, or where a file changed that several may share."""
    every = stacks(git, commit=commit)
    if not git.has(before):
        return every
    changed = git.out(
        "diff", "--name-only", "--no-renames", "-z", before, commit, "--", "stacks/", doing="list what was changed"
    )
    return touched(every, [name for name in changed.split("\0") if name])


def touched(every: Iterable[str], changed: Iterable[str]) -> list[str]:
    own, others = set(), False
    for name in changed:
        match = STACK_FILE.fullmatch(name)
        if match:
            own.add(match["stack"])
        elif name.startswith("stacks/") and not name.startswith("stacks/schema/"):
            others = True  # included files, the policy's settings
    return [stack for stack in every if others or stack in own]


def chosen(every: list[str], stack: str) -> list[str]:
    """The one that a person named."""
    if stack not in every:
        raise PipelineError(f"there is no stack {stack!r} to deploy; there are: {', '.join(every) or 'none'}")
    return [stack]
