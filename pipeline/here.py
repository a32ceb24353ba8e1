"""What every command of a pipeline needs, made when it is asked for. Knows the job's environment and CI's files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pipeline import forge, job
from pipeline.folder import Folder, named
from pipeline.git import Git


class Here:
    """What every command needs, made when it is asked for."""

    def __init__(
        self, root: Path, environment: Mapping[str, str], *, tell: Callable[[str], None], show: Callable[[str], None]
    ) -> None:
        """`tell` says a line to a person; `show` passes output on as it is."""
        self.root, self.environment, self.tell, self.show = root, environment, tell, show
        self.folder = Folder(root / ".psaas" / "pipeline")
        self.job = job.of(environment)

    def get(self, name: str, default: str = "") -> str:
        return self.environment.get(name, default).strip()

    @property
    def stack(self) -> str:
        return named(self.get("STACK"))

    @property
    def forge(self) -> forge.Forge:
        return forge.of(self.job)

    @property
    def git(self) -> Git:
        # GitLab's own remote holds the job's token, which would be sent beside ours.
        project = self.get("CI_PROJECT_URL") if self.job.forge == "gitlab" and self.job.token else ""
        return Git(self.root, self.job, remote=f"{project}.git" if project else "origin")

    @property
    def commit(self) -> str:
        return self.git.commit("HEAD")

    def summary(self, text: str) -> None:
        """Into the job's summary, where there is one."""
        if file := self.get("GITHUB_STEP_SUMMARY"):
            with Path(file).open("a", encoding="utf-8") as stream:
                stream.write(text.rstrip() + "\n\n")

    def output(self, name: str, value: str) -> None:
        """For later jobs, and for people."""
        self.show(f"{name}={value}\n")
        if file := self.get("GITHUB_OUTPUT"):
            with Path(file).open("a", encoding="utf-8") as stream:
                stream.write(f"{name}={value}\n")
