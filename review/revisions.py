"""Stack files of Git revisions as data. Nothing is checked out, no filter and no hook runs, no link is followed.

What a pull request would bring is the base revision merged with its head, in Git's own objects: so a base that went
on does not look like a removal. Where that can't be made, the head is compared with the merge base.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from psaas_resources import documents, rules, stack_files

MOST_BYTES_IN_ALL = 64 * 1024 * 1024
_REGULAR = ("100644", "100755", "100664")
_LINKS = {"120000": "a symbolic link, which is not followed here", "160000": "a submodule, which is not read here"}
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}


class RevisionError(Exception):
    """Git can't tell what was asked; the message says what and why."""


@dataclass(frozen=True)
class Tree:
    """The project's files in one revision. `blobs` says, for each path, its mode and object; `files` holds the YAML
    below stacks/ as text; `problems` are files there that can't be read as such, each with its place.
    """

    blobs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """Two trees to compare, and the commits that they stand for. `error` says why a comparison says too little."""

    before: Tree
    after: Tree
    base: str
    head: str
    error: str = ""

    @property
    def changed(self) -> tuple[str, ...]:
        """The paths of all files that differ."""
        before, after = self.before.blobs, self.after.blobs
        return tuple(sorted(path for path in {*before, *after} if before.get(path) != after.get(path)))


class Repository:
    """The Git repository around a project's folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._prefix = self._git("rev-parse", "--show-prefix").decode().strip()

    def pair(self, base: str, head: str) -> Pair:
        """What `base` is and what it would be with `head` merged. Raises RevisionError."""
        base_commit, head_commit = self.commit(base), self.commit(head)
        before, after, error = base_commit, head_commit, ""
        merge_base = self._try("merge-base", base_commit, head_commit)
        if not merge_base:
            raise RevisionError(
                f"{_shown(base)} and {_shown(head)} have no common ancestor; fetch more of their history"
            )
        if merge_base != base_commit:
            merged = self._try("merge-tree", "--write-tree", "--no-messages", base_commit, head_commit)
            if merged:
                after = merged
            else:
                before = merge_base
                error = "the head can't be merged into the base without a conflict, or this Git is older than 2.38; "
                error += "bring the base into it, and review again"
        return Pair(self._tree(before), self._tree(after), base_commit, head_commit, error)

    def commit(self, revision: str) -> str:
        """The commit that a revision names. Raises RevisionError; a name can't be an option."""
        if not revision or revision.startswith("-") or not revision.isprintable():
            raise RevisionError(f"{_shown(revision)} is not a revision")
        commit = self._try("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        if not commit:
            raise RevisionError(f"{_shown(revision)} is not a revision here; fetch it first")
        return commit

    def _tree(self, tree: str) -> Tree:
        blobs: dict[str, tuple[str, str]] = {}
        problems: list[str] = []
        wanted: dict[str, str] = {}
        room = MOST_BYTES_IN_ALL
        listing = self._git("ls-tree", "-r", "-z", "-l", "--full-tree", tree).split(b"\0")
        for line in listing:
            meta, tab, name = line.partition(b"\t")
            if not tab:
                continue
            mode, _, object_id, size = meta.decode().split()
            path = name.decode("utf-8", errors="surrogateescape")
            path = path.removeprefix(self._prefix) if path.startswith(self._prefix) else f"/{path}"
            blobs[path] = (mode, object_id)
            if not path.startswith(f"{stack_files.FOLDER}/") or not path.endswith(".yaml"):
                continue
            if mode not in _REGULAR:
                problems.append(f"{rules.printable(path)}: is {_LINKS.get(mode, 'not a file')}")
            elif int(size) > documents.MOST_BYTES:
                problems.append(f"{rules.printable(path)}: has more than {documents.MOST_BYTES:,} bytes")
            elif (room := room - int(size)) < 0:
                problems.append(f"{stack_files.FOLDER}/: holds more than {MOST_BYTES_IN_ALL:,} bytes of YAML")
                break
            else:
                wanted[path] = object_id
        return Tree(blobs, self._texts(wanted), tuple(problems))

    def _texts(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """The contents of objects, by one process."""
        if not wanted:
            return {}
        given = "".join(f"{object_id}\n" for object_id in wanted.values()).encode()
        answer = self._git("cat-file", "--batch", given=given)
        texts, position = {}, 0
        for path in wanted:
            header_end = answer.index(b"\n", position)
            kind, size = answer[position:header_end].decode().split()[1:3]
            if kind != "blob":
                raise RevisionError(f"{rules.printable(path)}: is not a file")
            start = header_end + 1
            texts[path] = stack_files.decoded(answer[start : start + int(size)])
            position = start + int(size) + 1
        return texts

    def _try(self, *arguments: str) -> str:
        """The first line of what Git says, "" where it fails."""
        ran = self._run(arguments, b"")
        return ran.stdout.decode().partition("\n")[0].strip() if ran.returncode == 0 else ""

    def _git(self, *arguments: str, given: bytes = b"") -> bytes:
        ran = self._run(arguments, given)
        if ran.returncode != 0:
            said = rules.printable(ran.stderr.decode(errors="replace").strip()) or "it said nothing"
            raise RevisionError(f"git {arguments[0]} failed: {said}")
        return ran.stdout

    def _run(self, arguments: tuple[str, ...], given: bytes) -> subprocess.CompletedProcess[bytes]:
        command = ["git", "-C", str(self._root), "--no-replace-objects", "-c", "core.fsmonitor=false", *arguments]
        try:
            return subprocess.run(command, input=given, capture_output=True, check=False, env={**os.environ, **_QUIET})
        except OSError as error:
            raise RevisionError(f"git can't be started: {error.strerror}") from None


def _shown(revision: str) -> str:
    return f'"{rules.printable(revision, 100)}"'
