"""Processes that carry a mark in their environment: found in /proc (Linux) and ended by their IDs, never by a name."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

END_SECONDS = 30.0


def marked(mark: str) -> dict[int, str]:
    """The processes that live and inherited `mark` (`NAME=value`), with their command lines."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        with contextlib.suppress(OSError):
            if mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def kill(pids: list[int]) -> None:
    """`kill -9`. All are stopped first, so that none sees another end."""
    for signum in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signum)


def end_all(mark: str) -> None:
    """Kill everything that carries the mark, and wait until it is gone."""
    give_up_at = time.monotonic() + END_SECONDS
    while found := marked(mark):
        kill(list(found))
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"still there after {END_SECONDS:g} s: {found}")
        time.sleep(0.05)
