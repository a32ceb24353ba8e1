"""`pulumi` as a child that is ended gently, and what its state folder tells about a run that was not.

Knows the file backend's lock and checkpoint files of this clone's own stack; nothing of appliances.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import yaml

from local.folder import Folder

SAME_SIGNAL_SECONDS = 2.0


def run(arguments: Sequence[str], *, folder: Folder, environment: dict[str, str], quiet: bool = False) -> int:
    """Run `pulumi` and wait until it has ended by itself, even when we are told to stop.

    It gets a process group of its own, so that one Ctrl-C, a terminated pipeline and `make` passing signals on all
    reach it as one interrupt: it then finishes what is under way and writes its state. A second Ctrl-C is passed on
    too, and makes it drop everything.
    """
    process = subprocess.Popen(
        ["pulumi", *arguments],
        cwd=folder.clone,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if quiet else None,
        process_group=0,
    )
    passed_on_at = float("-inf")

    def pass_on(received: int, _: FrameType | None) -> None:
        nonlocal passed_on_at
        again = passed_on_at > float("-inf")
        if again and (received == signal.SIGTERM or time.monotonic() - passed_on_at < SAME_SIGNAL_SECONDS):
            return
        passed_on_at = time.monotonic()
        process.send_signal(signal.SIGINT)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def lock_problem(folder: Folder) -> str | None:
    """Whether another run holds the stack right now."""
    for pid in _lock_holders(folder):
        if _alive(pid):
            return f"another update of this clone's stack is running (process {pid}); wait until it has ended"
    return None


def has_stale_lock(folder: Folder) -> bool:
    """Whether a run that died has left its lock."""
    return any(not _alive(pid) for pid in _lock_holders(folder))


def left_the_list(folder: Folder) -> list[str]:
    """Protected tenants of the state that the stack file no longer lists."""
    try:
        state = json.loads(folder.checkpoint.read_bytes())["checkpoint"]["latest"]["resources"]
        config = yaml.safe_load(folder.stack_file.read_text(encoding="utf-8"))["config"]
        listed = {entry["name"] for entry in config.get("psaas:tenants") or []}
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return []
    tenants = [r for r in state if str(r.get("type", "")).endswith("psaas:Tenant") and r.get("protect")]
    return sorted(str(r["id"]) for r in tenants if r.get("id") not in listed)


def has_pending_creations(folder: Folder) -> bool:
    """Whether the state names creations of a killed run, of which the engine warns until somebody confirms them."""
    try:
        return bool(json.loads(folder.checkpoint.read_bytes())["checkpoint"]["latest"].get("pending_operations"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _lock_holders(folder: Folder) -> list[int]:
    return [pid for file in folder.locks.glob("*.json") if (pid := _pid(file))]


def _pid(file: Path) -> int:
    try:
        return int(json.loads(file.read_bytes())["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
