"""Runs a command and says what it cost: time, and CPU and memory of each kind of process. Linux only.

What the command started is found in /proc by its session, and looked at a few times a second. Knows which command line
is which part of Pulumi, and nothing of stacks.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LOOKS_EVERY_SECONDS = 0.05
RUN_SECONDS = 900.0
TICKS = os.sysconf("SC_CLK_TCK")
# What stands in the command line of a process, the most telling first.
KINDS = (
    ("pulumi-language-python-exec", "program"),
    ("pulumi-resource-pulumi-python", "provider"),
    ("pulumi.dynamic", "provider"),
    ("pulumi/dynamic", "provider"),
    ("pulumi-language-python", "language host"),
    ("language_host", "language host"),
    ("pulumi", "CLI"),
)


class Failed(Exception):
    """A run that was to be measured did not end well."""


@dataclass(frozen=True)
class Cost:
    """What a run took. `cpu_seconds` is all of it, `cpu` and `peak_mb` are by kind of process."""

    seconds: float
    cpu_seconds: float
    cpu: Mapping[str, float]
    peak_mb: Mapping[str, float]
    output: str = field(repr=False)


def run(command: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> Cost:
    """Run to the end; raises Failed where its exit status is not 0."""
    log = folder / "run.log"
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=dict(environment), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        with _Watch(process.pid) as watch:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    said = log.read_text(encoding="utf-8", errors="replace")
    if process.returncode:
        raise Failed(f"{' '.join(command[:4])} … ended with {process.returncode}; it said:\n{said[-4000:]}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, watch.cpu(), watch.peak_mb(), said)


class _Watch:
    """Looks at all processes of a session until it is told to stop; ends them where they take far too long."""

    def __init__(self, session: int) -> None:
        self._session = session
        self._give_up_at = time.monotonic() + RUN_SECONDS
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._cpu: dict[int, tuple[str, float]] = {}
        self._peak: dict[int, tuple[str, float]] = {}
        self._others: set[int] = set()

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, broken_off: type[BaseException] | None, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if broken_off:  # by Ctrl-C: nobody waits for them any more
            self._end()

    def cpu(self) -> dict[str, float]:
        """Seconds of all processes of a kind, as far as they were seen."""
        kinds = {kind for kind, _ in self._cpu.values()}
        return {kind: sum(value for each, value in self._cpu.values() if each == kind) for kind in sorted(kinds)}

    def peak_mb(self) -> dict[str, float]:
        """The most memory that one process of a kind had in RAM, in MB (10^6 bytes)."""
        kinds = {kind for kind, _ in self._peak.values()}
        return {kind: max(value for each, value in self._peak.values() if each == kind) for kind in sorted(kinds)}

    def _look(self) -> None:
        while not self._over.wait(LOOKS_EVERY_SECONDS):
            for pid in [int(name) for name in os.listdir("/proc") if name.isdecimal()]:  # noqa: PTH208 - many, often
                if pid not in self._others:
                    with contextlib.suppress(OSError, ValueError, IndexError):
                        self._look_at(pid)
            if time.monotonic() > self._give_up_at:
                self._end()

    def _end(self) -> None:
        for pid in {self._session, *self._cpu}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _look_at(self, pid: int) -> None:
        process = Path("/proc") / str(pid)
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        if int(fields[3]) != self._session:
            if int(fields[1]) != os.getpid():  # a child of ours gets its own session in a moment
                self._others.add(pid)
            return
        command_line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        if not command_line:  # it has ended, and its parent has not noticed yet
            return
        kind = kind_of(command_line)
        self._cpu[pid] = kind, (int(fields[11]) + int(fields[12])) / TICKS
        for line in (process / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                self._peak[pid] = kind, int(line.split()[1]) * 1024 / 1e6


def kind_of(command_line: str) -> str:
    """Which part of Pulumi a process is, by its command line; else "other"."""
    return next((kind for words, kind in KINDS if words in command_line), "other")
