"""Runs `psaas` as an operator does: in a folder of theirs, with an environment of theirs, in a pipe or a terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str = ""


def psaas(folder: Path, *arguments: str, **environment: str) -> Ran:
    """In pipes."""
    result = subprocess.run(
        command(*arguments), cwd=folder, env=variables(environment), capture_output=True, text=True, check=False
    )
    return Ran(result.returncode, result.stdout, result.stderr)


def psaas_in_a_terminal(folder: Path, *arguments: str, **environment: str) -> Ran:
    """With a terminal of 80 columns for all three streams; what it shows is in `out`."""
    return in_a_terminal(command(*arguments), folder, variables(environment))


def in_a_terminal(arguments: list[str], folder: Path, environment: dict[str, str]) -> Ran:
    """Any program in such a terminal."""
    primary, secondary = pty.openpty()
    given = {"TERM": "xterm-256color", "COLUMNS": "80", **environment}
    process = subprocess.Popen(arguments, cwd=folder, env=given, stdin=secondary, stdout=secondary, stderr=secondary)
    os.close(secondary)
    shown = b""
    while select.select([primary], [], [], 60)[0]:
        try:
            piece = os.read(primary, 65536)
        except OSError:  # Linux says so when the last process has closed its end
            break
        if not piece:
            break
        shown += piece
    os.close(primary)
    return Ran(process.wait(), shown.decode())


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "psaas", *arguments]


def variables(changes: dict[str, str]) -> dict[str, str]:
    """Nothing of this machine's own settings but where programs are."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"} | changes
