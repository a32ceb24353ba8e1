"""The local appliance as a process: started once, found again, stopped by its own process ID.

Knows the appliance by its command line and its `appliance.json` only.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.folder import Folder

START_SECONDS = 30.0
STOP_SECONDS = 10.0


class ApplianceError(Exception):
    """The local appliance did not start or stop; the message says what to do."""


@dataclass(frozen=True)
class Running:
    """A local appliance that accepts connections."""

    address: str
    ca: str
    pid: int
    client_secret: str
    admin_client_secret: str


def running(folder: Folder) -> Running | None:
    """The appliance of this clone, if it is up."""
    try:
        described: dict[str, Any] = json.loads((folder.appliance / "appliance.json").read_text(encoding="utf-8"))
        if not _alive(described["pid"]):
            return None
        host, _, port = described["address"].rpartition(":")
        socket.create_connection((host, int(port)), timeout=2).close()
    except (OSError, ValueError, KeyError):
        return None
    return Running(
        address=described["address"],
        ca=described["ca"],
        pid=described["pid"],
        client_secret=described["provisioning"]["client_secret"],
        admin_client_secret=described["admin"]["client_secret"],
    )


def start(folder: Folder) -> Running:
    """Start the appliance in a session of its own, so that it outlives this command, and wait until it answers.

    Its output goes to a file: a child that held this command's output would keep a pipe of it open for ever.
    """
    if found := running(folder):
        return found
    last_port = folder.address.read_text(encoding="utf-8").rpartition(":")[2] if folder.address.exists() else "0"
    found = _started(folder, last_port) or (_started(folder, "0") if last_port != "0" else None)
    if found:
        folder.address.write_text(found.address, encoding="utf-8")
        return found
    said = folder.appliance_log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
    raise ApplianceError("\n".join(["the local appliance did not start; it said:", *said, f"({folder.appliance_log})"]))


def _started(folder: Folder, port: str) -> Running | None:
    command = [sys.executable, "-m", "appliance", "--data", str(folder.appliance), "--port", port]
    with folder.appliance_log.open("wb") as log:  # what it prints on stdout has secrets in it, and is in a file
        process = subprocess.Popen(
            command, cwd=folder.clone, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at and process.poll() is None:
        if found := running(folder):
            return found
        time.sleep(0.05)
    return None


def stop(folder: Folder) -> bool:
    """End the appliance of this clone; False if it was not running. What it knows stays on disk."""
    found = running(folder)
    if found is None:
        return False
    os.kill(found.pid, signal.SIGTERM)
    give_up_at = time.monotonic() + STOP_SECONDS
    while time.monotonic() < give_up_at:
        if running(folder) is None and not _alive(found.pid):
            return True
        time.sleep(0.05)
    raise ApplianceError(f"the local appliance (process {found.pid}) did not end within {STOP_SECONDS:g} s")


def _alive(pid: int) -> bool:
    """Whether a process exists and is not just waiting to be collected by its parent."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat")
        return not stat.is_file() or stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return False
