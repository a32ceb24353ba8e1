"""Environments that borrow the pip of the tests: made in a tenth of a second, where a pip of their own takes five.

For tests of what happens around an environment. How one is really made, a pip of its own included, is proved by the
test of a whole build.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pip

from engine import virtual_environment
from engine.processes import Finished, run


def lend() -> None:
    """For the rest of this process: `venv` installs no pip, it is given ours. What pip then does is real."""
    virtual_environment.run = _run


def _run(command: Sequence[str], **options: Any) -> Finished:
    if tuple(command[-3:-1]) != ("-m", "venv"):
        return run(command, **options)
    made = run([*command, "--without-pip"], **options)
    for packages in Path(command[-1]).glob("lib/python*/site-packages"):
        (packages / "pip").symlink_to(Path(pip.__file__).parent)
    return made
