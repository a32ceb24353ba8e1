"""A `pulumi up` under way, which a test can stop at a point and kill. Knows processes by a mark that they inherit."""

from __future__ import annotations

import secrets
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chaos import processes
from tests.engine.stack import NAME, Ran, Stack

INSIDE = Path(__file__).with_name("inside")
WAIT_SECONDS = 60.0
# Without the last option the engine begins nothing new after the first error, and other tenants would wait.
UP = ("up", "--yes", "--skip-preview", "--continue-on-error")
EVERYTHING, CLI, PROVIDER = "everything", "the CLI", "the provider"


def wait_for(what: str, true: Callable[[], Any], *, seconds: float = WAIT_SECONDS, why: Callable[[], str] = str) -> Any:
    """What `true` returns, once it is true; an error that says what never came."""
    give_up_at = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < give_up_at, f"never came: {what}\n{why()}"
        time.sleep(0.05)
    return value


class Running:
    """One run. `point` is where its provider stops, from the `first` creation on that comes there."""

    def __init__(
        self, stack: Stack, *command: str, point: str = "", first: int = 2, error: int = 0, **environment: str
    ) -> None:
        self.mark = secrets.token_hex(8)
        self.folder = stack.project / f"run-{self.mark}"
        self.folder.mkdir()
        inside = {"PYTHONPATH": str(INSIDE), "CRASH_MARK": self.mark, "CRASH_FOLDER": str(self.folder)}
        if point:
            inside |= {"CRASH_AT": point, "CRASH_FROM": str(first), "CRASH_ERROR": str(error)}
        self.log = self.folder / "output"
        command = command or UP
        self.command = " ".join(("pulumi", *command))
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["pulumi", *command, "--stack", NAME, "--non-interactive", "--color", "never"],
                cwd=stack.project, env=stack.environment | inside | environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stopped(self, times: int, *, seconds: float = WAIT_SECONDS) -> None:
        """Wait until so many creations stand at the point."""
        reached = f"{times} creations at the point"
        wait_for(reached, lambda: self._stops() >= times, seconds=seconds, why=self.output)

    def _stops(self) -> int:
        return len(list(self.folder.glob("stopped-*")))

    def go_on(self) -> None:
        (self.folder / "go-on").touch()

    def processes(self) -> dict[int, str]:
        """The processes that live and carry this run's mark, with their command lines."""
        return processes.marked(f"CRASH_MARK={self.mark}")

    def pids(self, whom: str) -> list[int]:
        found = self.processes()
        if whom == CLI:
            return [self.process.pid]
        if whom == PROVIDER:
            return [pid for pid, command in found.items() if "pulumi.dynamic" in command]
        return list(found)

    def kill(self, whom: str) -> None:
        """`kill -9`. Everything is stopped first, so that nothing sees another end."""
        pids = self.pids(whom)
        assert pids, f"there is no process of {whom}\n{self.output()}"
        processes.kill(pids)

    def ended(self) -> Ran:
        """Wait for the command's own end."""
        wait_for("the end of the run", lambda: self.process.poll() is not None, seconds=120, why=self.output)
        return Ran(self.command, self.process.returncode, self.output())

    def end_leftovers(self) -> None:
        """Whatever is still there of this run ends now."""
        processes.end_all(f"CRASH_MARK={self.mark}")
        self.process.wait(timeout=WAIT_SECONDS)
