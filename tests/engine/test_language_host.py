"""Our Python language host under the real engine: what a program and a policy pack see, and what reaches the user."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import engine
from engine import language_host_folder

PROGRAM = """
import os
import sys

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class Provider(ResourceProvider):
    serialize_as_secret_always = False

    def create(self, props):
        print("created in", sys.prefix)
        return CreateResult("1", props)


class Thing(Resource):
    def __init__(self, name, color):
        super().__init__(Provider(), name, {"color": color})


config = pulumi.Config()
print("the password has", len(config.require("password")), "letters")
Thing("one", config.get("color") or "red")
pulumi.export("password", config.require_secret("password"))
pulumi.export("python", os.environ.get("VIRTUAL_ENV"))
"""

POLICIES = """
import sys

from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy


def validate(args, report_violation):
    if args.props.get("color") == "red":
        report_violation("red is not allowed")


print("the policy pack is up", file=sys.stderr)
PolicyPack(
    "colors",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[ResourceValidationPolicy(name="no-red", description="No red.", validate=validate)],
)
"""


@dataclass(frozen=True)
class Project:
    folder: Path
    environment: dict[str, str]

    def pulumi(self, *arguments: str, timeout_seconds: float = 60) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
        )

    def done(self, *arguments: str) -> str:
        finished = self.pulumi(*arguments)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout + finished.stderr

    def write(self, program: str, virtualenv: str | None) -> None:
        options = "" if virtualenv is None else f"  options:\n    virtualenv: {virtualenv}\n"
        (self.folder / "Pulumi.yaml").write_text(f"name: tiny\nruntime:\n  name: python\n{options}")
        (self.folder / "__main__.py").write_text(program)

    def hosts(self) -> list[int]:
        """The language hosts that run for this project: it is their working folder."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes()
                if b"language_host.py" in command and (process / "cwd").resolve() == self.folder.resolve():
                    found.append(int(process.name))
            except OSError:
                continue
        return found


@pytest.fixture(scope="module")
def built_engine() -> engine.Engine:
    """An engine with this checkout's language host: an official release on PATH would bring its own."""
    found = engine.find(["cache"]) or engine.obtain(routes=["cache", "build"])
    if not language_host_folder.is_ours(found.bin_folder.parent):
        pytest.skip("the cached engine is an official release, which has a language host of its own")
    return found


@pytest.fixture
def project(built_engine: engine.Engine, tmp_path: Path) -> Project:
    for name in ("home", "state", "project"):
        (tmp_path / name).mkdir()
    # The environment that the tests run in, under the name that the project gives it.
    (tmp_path / "project" / ".venv").symlink_to(sys.prefix)
    environment = {
        "PATH": f"{built_engine.bin_folder}{os.pathsep}{os.defpath}",
        "HOME": str(tmp_path),
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    project = Project(tmp_path / "project", environment)
    project.write(PROGRAM, ".venv")
    project.done("stack", "init", "dev")
    project.done("config", "set", "--secret", "password", "tr0ub4dor")
    return project


def test_a_program_with_a_dynamic_resource_goes_through_its_whole_life(project: Project) -> None:
    up = project.done("up", "--yes", "--skip-preview")
    assert "the password has 9 letters" in up
    assert "+ 2 created" in up
    assert f"created in {project.folder / '.venv'}" in up
    assert "tr0ub4dor" not in up

    outputs = json.loads(project.done("stack", "output", "--json", "--show-secrets"))
    assert outputs == {"password": "tr0ub4dor", "python": str(project.folder / ".venv")}

    again = project.done("up", "--yes", "--skip-preview")
    assert "2 unchanged" in again
    assert "2 unchanged" in project.done("refresh", "--yes", "--skip-preview")
    assert "- 2 deleted" in project.done("destroy", "--yes", "--skip-preview")
    assert project.hosts() == []


def test_a_program_that_raises_shows_its_own_error_once_and_fails(project: Project) -> None:
    project.write("print('before')\nraise ValueError('the cause')", ".venv")

    finished = project.pulumi("preview")

    assert finished.returncode != 0
    assert "before" in finished.stdout
    assert finished.stdout.count("ValueError: the cause") == 1
    assert "exited with status" not in finished.stdout + finished.stderr


@pytest.mark.long
def test_a_program_that_ends_by_itself_fails_with_its_status(project: Project) -> None:
    project.write("import os\nos._exit(7)", ".venv")

    finished = project.pulumi("preview")

    assert finished.returncode != 0
    assert "the program exited with status 7" in finished.stdout + finished.stderr


@pytest.mark.long
def test_a_virtualenv_that_is_not_there_is_an_error_that_says_how_to_make_it(project: Project) -> None:
    project.write(PROGRAM, "elsewhere")

    finished = project.pulumi("preview")

    assert finished.returncode != 0
    said = finished.stdout + finished.stderr
    assert f"python3 -m venv {project.folder / 'elsewhere'}" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("virtualenv", [
    pytest.param("absolute", id="an absolute virtualenv", marks=pytest.mark.long),
    pytest.param(None, id="no virtualenv"),
])  # fmt: skip
def test_a_program_runs_on_the_python_it_asks_for(project: Project, virtualenv: str | None) -> None:
    project.write("import sys\nprint('running on', sys.executable)", virtualenv and sys.prefix)
    path = f"{Path(sys.prefix) / 'bin'}{os.pathsep}{project.environment['PATH']}"
    project = project if virtualenv else replace(project, environment={**project.environment, "PATH": path})

    said = project.done("preview")

    expected = {"python", "python3"}
    assert any(f"running on {Path(sys.prefix) / 'bin' / name}" in said for name in expected)


@pytest.mark.long
def test_a_mandatory_policy_stops_the_preview_and_an_obeyed_one_does_not(project: Project) -> None:
    pytest.importorskip("pulumi_policy")
    pack = project.folder.parent / "pack"
    pack.mkdir()
    (pack / ".venv").symlink_to(sys.prefix)
    (pack / "PulumiPolicy.yaml").write_text(
        "runtime:\n  name: python\n  options:\n    virtualenv: .venv\nversion: 1.0.0\n"
    )
    (pack / "__main__.py").write_text(POLICIES)

    stopped = project.pulumi("preview", "--policy-pack", str(pack))
    assert stopped.returncode != 0
    assert "red is not allowed" in stopped.stdout
    assert "mandatory" in stopped.stdout
    assert "the policy pack is up" in stopped.stdout

    project.done("config", "set", "color", "green")
    assert "red is not allowed" not in project.done("preview", "--policy-pack", str(pack))


@pytest.mark.long
def test_dependencies_are_installed_and_listed_on_request(project: Project) -> None:
    (project.folder / ".venv").unlink()
    (project.folder / "requirements.txt").write_text("")

    said = project.done("install")
    assert (project.folder / ".venv" / "bin" / "python").exists(), said

    about = json.loads(project.done("about", "--json"))
    assert about["runtime"]["executable"] == str(project.folder / ".venv" / "bin" / "python")
    assert [item["name"] for item in about["dependencies"]][:1] == ["pip"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_neither_host_nor_program_outlives_a_killed_engine(project: Project) -> None:
    project.write("import os, time\nprint('program', os.getpid(), flush=True)\ntime.sleep(120)", ".venv")
    process = subprocess.Popen(
        ["pulumi", "preview", "--non-interactive"],
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    line = next(line for line in process.stdout if "program " in line)
    program = int(line.split("program ")[1].split()[0])
    [host] = project.hosts()

    process.send_signal(signal.SIGKILL)
    process.wait()

    deadline = time.monotonic() + 5
    while any(Path("/proc", str(number)).exists() for number in (host, program)):
        assert time.monotonic() < deadline, "still alive"
        time.sleep(0.05)
