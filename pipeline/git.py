"""`git`, told where the token is by its environment: never in an argument, an address, a file or a message."""

from __future__ import annotations

import base64
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.job import Job

TIMEOUT_SECONDS = 300
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# The same commit whoever makes it, and when.
NOBODY = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in {"NAME": "psaas-tenants", "EMAIL": "psaas-tenants@example.com", "DATE": "@0 +0000"}.items()
}
# Hooks and attributes' programs are configured, not fetched; still, none shall run here.
CAREFUL = ("-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-c", "core.fsmonitor=false")


class Git:
    """Commands in one clone. `remote` is a name or an address without credentials."""

    def __init__(self, root: Path, job: Job, *, remote: str = "origin") -> None:
        self.root, self.remote = root, remote
        self._environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **_authorization(job)}

    def run(
        self,
        *arguments: str,
        doing: str,
        text: str = "",
        accept: Sequence[int] = (0,),
        environment: Mapping[str, str] | None = None,
    ) -> tuple[int, str]:
        """Status and output, stripped. Raises PipelineError with git's own last words for any other status."""
        variables = self._environment | dict(environment or {})
        try:
            ran = subprocess.run(
                ["git", *CAREFUL, *arguments], cwd=self.root, env=variables, input=text,
                capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=TIMEOUT_SECONDS,
            )  # fmt: skip
        except FileNotFoundError:
            raise PipelineError("there is no git on this machine") from None
        except subprocess.TimeoutExpired:
            raise PipelineError(f"{doing}: git did not end within {TIMEOUT_SECONDS} s") from None
        if ran.returncode not in accept:
            raise PipelineError(f"{doing}: {_last_words(ran.stderr)}")
        return ran.returncode, ran.stdout.strip()

    def out(self, *arguments: str, doing: str, text: str = "") -> str:
        return self.run(*arguments, doing=doing, text=text)[1]

    def commit(self, revision: str) -> str:
        """The full name of a commit that is here."""
        if revision.startswith("-") or not revision:
            raise PipelineError(f"{revision!r} is no Git revision")
        command = ("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        status, found = self.run(*command, doing=f"find the commit {revision}", accept=(0, 1))
        if status:
            raise PipelineError(f'"{revision}" is not a revision here; fetch it first')
        return found

    def has(self, revision: str) -> bool:
        return bool(COMMIT.fullmatch(revision)) and self.run(
            "cat-file", "-e", f"{revision}^{{commit}}", doing="look for a commit", accept=(0, 1, 128)
        )[0] == 0  # fmt: skip

    def fetch(self, *references: str, doing: str) -> None:
        """References with their whole history, as data: nothing is checked out."""
        shallow = self.out("rev-parse", "--is-shallow-repository", doing="look at this clone") == "true"
        self.out(
            "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
            *(("--unshallow",) if shallow else ()), self.remote, *references, doing=doing,
        )  # fmt: skip


def _authorization(job: Job) -> dict[str, str]:
    if not job.token:
        return {}
    user = "x-access-token" if job.forge == "github" else "oauth2"
    basic = base64.b64encode(f"{user}:{job.token}".encode()).decode()
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{job.server}/.extraheader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
    }


def _last_words(said: str) -> str:
    """One line of what git said, without what may stand before an @ in an address."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("fatal:", "error:", " ! "))] or lines
    return re.sub(r"//[^/@\s]+@", "//", errors[-1])[:300] if errors else "git failed without a word"
