"""What the engine tests stand on: the real `pulumi`, and for each test an appliance and a stack of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
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
    return _created(tmp_path / "project", engine_bin, appliance)


@pytest.fixture(scope="session")
def first_update(appliance_data: Path, engine_bin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an update leaves that has made customer-1 and customer-2: an appliance's data, and a project."""
    folder = tmp_path_factory.mktemp("first-update")
    shutil.copytree(appliance_data, folder / "appliance")
    with LocalAppliance.start(folder / "appliance") as appliance:
        _created(folder / "project", engine_bin, appliance).declare("customer-1", "customer-2").up().ok()
    return folder


@pytest.fixture
def stack_of_two(first_update: Path, engine_bin: Path, tmp_path: Path) -> Iterator[Stack]:
    """A stack whose first update, long ago, has made customer-1 and customer-2; its appliance recalls no request."""
    shutil.copytree(first_update / "appliance", tmp_path / "appliance")
    with LocalAppliance.start(tmp_path / "appliance") as appliance:
        made = _created(tmp_path / "project", engine_bin, appliance).declare("customer-1", "customer-2")
        for folder in ("state", "escrow"):
            shutil.copytree(first_update / "project" / folder, made.project / folder, dirs_exist_ok=True)
        yield made


def _created(project: Path, engine_bin: Path, appliance: LocalAppliance) -> Stack:
    made = Stack.create(project, engine_bin, appliance)
    made.environment["TMPDIR"] = os.environ.get("TMPDIR", "/tmp")  # noqa: S108
    return made
