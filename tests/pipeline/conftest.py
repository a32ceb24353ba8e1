"""What the pipeline tests stand on: a stand-in forge, and a clone with an origin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import engine_bin, made, snapshots, stack  # noqa: F401
from tests.pipeline.forge_server import ForgeServer
from tests.pipeline.workspace import Workspace


@pytest.fixture
def forge() -> Iterator[ForgeServer]:
    server = ForgeServer()
    stop = server.start()
    yield server
    stop()


@pytest.fixture
def workspace(tmp_path: Path, forge: ForgeServer) -> Workspace:
    return Workspace(tmp_path, forge)
