"""What the engine tests stand on: the real `pulumi`, and for each test an appliance and a stack of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import engine
from tests.engine.snapshots import Made, Snapshots
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
    created = Stack.create(tmp_path / "project", engine_bin, appliance)
    created.environment["TMPDIR"] = os.environ.get("TMPDIR", "/tmp")  # noqa: S108
    return created


@pytest.fixture(scope="session")
def snapshots(appliance_data: Path, engine_bin: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshots:
    return Snapshots(tmp_path_factory.mktemp("snapshots"), engine_bin, appliance_data)


@pytest.fixture
def made(snapshots: Snapshots, tmp_path: Path) -> Iterator[Made]:
    """Gives the stack of a test as the update that made such tenants, long ago, has left it."""
    with ExitStack() as until_the_end:
        yield lambda *tenants: snapshots.stack(tmp_path, until_the_end, *tenants)


@pytest.fixture
def stack_of_two(made: Made) -> Stack:
    """A stack whose first update, long ago, has made customer-1 and customer-2; its appliance recalls no request."""
    return made("customer-1", "customer-2")
