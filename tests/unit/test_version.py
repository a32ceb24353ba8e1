"""What the program says of its version: the number everywhere, and of a checkout the commit."""

from __future__ import annotations

import subprocess
from pathlib import Path

from psaas.version import version

PROJECT = '[project]\nname = "psaas-tenants"\nversion = "1.2.3"\n'


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=me", "-c", "user.email=me@example.com")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_a_checkout_tells_its_version_its_commit_and_whether_it_was_changed(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    assert version(tmp_path) == "1.2.3"

    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    commit = git(tmp_path, "rev-parse", "--short=12", "HEAD")
    assert version(tmp_path) == f"1.2.3, commit {commit}"

    (tmp_path / "pyproject.toml").write_text(PROJECT + "\n")
    assert version(tmp_path) == f"1.2.3, commit {commit}-dirty"


def test_a_repository_around_an_installed_package_is_not_its_own(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "site-packages").mkdir()
    (tmp_path / "site-packages" / "pyproject.toml").write_text(PROJECT)
    assert version(tmp_path / "site-packages") == "1.2.3"
