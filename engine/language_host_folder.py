"""Puts the Python language host beside a built engine: `host/` with its own environment, and a starter in `bin/`.

Pulumi does not publish the official language host (`pulumi-language-python`) as a Go module, so a built engine gets
the one in language_host.py. Nothing inside the folder names its own place: it still works after a rename.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from engine import virtual_environment
from engine.errors import RouteError
from engine.installed import LANGUAGE_HOST
from engine.progress import Say
from engine.recipe import HERE, Recipe

SOURCE = HERE / "language_host.py"

STARTER = """\
#!/bin/sh
host=$(CDPATH= cd -P -- "$(dirname -- "$0")/../host" && pwd) || exit 1
exec "$host/venv/bin/python" -I "$host/language_host.py" "$@"
"""


def lay_out(folder: Path, recipe: Recipe, *, report: Say) -> None:
    """Makes the host in an engine's folder. Raises RouteError when its environment cannot be made."""
    report("setting up the Python language host: about 20 seconds")
    host = folder / "host"
    host.mkdir()
    created = virtual_environment.create(host / "venv", recipe.host_requirements)
    if created.status != 0:
        raise RouteError(
            f"the language host's environment could not be made:\n{created.why()}",
            "let `pip` reach a package index (`pip config set global.index-url …`)",
        )
    shutil.copyfile(SOURCE, host / SOURCE.name)
    starter = folder / "bin" / LANGUAGE_HOST
    starter.write_text(STARTER)
    starter.chmod(0o755)


def is_ours(folder: Path) -> bool:
    """Whether this engine has our host; an official release brings its own."""
    return (folder / "host").is_dir()


def lost_its_python(folder: Path) -> bool:
    """An environment points at the Python that made it; when that one is upgraded or removed, it is dead."""
    return is_ours(folder) and not (folder / "host" / "venv" / "bin" / "python").exists()


def is_outdated(folder: Path) -> bool:
    """Whether the host is another one than this checkout's."""
    copy = folder / "host" / SOURCE.name
    return is_ours(folder) and (not copy.exists() or copy.read_bytes() != SOURCE.read_bytes())


def update(folder: Path) -> None:
    """Replaces the host's one file, whole: a running engine keeps the one it has read."""
    copy = folder / "host" / SOURCE.name
    aside = copy.with_suffix(f".{os.getpid()}")
    shutil.copyfile(SOURCE, aside)
    aside.replace(copy)
