"""What the engine tests stand on: the real `pulumi`, and for each test an appliance and a stack of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import engine
from tests.engine.stack import Stack
from tests.local_appliance import LocalAppliance


@pytest.fixture(scope="session")
def engine_bin() -> Path:
    """The folder of the `pulumi` command, which `make test` has seen to."""
    found = engine.find()
    assert found, "there is no engine; run `make engine`"
    return found.bin_folder


@pytest.fixture
def stack(appliance: LocalAppliance, engine_bin: Path, tmp_path: Path) -> Stack:
    """A stack that declares the client grant and no tenant yet; nothing was run."""
    project = tmp_path / "project"
    made = Stack.create(project, engine_bin, appliance)
    made.environment["TMPDIR"] = os.environ.get("TMPDIR", "/tmp")  # noqa: S108
    return made
