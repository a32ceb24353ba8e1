"""What the engine tests stand on: the real `pulumi`, and for each test an appliance and a stack of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine
from tests.engine.local_appliance import LocalAppliance
from tests.engine.stack import Stack


@pytest.fixture(scope="session")
def engine_bin() -> Path:
    """The folder of the `pulumi` command, which `make test` has seen to."""
    found = engine.find()
    assert found, "there is no engine; run `make engine`"
    return found.bin_folder


@pytest.fixture(scope="session")
def appliance_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of an appliance that was started once: its CA and keys are made already."""
    data = tmp_path_factory.mktemp("appliance") / "data"
    LocalAppliance.start(data).stop()
    return data


@pytest.fixture
def appliance(appliance_data: Path, tmp_path: Path) -> Iterator[LocalAppliance]:
    shutil.copytree(appliance_data, tmp_path / "appliance")
    with LocalAppliance.start(tmp_path / "appliance") as started:
        yield started


@pytest.fixture
def stack(appliance: LocalAppliance, engine_bin: Path, tmp_path: Path) -> Stack:
    """A stack that declares the client grant and no tenant yet; nothing was run."""
    project = tmp_path / "project"
    made = Stack.create(project, engine_bin, appliance)
    made.environment["TMPDIR"] = os.environ.get("TMPDIR", "/tmp")  # noqa: S108
    return made
