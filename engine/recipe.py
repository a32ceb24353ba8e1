"""What a built engine is made of: versions and files. Knows no network and no process."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

Version = tuple[int, int, int]

OLDEST_USABLE: Version = (3, 200, 0)  # older commands lack events and flags that this project reads
OLDEST_GO: Version = (1, 25, 11)  # what Pulumi's modules ask for, as go.mod says

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Recipe:
    version: str = "3.259.0"
    modules: Path = HERE  # go.mod and go.sum: every module of the build, pinned
    go_requirements: Path = HERE / "go-requirements.txt"
    # The language host runs on the SDK that the project pins, so there is no second list to keep.
    host_requirements: Path = HERE.parent / "requirements.txt"


def parse_version(text: str) -> Version | None:
    """The first `1.2.3` or `1.2` in a text such as `v3.259.0` or `go version go1.26 linux/amd64`."""
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def show_version(version: Version) -> str:
    return ".".join(map(str, version))
