"""One notification when a job failed: a command of yours, given JSON on its standard input. Never fails by itself."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pipeline.folder import Folder
from pipeline.job import Job

VARIABLE = "PSAAS_NOTIFY_COMMAND"
SECONDS = 30.0
LONGEST_ERROR = 1000
# What the command may know of the environment: its own settings, and how to reach the network.
PASSED_ON = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
)
OWN = "PSAAS_NOTIFY_"


def message(what: str, *, stack: str, job: Job, folder: Folder) -> dict[str, str]:
    return {
        "what": what,
        "stack": stack,
        "commit": job.commit,
        "actor": job.actor,
        "run": job.run_url,
        "error": first_error(folder.output(stack)) if stack else "",
    }


def first_error(output: Path) -> str:
    """The first line of the engine's output that is an error."""
    with suppress(OSError), output.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.strip().startswith(("error:", "fatal:")):
                return line.strip()[:LONGEST_ERROR]
    return ""


def send(said: Mapping[str, str], environment: Mapping[str, str], *, seconds: float = SECONDS) -> str:
    """Run the command; what became of it, in words. The command's own output is not repeated."""
    try:
        command = shlex.split(environment.get(VARIABLE, ""))
    except ValueError:
        return f"{VARIABLE} is no command line; nobody was notified"
    if not command:
        return f"{VARIABLE} is not set; nobody was notified"
    passed = {
        name: value
        for name, value in environment.items()
        if name in PASSED_ON or (name.startswith(OWN) and name != VARIABLE)
    }
    try:
        process = subprocess.Popen(
            command, env=passed, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        return f"{VARIABLE}: {command[0]} can't be run ({error.strerror}); nobody was notified"
    try:
        process.communicate(json.dumps(said).encode() + b"\n", timeout=seconds)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return f"{VARIABLE}: did not end within {seconds:g} s"
    if process.returncode:
        return f"{VARIABLE}: ended with status {process.returncode}"
    return "notified"
