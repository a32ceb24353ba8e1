"""Makes a virtual environment with pinned packages in it. Knows venv and pip; knows nothing of engines."""

from __future__ import annotations

import sys
from pathlib import Path

from engine.processes import Finished, run

INSTALL_SECONDS = 900.0
PIP = ("pip", "install", "--quiet", "--no-input", "--disable-pip-version-check")


def create(folder: Path, requirements: Path) -> Finished:
    """A new environment in `folder`; the result is that of the first step that failed, or of the last one.

    -I, so that nothing of the caller's environment (PYTHONPATH, PYTHONHOME, the current folder) gets in.
    """
    made = run([sys.executable, "-I", "-m", "venv", str(folder)], timeout_seconds=INSTALL_SECONDS)
    if made.status != 0:
        return made
    command = [str(folder / "bin" / "python"), "-I", "-m", *PIP, "-r", str(requirements)]
    return run(command, timeout_seconds=INSTALL_SECONDS)
