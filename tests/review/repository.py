"""A Git repository of stack files, made for one test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = ("-c", "user.name=A person", "-c", "user.email=person@example.com", "-c", "commit.gpgsign=false")


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

    def review(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`python -m review …`, as a person would run it in the folder."""
        return subprocess.run(
            [sys.executable, "-m", "review", *arguments],
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
