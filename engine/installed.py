"""An engine that is there: where it lies, its version, whether it runs. Changes nothing."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from engine.errors import RouteError
from engine.processes import run
from engine.recipe import OLDEST_USABLE, parse_version, show_version

LANGUAGE_HOST = "pulumi-language-python"
PROBE_SECONDS = 20.0  # it answers in a tenth of a second; a cold disk on a busy machine may need several


@dataclass(frozen=True)
class Engine:
    bin_folder: Path  # to be put on PATH
    version: str
    route: str  # how it came: path, cache, install or build


def on_path(path: str | None = None, probe_seconds: float = PROBE_SECONDS) -> Engine:
    """The `pulumi` on PATH. Raises RouteError when there is none, or none that this project can use."""
    remedy = f"install Pulumi {show_version(OLDEST_USABLE)} or newer, so that `pulumi` and {LANGUAGE_HOST} are on PATH"
    found = shutil.which("pulumi", path=path)
    if found is None:
        raise RouteError("there is no `pulumi` on PATH", remedy)
    command = Path(found).absolute()
    try:
        engine = in_folder(command.parent, route="path", probe_seconds=probe_seconds)
    except RouteError as error:
        raise RouteError(error.reason, remedy) from None
    # Where the engine itself looks: beside its file, a link or not, and on PATH.
    beside = has_language_host(engine.bin_folder) or has_language_host(command.resolve().parent)
    if not beside and shutil.which(LANGUAGE_HOST, path=path) is None:
        raise RouteError(f"{command} has no {LANGUAGE_HOST}, neither beside it nor on PATH", remedy)
    return engine


def in_folder(bin_folder: Path, *, route: str, probe_seconds: float = PROBE_SECONDS) -> Engine:
    """The `pulumi` in this folder. Raises RouteError when it is missing, does not run or is too old."""
    command = bin_folder / "pulumi"
    if not command.exists():
        raise RouteError(f"there is nothing at {command}")
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    finished = run([str(command), "version"], timeout_seconds=probe_seconds, environment=environment)
    if finished.status != 0:
        raise RouteError(f"{command} does not run: {finished.why()}")
    version = parse_version(finished.output)
    if version is None:
        raise RouteError(f"{command} does not say its version: {finished.output.strip()[:80]!r}")
    if version < OLDEST_USABLE:
        found, wanted = show_version(version), show_version(OLDEST_USABLE)
        raise RouteError(f"{command} is version {found}, and {wanted} or newer is needed")
    return Engine(bin_folder, show_version(version), route)


def has_language_host(bin_folder: Path) -> bool:
    return os.access(bin_folder / LANGUAGE_HOST, os.X_OK)
