"""A Git repository of stack files, made for one test."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from review.__main__ import main

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = ("-c", "user.name=A person", "-c", "user.email=person@example.com", "-c", "commit.gpgsign=false")


class Ran(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


class Repository:
    """`folder` is the working tree, which reviews never read but for stacks/policy.json."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        command = ["git", *PEOPLE, *arguments]
        return subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True).stdout.strip()

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def commit(self, files: Mapping[str, str] | None = None, *, remove: tuple[str, ...] = ()) -> str:
        self.write(files or {})
        for name in remove:
            (self.folder / name).unlink()
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a change")
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str, start: str = "main") -> None:
        self.git("checkout", "--quiet", "-B", name, start)

    def review(self, *arguments: str) -> Ran:
        """`python -m review …` in the folder, without another process."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = main(arguments)
            except SystemExit as end:
                status = int(end.code or 0)
        return Ran(status, out.getvalue(), err.getvalue())

    def review_by_itself(self, *arguments: str) -> Ran:
        """The same in a process that has no variables but the path."""
        ran = subprocess.run(
            [sys.executable, "-m", "review", *arguments],
            cwd=self.folder,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)
