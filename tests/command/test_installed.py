"""The wheel, as `make packages` builds it, in an environment of its own: the command, and the package for programs."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STACK = "config:\n  psaas:domain: rta.example.com\n  psaas:clientId: provisioning\n"


@dataclass(frozen=True)
class Installed:
    """An environment that holds nothing of ours but the wheel; what others have made comes from the tests' own."""

    bin: Path
    wheel: Path

    def run(self, folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment: Mapping[str, str] = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            [str(self.bin / program), *arguments], cwd=folder, env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("installed")
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in tracked.stdout.splitlines():
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/")):
            (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / "source" / name)
    done(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", folder / "source")
    (wheel,) = (folder / "dist").iterdir()
    done(sys.executable, "-m", "venv", "--without-pip", folder / "environment")
    binaries = folder / "environment" / "bin"
    done(sys.executable, "-m", "pip", "--python", binaries / "python", "install", "--no-deps", "--no-index", wheel)
    (own,) = (folder / "environment" / "lib").glob("python*/site-packages")
    (own / "of-others.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return Installed(binaries, wheel)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty folder with a stack file."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.prod.yaml").write_text(STACK)
    return tmp_path


def test_the_wheel_holds_the_packages_and_the_files_that_they_read(installed: Installed) -> None:
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    for package in ("psaas", "psaas_resources", "review", "policy", "local", "appliance", "engine"):
        modules = {str(file.relative_to(ROOT)) for file in (ROOT / package).rglob("*.py")}
        assert modules <= names, modules - names
    assert {"policy/settings.schema.json", "policy/PulumiPolicy.yaml", "engine/go.mod", "engine/go.sum"} <= names
    assert not [name for name in names if name.startswith(("tests/", "pipeline/", "chaos/"))]


def test_the_command_works_where_nothing_but_the_wheel_is(installed: Installed, project: Path) -> None:
    shown = installed.run(project, "psaas", "--help")
    judged = installed.run(project, "psaas", "validate")
    rules = installed.run(project, "psaas", "review", "rules")
    version = installed.run(project, "psaas", "--version")

    assert (shown.returncode, shown.stderr) == (0, "")
    assert "validate" in shown.stdout
    assert judged.stdout == "stacks/Pulumi.prod.yaml: 0 tenants, 0 included files, fine\n", judged.stderr
    assert rules.returncode == 0, rules.stderr
    assert version.stdout == f"psaas {installed.wheel.name.split('-')[1]}\n"


def test_the_command_without_what_it_is_made_of_says_what_to_install(installed: Installed, project: Path) -> None:
    alone = project / "alone"
    done(sys.executable, "-m", "venv", "--without-pip", alone)
    binaries = alone / "bin"
    done(
        sys.executable, "-m", "pip", "--python", binaries / "python", "install", "--no-deps", "--no-index",
        installed.wheel,
    )  # fmt: skip
    ran = Installed(binaries, installed.wheel).run(project, "psaas", "validate")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        "error: the command psaas needs typer and rich, which this environment lacks: "
        "pip install '<clone>[command]' adds what is missing\n"
    )


def test_schemas_are_written_from_the_wheel(installed: Installed, project: Path) -> None:
    ran = installed.run(project, "psaas", "schema", "--json")
    written = json.loads(ran.stdout)["wrote"]
    assert "stacks/schema/stack.json" in written
    assert all((project / name).read_text() == (ROOT / name).read_text() for name in written)


def test_a_local_appliance_is_started_found_and_stopped(installed: Installed, project: Path) -> None:
    absent = installed.run(project, "psaas", "appliance", "status")
    up = installed.run(project, "psaas", "appliance", "up", "--json")
    try:
        status = installed.run(project, "psaas", "appliance", "status", "--json")
        again = installed.run(project, "psaas", "appliance", "up")
    finally:
        down = installed.run(project, "psaas", "appliance", "down")
    assert absent.returncode == 1
    assert up.returncode == 0, up.stderr
    assert json.loads(status.stdout) == json.loads(up.stdout)
    assert again.stdout.startswith("appliance: found, at 127.0.0.1:")
    assert (down.returncode, down.stdout) == (0, "appliance: stopped; what it knows stays\n")


def test_another_program_imports_the_kinds_of_resources(installed: Installed, project: Path) -> None:
    program = "import psaas_resources; print(psaas_resources.__file__, *psaas_resources.__all__)"
    ran = installed.run(project, "python", "-c", program)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(str(installed.bin.parent))
    assert "Tenant" in ran.stdout.split()


def done(*command: str | Path) -> None:
    ran = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
