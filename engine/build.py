"""Route 4: builds the engine from the Go modules that Pulumi publishes.

For networks that reach a package mirror and nothing else. Every module is pinned by go.mod and go.sum. Knows the Go
command and the modules' layout; knows nothing of other routes.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine import language_host_folder
from engine.errors import RouteError
from engine.go_command import get_go, go_environment
from engine.processes import Finished, run
from engine.progress import Say, Stopwatch, say_nothing, ticking
from engine.recipe import Recipe

COMMAND_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"
SDK_FILES = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")
# Go's default would stamp the state of this checkout into the engine; -trimpath keeps its folder out of it.
FLAGS = ("-mod=readonly", "-trimpath", "-buildvcs=false")
BUILD_SECONDS = 3600.0
REMEDY = "let Go reach a module proxy (`go env -w GOPROXY=…`) and have about 4 GB of disk free in its caches"


def build(
    staging: Path,
    recipe: Recipe,
    *,
    report: Say,
    progress: Say,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Puts a whole engine (`bin/` and `host/`) into the staging folder, or raises RouteError."""
    report(
        "building the engine from Pulumi's Go modules: once per user and machine, about 5 minutes on two processor "
        "cores, less when parts of it are in Go's cache"
    )
    go = Go(get_go(staging, recipe, report=report), recipe, staging)
    (staging / "bin").mkdir()
    packages = _download(go, progress, Stopwatch(clock))
    _compile(go, packages, progress, Stopwatch(clock))
    _copy_sdk_files(go)
    language_host_folder.lay_out(staging, recipe, report=report)
    for scrap in ("go-tmp", "go-venv"):
        shutil.rmtree(staging / scrap, ignore_errors=True)


@dataclass(frozen=True)
class Go:
    command: str
    recipe: Recipe
    staging: Path

    def run(self, arguments: Sequence[str], doing: str, on_error_line: Say = say_nothing) -> Finished:
        finished = run(
            [self.command, *arguments],
            timeout_seconds=BUILD_SECONDS,
            environment=go_environment(self.staging),
            folder=self.recipe.modules,
            on_error_line=on_error_line,
        )
        if finished.status != 0:
            raise RouteError(f"{doing} failed: {finished.why()}", REMEDY)
        return finished


def _download(go: Go, progress: Say, time_spent: Stopwatch) -> int:
    """Downloads what is missing of the modules. Returns how many packages have to be compiled."""
    modules = 0

    def count(line: str) -> None:
        nonlocal modules
        modules += line.startswith("go: downloading")
        progress(f"downloading Go modules: {modules}, {time_spent}")

    # Stale: not in Go's build cache in this form. Those are the packages that `go build -v` will name.
    stale = "{{if .Stale}}{{.ImportPath}}{{end}}"
    listed = go.run(["list", "-deps", *FLAGS, "-f", stale, COMMAND_PACKAGE], "downloading Pulumi's Go modules", count)
    return len(listed.output.split())


def _compile(go: Go, packages: int, progress: Say, time_spent: Stopwatch) -> None:
    done = 0

    def count(line: str) -> None:
        nonlocal done
        done += not line.startswith(("go: ", "#"))
        show()

    def show() -> None:
        linking = "" if done < packages else ", linking"
        progress(f"building the engine: {done:,} of {packages:,} packages{linking}, {time_spent}")

    version = f"{SDK_MODULE}/go/common/version.Version=v{go.recipe.version}"
    output = go.staging / "bin" / "pulumi"
    arguments = ["build", "-v", *FLAGS, "-ldflags", f"-s -w -X {version}", "-o", str(output), COMMAND_PACKAGE]
    with ticking(show):
        go.run(arguments, "building the engine", count)


def _copy_sdk_files(go: Go) -> None:
    folder = Path(go.run(["list", "-m", *FLAGS[:1], "-f", "{{.Dir}}", SDK_MODULE], "finding the SDK").output.strip())
    for name in SDK_FILES:
        source = folder / name
        if not source.is_file():
            raise RouteError(f"the Go module {SDK_MODULE} has no {name}")
        target = go.staging / "bin" / source.name
        shutil.copyfile(source, target)  # not copy(): files in Go's module cache are read-only
        target.chmod(0o755)
