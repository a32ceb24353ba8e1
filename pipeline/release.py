"""A release: sdist and wheel of this commit, and a release page that holds them. Knows no HTTP."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from pipeline.errors import PipelineError

TAG = re.compile(r"v(?P<version>\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)")
CHECKSUMS = "SHA256SUMS"


def build(root: Path, target: Path) -> list[Path]:
    """Build both into an empty folder."""
    target.mkdir(exist_ok=True)
    if any(target.iterdir()):
        raise PipelineError(f"{target} is not empty; remove it first")
    ran = subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(target), str(root)],
        capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    if ran.returncode:
        raise PipelineError("the packages could not be built:\n" + "\n".join(ran.stderr.splitlines()[-10:]))
    return sorted(target.iterdir())


class Releases(Protocol):
    def release(self, tag: str, body: str) -> str:
        """Make a release; the address to which its files are sent."""
        ...

    def attach(self, address: str, name: str, content: bytes) -> None: ...


def publish(forge: Releases, tag: str, files: list[Path], *, changes: str) -> None:
    """Make the release page of a tag, with what the change log says of it and the files."""
    match = TAG.fullmatch(tag)
    if not match:
        raise PipelineError(f"{tag!r} is no tag of a release, like v1.2.3")
    version = match["version"]
    if not any(file.name.endswith(".whl") and f"-{version}-" in file.name for file in files):
        raise PipelineError(f"the packages are not of version {version}; does pyproject.toml say it?")
    address = forge.release(tag, notes(changes, version))
    contents = {file.name: file.read_bytes() for file in files}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in contents.items())
    for name, content in {**contents, CHECKSUMS: sums.encode()}.items():
        forge.attach(address, name, content)


def notes(changes: str, version: str) -> str:
    """The change log's section of a version."""
    for section in re.split(r"^## ", changes, flags=re.MULTILINE)[1:]:
        title, _, text = section.partition("\n")
        if re.match(rf"{re.escape(version)}(\W|$)", title):
            return text.strip()
    raise PipelineError(f"CHANGELOG.md has no section of version {version}")
