"""Which stacks a push touches, by the names of files and by the files that a stack file includes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

import yaml

from pipeline.errors import PipelineError
from pipeline.folder import STACK_NAME
from pipeline.git import Git

STACK_FILE = re.compile(r"stacks/Pulumi\.(?P<stack>[^/]+)\.yaml")
# The keys by which a stack file includes others.
INCLUDING = ("psaas:tenantFiles", "psaas:existingTenantFiles")
# Stacks that no pipeline deploys: the local one, and the example to copy.
NOT_DEPLOYED = frozenset({"local", "example"})


def stacks(git: Git, *, commit: str) -> list[str]:
    """All stacks of a commit that pipelines look after."""
    listed = git.out("ls-tree", "-r", "--name-only", "-z", commit, "--", "stacks/", doing="list the stack files")
    found = {m["stack"] for name in listed.split("\0") if (m := STACK_FILE.fullmatch(name))}
    return sorted(stack for stack in found - NOT_DEPLOYED if STACK_NAME.fullmatch(stack))


def by_push(git: Git, *, before: str, commit: str) -> list[str]:
    """The stacks that a push touches; all where that can't be told, or where a file changed that all share."""
    every = stacks(git, commit=commit)
    if not git.has(before):
        return every
    changed = git.out(
        "diff", "--name-only", "--no-renames", "-z", before, commit, "--", "stacks/", doing="list what was changed"
    )

    def includes(stack: str, file: str) -> bool:
        return any(_includes(git, stack, file, revision) for revision in (before, commit))

    return touched(every, [name for name in changed.split("\0") if name], includes)


def touched(every: Iterable[str], changed: Iterable[str], includes: Callable[[str, str], bool]) -> list[str]:
    """`includes` says of a stack and a YAML file that is no stack's own whether the stack includes it."""
    own, included, all_share = set(), set(), False
    for name in changed:
        match = STACK_FILE.fullmatch(name)
        if match:
            own.add(match["stack"])
        elif name.startswith("stacks/") and name.endswith(".yaml"):
            included.add(name)
        elif name.startswith("stacks/") and not name.startswith("stacks/schema/"):
            all_share = True  # the policy's settings
    return [
        stack for stack in every if all_share or stack in own or any(includes(stack, name) for name in sorted(included))
    ]


def _includes(git: Git, stack: str, file: str, revision: str) -> bool:
    """Whether a stack file includes a file; true where that can't be told."""
    name = f"stacks/Pulumi.{stack}.yaml"
    if not git.out("ls-tree", "--name-only", revision, "--", name, doing="look for a stack file"):
        return False
    try:
        config = yaml.safe_load(git.out("show", f"{revision}:{name}", doing="read a stack file"))["config"]
        given = [config.get(key, []) for key in INCLUDING]
        patterns = [one for many in given for one in (json.loads(many) if isinstance(many, str) else many)]
        return any(_matches(file.split("/"), ["stacks", *pattern.split("/")]) for pattern in patterns)
    except (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return True


def _matches(parts: list[str], patterns: list[str]) -> bool:
    """A `*` stays within one folder, as where the program reads them."""
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


def chosen(every: list[str], stack: str) -> list[str]:
    """The one that a person named."""
    if stack not in every:
        raise PipelineError(f"there is no stack {stack!r} to deploy; there are: {', '.join(every) or 'none'}")
    return [stack]
