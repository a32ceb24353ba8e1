"""Catches the engine in the middle of writing its state. Knows inotify (Linux) and what the state's folder looks like.

The engine writes a checkpoint beside the state and renames it. Each change in the folder is told to us; the engine is
stopped at once, and stays so if a write is half done, else it goes on to the next.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import time
from pathlib import Path

CHANGES = 0x2 | 0x40 | 0x80 | 0x100  # modify, moved from, moved to, create
TRIES_SECONDS = 20.0


class Watch:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._handle = self._libc.inotify_init1(os.O_NONBLOCK)
        folder.mkdir(parents=True, exist_ok=True)
        assert self._libc.inotify_add_watch(self._handle, os.fsencode(folder), CHANGES) >= 0, os.strerror(
            ctypes.get_errno()
        )

    def forget(self) -> None:
        """Changes so far don't count."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._handle, 65536):
                pass

    def stop_within_a_write(self, pid: int) -> str:
        """Stop process `pid` while a write is half done; returns what the folder shows then."""
        give_up_at = time.monotonic() + TRIES_SECONDS
        seen: list[list[str]] = []
        while time.monotonic() < give_up_at:
            if not select.select([self._handle], [], [], 1.0)[0]:
                continue
            os.kill(pid, signal.SIGSTOP)
            os.read(self._handle, 65536)
            names = sorted(file.name for file in self._folder.iterdir())
            seen.append(names)
            if half := half_written(names):
                return half
            os.kill(pid, signal.SIGCONT)
        raise AssertionError(f"no write was caught half done; seen: {seen}")

    def close(self) -> None:
        os.close(self._handle)


def half_written(names: list[str]) -> str:
    """What shows that a write is under way: a file that is neither the state, nor its copy; or no state any more."""
    others = [name for name in names if not name.endswith((".json", ".bak", ".attrs"))]
    if others:
        return f"{others[0]} is not renamed yet"
    return "" if any(name.endswith(".json") for name in names) else "there is only the copy of the state"
