"""Route 3: the official release, through the SDK's own installer.

The installer downloads without a time limit, so it runs in a process of its own that has one, and only after a short
look whether its site can be reached: in a network without a way out this route costs seconds.
"""

from __future__ import annotations

import sys
from pathlib import Path

from engine.errors import RouteError
from engine.processes import run
from engine.progress import Say
from engine.recipe import Recipe

SITE = "https://get.pulumi.com"
REACH_SECONDS = 4.0
INSTALL_SECONDS = 300.0

# urllib, as the installer itself: so the same proxy settings count. Prints what went wrong in one line.
REACH = """
import sys, urllib.request
try:
    urllib.request.urlopen(sys.argv[1], timeout=float(sys.argv[2])).close()
except Exception as error:
    sys.exit(str(getattr(error, "reason", error)))
"""
INSTALL = """
import subprocess, sys
from pulumi.automation import PulumiCommand
from semver import VersionInfo
try:
    PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
except subprocess.CalledProcessError as error:
    sys.exit((error.output or b"").decode(errors="replace") or str(error))
except Exception as error:
    sys.exit(str(error))
"""


def install(staging: Path, recipe: Recipe, *, report: Say) -> None:
    """Puts `bin/` with the official release into the staging folder, or raises RouteError."""
    remedy = f"let this machine reach {SITE}, where the official releases are"
    reached = run(
        [sys.executable, "-c", REACH, f"{SITE}/install.sh", str(REACH_SECONDS - 1)], timeout_seconds=REACH_SECONDS
    )
    if reached.status != 0:
        raise RouteError(f"{SITE} cannot be reached: {reached.why(lines=1)}", remedy)
    report(f"installing the official release {recipe.version}: about 120 MB, stopped after 5 minutes")
    command = [sys.executable, "-c", INSTALL, str(staging), recipe.version]
    installed = run(command, timeout_seconds=INSTALL_SECONDS)
    if installed.status != 0:
        raise RouteError(f"the SDK's installer failed: {installed.why()}", remedy)
