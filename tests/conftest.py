"""An appliance of its own for each test that asks for one, and what runs only when there is time."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from psaas_resources import redaction
from tests.local_appliance import LocalAppliance


def pytest_configure(config: pytest.Config) -> None:
    # What tests start over and over is compiled once, also where Python is told to leave no compiled files.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Programs that tests interrupt must hear it, also where a shell that runs these in the background keeps it away.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "long: runs in `make test-long` (PSAAS_LONG=1) only")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("long") and os.environ.get("PSAAS_LONG") != "1":
        pytest.skip("runs in `make test-long`")


@pytest.fixture(autouse=True)
def secrets_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process keeps quiet about each secret it ever met; what others call a secret may be a word of this test."""
    monkeypatch.setattr(redaction, "_known", set(redaction._known))


@pytest.fixture(scope="session")
def appliance_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of an appliance that was started once: its CA and keys are made already."""
    data = tmp_path_factory.mktemp("appliance") / "data"
    LocalAppliance.start(data, "--spare-keys", "10").stop()
    return data


@pytest.fixture
def appliance(appliance_data: Path, tmp_path: Path) -> Iterator[LocalAppliance]:
    shutil.copytree(appliance_data, tmp_path / "appliance")
    with LocalAppliance.start(tmp_path / "appliance") as started:
        yield started
