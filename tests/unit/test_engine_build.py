"""Making an engine, with a `go` on PATH that takes the real one's arguments and writes a `pulumi` of that version."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

import engine
from engine.cache import Cache, default_root
from engine.errors import NoEngineError
from engine.processes import run
from engine.progress import at_most_every, duration, ticking
from engine.recipe import Recipe

PROJECT = Path(__file__).parents[2]

GO = """
import json, os, pathlib, sys, time
home = pathlib.Path(__file__).parent.parent
arguments = sys.argv[1:]
with (home / "go.log").open("a") as log:
    names = ("GOTOOLCHAIN", "GOWORK", "CGO_ENABLED", "GOTMPDIR")
    log.write(json.dumps([arguments, {name: os.environ.get(name) for name in names}]) + "\\n")
if arguments[0] == "version":
    print("go version go1.25.11 linux/amd64")
elif arguments[:2] == ["list", "-m"]:
    print(home / "sdk")
elif arguments[0] == "list":
    print("go: downloading example.com/module v1.0.0", file=sys.stderr)
    print("example.com/one\\nexample.com/two\\nexample.com/three")
elif arguments[0] == "build":
    for package in ("one", "two", "three"):
        print(f"example.com/{package}", file=sys.stderr, flush=True)
        time.sleep(float(os.environ.get("PACKAGE_SECONDS", "0")))
    if "BUILD_FAILS" in os.environ:
        sys.exit("example.com/three: no space left on device")
    output = pathlib.Path(arguments[arguments.index("-o") + 1])
    version = arguments[arguments.index("-ldflags") + 1].rpartition("=")[2]
    output.write_text(f"#!{sys.executable}\\nprint('{version}')\\n")
    output.chmod(0o755)
"""


@dataclass(frozen=True)
class Machine:
    home: Path
    recipe: Recipe

    @property
    def root(self) -> Path:
        return default_root()

    def builds(self) -> list[tuple[list[str], dict[str, str]]]:
        lines = (self.home / "go.log").read_text().splitlines() if (self.home / "go.log").exists() else []
        return [(arguments, variables) for arguments, variables in map(json.loads, lines) if arguments[0] == "build"]

    def start(self, *routes: str) -> subprocess.Popen[str]:
        """Another process that obtains an engine, as the command line does it, with this machine's recipe."""
        code = f"""
import sys
from pathlib import Path
import engine.__main__ as command, engine.recipe, engine.routes
from tests.unit import borrowed_pip
borrowed_pip.lend()
recipe = engine.recipe.Recipe(host_requirements=Path({str(self.recipe.host_requirements)!r}))
obtain = command.obtain
command.obtain = lambda report, progress, routes: obtain(report, progress, routes, recipe)
sys.exit(command.main(["--routes", {",".join(routes)!r}]))
"""
        return subprocess.Popen(
            [sys.executable, "-c", code], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def wait_for_a_build(self) -> None:
        deadline = time.monotonic() + 20
        while not self.builds():
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    go = tmp_path / "path" / "go"
    go.parent.mkdir()
    go.write_text(f"#!{sys.executable}\n{GO}")
    go.chmod(0o755)
    for name in ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python"):
        file = tmp_path / "sdk" / name
        file.parent.mkdir(parents=True)
        file.write_text("#!/bin/sh\n")
        file.chmod(0o444)
    (tmp_path / "requirements.txt").write_text("")
    monkeypatch.setenv("PATH", str(go.parent))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GOWORK", "/somewhere/go.work")
    return Machine(tmp_path, Recipe(host_requirements=tmp_path / "requirements.txt"))


def test_a_build_makes_a_whole_engine_and_shows_how_far_it_is(machine: Machine) -> None:
    steps: list[str] = []
    progress: list[str] = []

    made = engine.obtain(steps.append, progress.append, ["cache", "build"], machine.recipe)

    folder = machine.root / "3.259.0"
    assert made == engine.Engine(folder / "bin", "3.259.0", "build")
    assert {file.name for file in folder.iterdir()} == {"bin", "host"}
    for name in ("pulumi", "pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python"):
        assert os.access(folder / "bin" / name, os.X_OK)
    assert {file.name for file in machine.root.iterdir()} == {"3.259.0", "lock"}
    assert any("once per user and machine, about 5 minutes" in step for step in steps)
    assert "downloading Go modules: 1, 0 s" in progress
    assert "building the engine: 3 of 3 packages, linking, 0 s" in progress
    assert engine.find(["cache"], machine.recipe) == engine.Engine(folder / "bin", "3.259.0", "cache")
    # The language host finds its Python and its file from where it lies, also after the rename.
    started = run(
        [str(folder / "bin" / "pulumi-language-python")], timeout_seconds=20, environment={"PATH": os.defpath}
    )
    assert started.errors.strip().endswith("No module named 'grpc'")
    assert str(folder / "host" / "language_host.py") in started.errors
    # What could change the result is fixed, whatever the user's own settings are.
    [(arguments, variables)] = machine.builds()
    assert arguments[:5] == ["build", "-v", "-mod=readonly", "-trimpath", "-buildvcs=false"]
    assert arguments[-1] == "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
    stamp = "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.259.0"
    assert arguments[arguments.index("-ldflags") + 1] == f"-s -w {stamp}"
    assert variables.pop("GOTMPDIR").startswith(str(machine.root))
    assert variables == {"GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}


def test_a_build_that_fails_says_why_and_leaves_nothing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILD_FAILS", "1")

    with pytest.raises(NoEngineError, match=r"(?s)building the engine failed: .*no space left on device.*GOPROXY"):
        engine.obtain(routes=["cache", "build"], recipe=machine.recipe)

    assert [file.name for file in machine.root.iterdir()] == ["lock"]


def test_two_at_once_build_once_and_the_second_says_that_it_waits(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PACKAGE_SECONDS", "0.5")
    first = machine.start("cache", "build")
    machine.wait_for_a_build()
    second = machine.start("cache", "build")

    for process in (first, second):
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        assert output == f"{machine.root / '3.259.0' / 'bin'}\n3.259.0\n"
    assert f"another process is making an engine in {machine.root}: waiting for it" in errors
    assert len(machine.builds()) == 1


def test_what_a_killed_build_left_is_removed_by_the_next_one(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACKAGE_SECONDS", "0.5")
    killed = machine.start("build")
    machine.wait_for_a_build()
    killed.kill()
    killed.communicate()
    assert list(machine.root.glob("3.259.0.unfinished-*"))
    assert engine.find(["cache"], machine.recipe) is None

    monkeypatch.setenv("PACKAGE_SECONDS", "0")
    next_one = machine.start("cache", "build")
    _, errors = next_one.communicate(timeout=60)
    assert next_one.returncode == 0, errors

    assert {file.name for file in machine.root.iterdir()} == {"3.259.0", "lock"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_cleans_up_and_takes_its_go_along(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.setenv("PACKAGE_SECONDS", "30")
    process = machine.start("build")
    machine.wait_for_a_build()

    process.send_signal(number)
    _, errors = process.communicate(timeout=10)

    assert process.returncode == 130
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert [file.name for file in machine.root.iterdir()] == ["lock"]


def test_a_new_engine_takes_the_place_of_one_that_is_there(tmp_path: Path) -> None:
    cache = Cache(tmp_path, "3.259.0")
    for content in ("old", "new"):
        with cache.lock(), cache.staging() as staging:
            (staging / content).write_text("")
            cache.publish(staging)

    assert [file.name for file in cache.folder.iterdir()] == ["new"]
    assert {file.name for file in tmp_path.iterdir()} == {"3.259.0", "lock"}


def test_a_command_that_runs_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"

    started = time.monotonic()
    finished = run([sys.executable, "-c", code], timeout_seconds=0.5)

    assert finished.timed_out
    assert finished.status != 0
    assert time.monotonic() - started < 10  # its pipes closed: nobody is left to hold them


def test_progress_is_told_at_once_and_then_once_per_period() -> None:
    now = 0.0
    said: list[str] = []
    say = at_most_every(15, said.append, clock=lambda: now)
    for text, now in (("a", 0.0), ("b", 1.0), ("c", 14.9), ("d", 15.0), ("e", 29.0)):  # noqa: B007
        say(text)

    assert said == ["a", "d"]
    assert duration(100) == "1 min 40 s"
    assert duration(12.4) == "12 s"


def test_a_moving_clock_tells_work_from_a_hang() -> None:
    ticks: list[float] = []
    with ticking(lambda: ticks.append(time.monotonic()), seconds=0.02):
        time.sleep(0.3)

    assert len(ticks) >= 3
    time.sleep(0.1)
    assert ticks[-1] <= time.monotonic() - 0.1
