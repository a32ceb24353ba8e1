"""Places for a state beyond a folder, started for one run: a PostgreSQL and an S3-compatible server. Loopback only.

Each gives the URL of a fresh place for a state and what its clients need in their environment.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import urllib3

START_SECONDS = 60.0
STOP_SECONDS = 30.0
# Debian keeps these programs off PATH, a folder for each release.
DEBIAN = Path("/usr/lib/postgresql")
# A server that would not run as root runs as the first of these that there is.
UNPRIVILEGED = ("postgres", "nobody")
NO_PART = ("AWS_CA_BUNDLE", "HTTP_PROXY", "http_proxy")


class NotHere(Exception):
    """What this machine lacks for a server."""


@dataclass(frozen=True)
class StateServer:
    """A running server. `place` gives the backend URL of the place of that name, which is empty at first.

    `requests` counts those that it got so far, where it tells; else it is 0.
    """

    kind: str
    place: Callable[[str], str] = field(repr=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret: str = field(default="", repr=False)
    requests: Callable[[], int] = field(default=int, repr=False)

    def within(self, environment: Mapping[str, str]) -> dict[str, str]:
        """The environment of a client; a proxy or a CA of this machine has no part in what is on loopback."""
        kept = {name: value for name, value in environment.items() if name not in NO_PART}
        return kept | dict(self.variables)


@contextmanager
def bucket(folder: Path) -> Iterator[StateServer]:
    """moto's S3 server, which holds everything in memory."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    with (folder / "bucket.log").open("wb") as log:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _wait(server, folder / "bucket.log", lambda: _answers(port))

            def place(name: str) -> str:
                urllib3.request("PUT", f"{endpoint}/{name}", retries=False)
                return f"s3://{name}?endpoint={endpoint}&use_path_style=true&region=us-east-1"

            def requests() -> int:
                return (folder / "bucket.log").read_bytes().count(b' HTTP/1.1" ')

            yield StateServer("s3", place, _aws(endpoint), requests=requests)
        finally:
            _stop(server, signal.SIGTERM)


@contextmanager
def postgres() -> Iterator[StateServer]:
    """A PostgreSQL with its data in a folder of its own. Raises NotHere where its programs are not installed."""
    programs, user = _programs(), _user()
    data = Path(tempfile.mkdtemp(prefix="psaas-postgres-"))
    port, password = free_port(), secrets.token_hex(16)
    try:
        if user:
            shutil.chown(data, user)
        (data / "password").write_text(password, encoding="ascii")
        (data / "password").chmod(0o644)  # within a folder that only its owner can enter
        command = [
            str(programs / "initdb"), "-D", str(data / "data"), "-U", "psaas", "--auth=scram-sha-256", "--no-sync",
            "--encoding=UTF8", "--locale=C", f"--pwfile={data / 'password'}",
        ]  # fmt: skip
        made = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", user=user)
        if made.returncode:
            raise NotHere(f"initdb failed: {made.stderr.strip()}")
        command = [
            str(programs / "postgres"), "-D", str(data / "data"), "-h", "127.0.0.1", "-p", str(port), "-k", "",
        ]  # fmt: skip
        with (data / "log").open("wb") as log:
            server = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True, user=user
            )
            try:
                _wait(server, data / "log", lambda: b"ready to accept connections" in (data / "log").read_bytes())
                address = f"postgres://psaas:{password}@127.0.0.1:{port}/postgres?sslmode=disable"
                yield StateServer("postgres", lambda name: f"{address}&table={name}", secret=password)
            finally:
                _stop(server, signal.SIGINT)  # ends its sessions first
    finally:
        shutil.rmtree(data)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _programs() -> Path:
    """The folder of `initdb` and `postgres`."""
    newest = sorted(DEBIAN.glob("*/bin"), key=lambda folder: int("0" + folder.parent.name.partition(".")[0]))
    on_path = shutil.which("initdb")
    for folder in ([Path(on_path).resolve().parent] if on_path else []) + newest[::-1]:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise NotHere(f"there is no PostgreSQL: neither `initdb` on PATH nor anything below {DEBIAN}")


def _user() -> str | None:
    """Whom to run the server as: None for ourselves, another one where we are root, which it refuses."""
    if os.geteuid():
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in UNPRIVILEGED:
        if name in known:
            return name
    raise NotHere(f"PostgreSQL refuses to run as root, and there is no user {' or '.join(UNPRIVILEGED)}")


def _aws(endpoint: str) -> dict[str, str]:
    """For the engine and for boto3."""
    return {
        "AWS_ENDPOINT_URL_S3": endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",  # else the engine warns of each answer that has none
    }  # fmt: skip


def _answers(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def _wait(server: subprocess.Popen[bytes], log: Path, ready: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while not ready():
        if server.poll() is not None or time.monotonic() > give_up_at:
            raise NotHere(f"{server.args!r} did not start: {log.read_text(encoding='utf-8', errors='replace')}")
        time.sleep(0.05)


def _stop(server: subprocess.Popen[bytes], by: signal.Signals) -> None:
    server.send_signal(by)
    try:
        server.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(timeout=STOP_SECONDS)
