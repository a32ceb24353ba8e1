"""Runs a command to its end, within a time limit. Knows processes; knows nothing of engines."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

COULD_NOT_START = 127


@dataclass(frozen=True)
class Finished:
    status: int
    output: str
    errors: str
    timed_out: bool = False

    def why(self, lines: int = 6) -> str:
        """The last words of a command that failed."""
        if self.timed_out:
            return "it did not end in time"
        said = (self.errors.strip() or self.output.strip()).splitlines()[-lines:]
        return "\n".join(said) or f"it ended with status {self.status} and said nothing"


def run(
    command: Sequence[str],
    *,
    timeout_seconds: float,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    on_error_line: Callable[[str], None] | None = None,
) -> Finished:
    """Never raises for what the command does: a command that cannot be started is one that failed.

    The command gets a process group of its own, and none of its children outlives this call, be it the time limit
    or Ctrl-C that ends it.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
    except OSError as error:
        return Finished(COULD_NOT_START, "", f"{command[0]}: {error.strerror or error}")
    assert process.stdout
    assert process.stderr
    out_of_time = threading.Event()

    def stop() -> None:
        out_of_time.set()
        _kill_group(process.pid)

    timer = threading.Timer(timeout_seconds, stop)
    timer.daemon = True
    output: list[str] = []
    reader = threading.Thread(target=lambda: output.extend(process.stdout or ()), daemon=True)
    errors: list[str] = []
    try:
        timer.start()
        reader.start()
        for line in process.stderr:
            errors.append(line)
            if on_error_line:
                on_error_line(line.rstrip())
        reader.join()
        status = process.wait()
    finally:
        timer.cancel()
        if process.poll() is None:
            _kill_group(process.pid)
            process.wait()
    return Finished(status, "".join(output), "".join(errors), out_of_time.is_set())


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
