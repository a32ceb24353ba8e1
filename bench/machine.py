"""What the figures were taken on, in words that name no machine: class of processor, memory, versions."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path


def described(engine_version: str, folder: Path) -> dict[str, str]:
    return {
        "processors": f"{os.cpu_count()} × {_processor()}",
        "memory": f"{_memory_gb():.0f} GB",
        "disk": f"{_file_system(folder)}, on which state and escrow lie",
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "Python": platform.python_version(),
        "Pulumi": f"CLI {engine_version}, SDK {version('pulumi')}",
        "state": "file://, passphrase",
    }


def _processor() -> str:
    """The class of the processor, without serial or clock."""
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return re.sub(r"\s*@.*|\(R\)|\(TM\)", "", found[1]).strip() if found else platform.machine()


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _file_system(folder: Path) -> str:
    """The kind of file system below a folder: that of the longest mount point above it."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    above = [(len(where), kind) for where, kind in mounts if folder.resolve().is_relative_to(where)]
    return max(above, default=(0, "unknown file system"))[1]
