"""One hand-over, or those of all tenants of a stack. Asks the engine, writes files or one stream; prints nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from ..errors import WrongUse
from . import exports, places, tenants
from .formats import FORMATS


@dataclass(frozen=True)
class Request:
    """What is asked for: one `tenant`, or "" for all, which needs a folder in `output`.

    `output` is None for the stream; `root` is the project's folder. `own_credential` asks for the tenant's own, which
    may do everything there, also where its team has an application.
    """

    stack: str
    format: str
    tenant: str = ""
    output: Path | None = None
    force: bool = False
    to_terminal: bool = False
    own_credential: bool = False
    root: Path = Path()
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)


def hand_over(request: Request, out: TextIO) -> list[str]:
    """Do it, and say in lines for people what was done. Raises ConfigError or WrongUse before anything is written."""
    chosen = FORMATS[request.format]
    if not request.tenant and request.output is None:
        raise WrongUse("all tenants need a folder: --all --output FOLDER")
    if request.tenant and request.output:
        places.free_or_refused(request.output, force=request.force)
    elif request.tenant and out.isatty() and not request.to_terminal:
        places.pipe("", out, to_terminal=False)  # refused before any secret is asked for
    state = exports.opened(request.stack, root=request.root, environment=request.environment)
    found = tenants.of_state(state, stack=request.stack, root=request.own_credential)
    if not request.tenant:
        return _all(request, found)
    text = chosen.text(found.one(request.tenant))
    if request.output is None:
        places.pipe(text, out, to_terminal=request.to_terminal)
        return []
    places.file(request.output, text, force=request.force)
    return [f"wrote {request.output} (mode 0600) for {chosen.use}"]


def _all(request: Request, found: tenants.Tenants) -> list[str]:
    """A file for each tenant; nothing is written if one of them must not be."""
    chosen, output = FORMATS[request.format], request.output
    assert output is not None
    files = {output / f"{name}{chosen.suffix}": chosen.text(tenant) for name, tenant in found.ready.items()}
    for path in files:
        places.free_or_refused(path, force=request.force)
    places.folder(output)
    for path, text in files.items():
        places.file(path, text, force=request.force)
    left = [f"tenant {name} is left out: {why}" for name, why in found.without.items()]
    return [*left, f"wrote {len(files)} files (mode 0600) into {output} for {chosen.use}"]
