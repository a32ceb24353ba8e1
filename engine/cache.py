"""Engines in the user's cache folder: made by one process at a time, and there whole or not at all.

Knows folders, locks and renames; knows nothing of what is inside an engine.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.progress import Say, Stopwatch, say_nothing

UNFINISHED = ".unfinished-"
REPLACED = ".replaced-"


def default_root(environment: Mapping[str, str] = os.environ) -> Path:
    """`$XDG_CACHE_HOME/psaas/engine`; as the XDG rules say, a relative value counts as none."""
    given = Path(environment.get("XDG_CACHE_HOME", ""))
    return (given if given.is_absolute() else Path.home() / ".cache") / "psaas" / "engine"


@dataclass(frozen=True)
class Cache:
    root: Path
    version: str

    @property
    def folder(self) -> Path:
        return self.root / self.version

    @property
    def bin_folder(self) -> Path:
        return self.folder / "bin"

    @contextlib.contextmanager
    def lock(
        self, report: Say = say_nothing, progress: Say = say_nothing, *, sleep: Callable[[float], None] = time.sleep
    ) -> Iterator[None]:
        """Held by one process at a time. The system lets go of it when its process ends, however it ends."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("a") as file:
            waiting: Stopwatch | None = None
            while not _try_to_lock(file.fileno()):
                if waiting is None:
                    report(f"another process is making an engine in {self.root}: waiting for it")
                    waiting = Stopwatch()
                progress(f"waiting for the other process, {waiting}")
                sleep(0.2)
            yield

    @contextlib.contextmanager
    def staging(self) -> Iterator[Path]:
        """An empty folder beside the target, gone afterwards unless published. To be called under the lock.

        What interrupted processes left behind is removed first: under the lock nobody else can be using it.
        """
        for leftover in [*self.root.glob(f"*{UNFINISHED}*"), *self.root.glob(f"*{REPLACED}*")]:
            _remove(leftover)
        folder = self.root / f"{self.version}{UNFINISHED}{os.getpid()}"
        folder.mkdir()
        try:
            yield folder
        finally:
            if folder.exists():
                _remove(folder)

    def publish(self, staged: Path) -> None:
        """Puts a whole engine in place with a rename. To be called under the lock."""
        replaced = self.root / f"{self.version}{REPLACED}{os.getpid()}"
        if self.folder.exists():
            self.folder.rename(replaced)
        staged.rename(self.folder)
        if replaced.exists():
            _remove(replaced)


def _try_to_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
