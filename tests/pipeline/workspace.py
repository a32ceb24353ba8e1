"""A clone of the project with a bare repository on disk as its origin, in which make targets run as CI runs them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.engine.stack import ROOT
from tests.pipeline.forge_server import PROJECT, REPOSITORY, TOKEN, ForgeServer

CLONED = (
    "Makefile", "Pulumi.yaml", "__main__.py", "pyproject.toml", "requirements.txt", "requirements-appliance.txt",
    "requirements-dev.txt", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore", "appliance", "engine", "local",
    "pipeline", "policy", "psaas", "psaas_resources", "review", "stacks",
)  # fmt: skip
REQUIREMENTS = [name for name in CLONED if name.startswith("requirements")]
MAKE_SECONDS = 240


class Workspace:
    """`folder` is the clone; `environment` is what a job of GitHub Actions has."""

    def __init__(self, folder: Path, forge: ForgeServer) -> None:
        self.folder, self.forge = folder / "clone", forge
        self.origin, self.summary, self.outputs = folder / "origin.git", folder / "summary.md", folder / "outputs"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "PSAAS_", "MAKE", "GIT"))}
        self.environment = inherited | {
            "HOME": str(folder / "home"),
            "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache"),
            "GITHUB_ACTIONS": "true",
            "GITHUB_SERVER_URL": forge.url,
            "GITHUB_API_URL": forge.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_RUN_ID": "99",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_ACTOR": "octocat",
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.outputs),
        }
        (folder / "home").mkdir()
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.origin), at=folder)
        self.git("init", "--quiet", "--initial-branch=main", str(self.folder), at=folder)
        for name in CLONED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, self.folder / name)  # with what is compiled already
            elif source.exists():
                shutil.copy2(source, self.folder / name)
        (self.folder / ".venv").symlink_to(ROOT / ".venv")
        self.git("remote", "add", "origin", str(self.origin))
        self.commit("The project")
        self.push()

    def git(self, *arguments: str, at: Path | None = None) -> str:
        who = {
            f"GIT_{r}_{p}": v for r in ("AUTHOR", "COMMITTER") for p, v in (("NAME", "me"), ("EMAIL", "me@email.com"))
        }
        ran = subprocess.run(
            ["git", *arguments], cwd=at or self.folder, env=self.environment | who, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert ran.returncode == 0, f"git {arguments}: {ran.stderr}"
        return ran.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def push(self, reference: str = "refs/heads/main") -> None:
        self.git("push", "--quiet", "origin", f"+HEAD:{reference}")

    def branch(self, name: str, *, at: str = "main") -> None:
        self.git("checkout", "--quiet", "-B", name, at)

    def write_stack(self, name: str, tenants: list[Any], **config: Any) -> None:
        """A stack file as JSON, which is YAML too."""
        keys: dict[str, Any] = {"domain": "rta.example.org", "clientId": "provisioning", "manageGrant": False}
        keys |= {"tenants": [t if isinstance(t, dict) else {"name": t, "owners": ["ops@example.com"]} for t in tenants]}
        document = {"config": {f"psaas:{key}": value for key, value in (keys | config).items()}}
        file = self.folder / "stacks" / f"Pulumi.{name}.yaml"
        file.write_text(json.dumps(document, indent=1), encoding="utf-8")

    def event(self, event: dict[str, Any], *, name: str = "pull_request") -> None:
        file = self.folder.parent / "event.json"
        file.write_text(json.dumps(event), encoding="utf-8")
        self.environment |= {"GITHUB_EVENT_PATH": str(file), "GITHUB_EVENT_NAME": name}

    def on_gitlab(self, **more: str) -> None:
        """From here on, a job of GitLab CI."""
        self.environment = {k: v for k, v in self.environment.items() if not k.startswith("GITHUB_")} | {
            "GITLAB_CI": "true",
            "CI_SERVER_URL": self.forge.url,
            "CI_API_V4_URL": f"{self.forge.url}/api/v4",
            "CI_PROJECT_ID": PROJECT,
            "PSAAS_GITLAB_TOKEN": TOKEN,
            **more,
        }

    def make(self, *targets: str, **environment: str) -> subprocess.CompletedProcess[str]:
        # A fresh clone's lists of packages are younger than the environment that it shares.
        old = [word for name in REQUIREMENTS for word in ("-o", name)]
        ran = subprocess.run(
            ["make", *old, *targets], cwd=self.folder, env=self.environment | environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=MAKE_SECONDS, check=False,
        )  # fmt: skip
        assert TOKEN not in ran.stdout + ran.stderr
        assert "Traceback" not in ran.stdout + ran.stderr, ran.stderr
        return ran

    def done(self, *targets: str, **environment: str) -> str:
        """What a target said that must have ended well."""
        ran = self.make(*targets, **environment)
        assert ran.returncode == 0, f"make {targets} ended with {ran.returncode}\n{ran.stdout}{ran.stderr}"
        return ran.stdout + ran.stderr

    def failed(self, *targets: str, **environment: str) -> str:
        ran = self.make(*targets, **environment)
        assert ran.returncode != 0, f"make {targets} ended with 0\n{ran.stdout}{ran.stderr}"
        return ran.stdout + ran.stderr

    @property
    def state(self) -> Path:
        return self.folder / ".psaas" / "pipeline"
