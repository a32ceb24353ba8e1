"""The folder that an appliance lives in. Knows who may read it, who holds it and whose it is; knows no HTTP.

Raises StartError, with one line that says how to mend it, for everything a person can do something about.
"""

import fcntl
import json
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from appliance import schema
from appliance.store import Store

DATABASE = "appliance.db"
READY = "appliance.json"
LOCK = "lock"


class StartError(Exception):
    """Why the appliance can't start, in one line, with the way out."""


class DataDirectory:
    """A folder of the appliance's own, held by one process at a time, until that process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse_foreign()
            self.path.chmod(0o700)
            self._lock = (self.path / LOCK).open("a+")
        except OSError as error:
            reason = f"cannot use {self.path} as data directory ({error.strerror}); give a writable one with --data"
            raise StartError(reason) from None
        self._hold()
        self.remove_ready()  # one that was killed leaves its own behind

    def _refuse_foreign(self) -> None:
        if not (self.path / LOCK).exists() and any(self.path.iterdir()):
            reason = "holds files that are no appliance's; give an empty or new one with --data"
            raise StartError(f"the data directory {self.path} {reason}")

    def _hold(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.seek(0)
            holder = self._lock.read().strip() or "unknown"
            reason = f"is in use by another appliance (process {holder}); stop that one or give another --data"
            raise StartError(f"the data directory {self.path} {reason}") from None
        self._lock.truncate(0)
        self._lock.write(f"{os.getpid()}\n")
        self._lock.flush()

    def open_store(self) -> Store:
        try:
            store = Store(self.path / DATABASE)
        except sqlite3.Error as error:
            reason = f"cannot open {self.path / DATABASE} ({error}); remove the directory to start afresh"
            raise StartError(reason) from None
        if store.meta("schema") != str(schema.VERSION):
            reason = "was made by another version of the appliance; remove it or give another --data"
            raise StartError(f"the data directory {self.path} {reason}")
        return store

    def write_ready(self, facts: dict[str, object]) -> None:
        """Say, all at once or not at all, that and where the appliance answers."""
        draft = self.path / f"{READY}.new"
        draft.write_text(json.dumps(facts) + "\n")
        draft.replace(self.path / READY)

    def remove_ready(self) -> None:
        with suppress(OSError):
            (self.path / READY).unlink(missing_ok=True)
