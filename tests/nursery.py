"""Starts appliances as `python -m appliance` does, without the half second that its imports take each time.

One process for each test process has imported everything, and forks itself for every appliance that is asked for. It
ends, and its appliances with it, when the process of the tests does. That the command line starts one is proven by
`tests/appliance`.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[1]
POLL_SECONDS = 0.01

Main = Callable[[], int]


class Process:
    """A running appliance, to be asked what a `subprocess.Popen` is asked."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = nursery().ask({"ended": self.pid})
        return self.returncode

    def wait(self, timeout: float) -> int:
        until = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("appliance", timeout)
            time.sleep(POLL_SECONDS)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


class Nursery:
    """The process that forks, seen from the tests."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.nursery"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, question: dict[str, Any]) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        with self._turn:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        """What it hears last: nobody asks any more."""
        self._process.communicate()


@cache
def nursery() -> Nursery:
    made = Nursery()
    atexit.register(made.end)
    return made


def start(log: Path, *options: str) -> tuple[Process, str]:
    """A new appliance, and the line that it printed; none if it ended before."""
    pid, line = nursery().ask({"options": options, "log": str(log)})
    return Process(pid), line


def _answer_all() -> None:
    """The process that forks, from within."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the tests that it interrupts end their appliances
    main = import_module("appliance.__main__").main  # before anybody waits for it
    running: set[int] = set()
    for line in sys.stdin:
        question = json.loads(line)
        if "ended" in question:
            pid, status = os.waitpid(question["ended"], os.WNOHANG)
            running.discard(pid)
            answer: Any = os.waitstatus_to_exitcode(status) if pid else None
        else:
            answer = _fork(main, question["options"], question["log"])
            running.add(answer[0])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for pid in running:
        os.kill(pid, signal.SIGKILL)


def _fork(main: Main, options: list[str], log: str) -> tuple[int, str]:
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        _be_an_appliance(main, options, log=log, output=writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as said:
        return pid, said.readline()


def _be_an_appliance(main: Main, options: list[str], *, log: str, output: int) -> NoReturn:
    status: Any = 1
    try:
        for source, target in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1)):
            os.dup2(source, target)
        os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), 2)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        sys.argv = ["appliance", *options]
        status = main()
    except SystemExit as end:
        status = end.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else 1)


if __name__ == "__main__":
    _answer_all()
