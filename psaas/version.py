"""Which version of this program runs: its number, and in a checkout the commit too."""

from __future__ import annotations

import os
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]


def version(root: Path = HERE) -> str:
    """`0.1.0`, or of the checkout at `root` `0.1.0, commit 1a2b3c4d5e6f`; `-dirty` where files of it are changed."""
    commit = _commit(root) if (root / ".git").exists() else ""
    return f"{_number(root)}, commit {commit}" if commit else _number(root)


def _number(root: Path) -> str:
    """What this code says of itself, or else the installed package."""
    try:
        return str(tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
    except (OSError, ValueError, KeyError):
        pass
    try:
        return metadata.version("psaas-tenants")
    except metadata.PackageNotFoundError:
        return "of no known version"


def _commit(root: Path) -> str:
    """ "" where there is no Git to ask."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.strip() if ran.returncode == 0 else ""
