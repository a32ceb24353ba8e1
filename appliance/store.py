"""One SQLite file, one connection. Knows transactions and rows; the rules about them stand in the file of each noun.

The server handles one call at a time (no handler awaits between its first read and its last write), so a single
connection serves all. Committed work survives the death of the process: WAL with synchronous=NORMAL puts off only
the fsync, which matters when the machine loses power, not when the process is killed.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from appliance import schema

Row = sqlite3.Row
Value = str | int | None


class Store:
    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, cached_statements=256)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        if not self.one("SELECT 1 FROM sqlite_master WHERE name = 'meta'"):
            version = f"INSERT INTO meta VALUES ('schema', '{schema.VERSION}');"  # noqa: S608
            self._db.executescript(f"BEGIN; {schema.TABLES} {version} COMMIT;")
        if self.meta("schema") == str(schema.VERSION):
            self._db.executescript(schema.ADDED)

    def close(self) -> None:
        self._db.close()

    def one(self, sql: str, values: Sequence[Value] = ()) -> Row | None:
        row: Row | None = self._db.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        return self._db.execute(sql, values).fetchall()

    def run(self, sql: str, values: Sequence[Value] = ()) -> int:
        """Change rows; how many were changed."""
        return self._db.execute(sql, values).rowcount

    def insert(self, table: str, values: dict[str, Value]) -> None:
        """Add a row; raises sqlite3.IntegrityError where the tables forbid it."""
        columns, marks = ", ".join(values), ", ".join("?" * len(values))
        self._db.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(values.values()))  # noqa: S608

    def update(self, table: str, n: int, values: dict[str, Value]) -> None:
        assignments = ", ".join(f"{column} = ?" for column in values)
        self._db.execute(f"UPDATE {table} SET {assignments} WHERE n = ?", (*values.values(), n))  # noqa: S608

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def meta(self, key: str) -> str | None:
        row = self.one("SELECT value FROM meta WHERE key = ?", (key,))
        return None if row is None else str(row["value"])

    def put_meta(self, key: str, value: str) -> None:
        self.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
