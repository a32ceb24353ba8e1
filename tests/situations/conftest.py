"""What every situation starts from: a world on an appliance that a module's tests share, looked through afterwards."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest

from psaas_resources import readiness
from tests.local_appliance import LocalAppliance
from tests.situations.world import World

# By machine: a few hundred examples in the suite, always the same; 10,000 and more, and others each time, on request.
hypothesis.settings.register_profile("situations", deadline=None, derandomize=True, max_examples=60, database=None)
hypothesis.settings.register_profile("situations-long", deadline=None, max_examples=2600, database=None)
LONG = os.environ.get("PSAAS_LONG") == "1"
EXAMPLES = "situations-long" if LONG else "situations"
# What a machine makes up runs always, and longer with what takes long.
BY_MACHINE = [pytest.mark.timeout(1800), *([pytest.mark.long] if LONG else [])]

SCOPES = ("create:tenants", "read:tenants", "delete:tenants")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "situation(*numbers): the numbers of docs/situations.md that a test holds")


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenant's domain is looked at as often as ever, in a hundredth of the time."""
    for name in ("NEW_TENANT_WAITS_SECONDS", "ROTATION_WAITS_SECONDS"):
        monkeypatch.setattr(readiness, name, tuple(wait / 100 for wait in getattr(readiness, name)))


@pytest.fixture(scope="module")
def shared_appliance(appliance_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAppliance]:
    data = tmp_path_factory.mktemp("shared") / "appliance"
    shutil.copytree(appliance_data, data)
    with LocalAppliance.start(data) as started:
        yield started


@pytest.fixture
def until_the_end() -> Iterator[ExitStack]:
    """What is entered here ends after everything was looked at."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def world_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, until_the_end: ExitStack
) -> Iterator[Callable[[LocalAppliance], World]]:
    """Makes a world on an appliance; what holds in every world is looked at when the test is over."""
    caplog.set_level(logging.DEBUG)
    worlds: list[World] = []

    def make(appliance: LocalAppliance) -> World:
        worlds.append(World(appliance, tmp_path / f"escrow-{len(worlds)}"))
        worlds[-1].goes_well()
        worlds[-1].forget_calls()
        return worlds[-1]

    yield make
    for world in worlds:
        world.nothing_was_doubled_lost_or_told(caplog.text)


@pytest.fixture
def world(shared_appliance: LocalAppliance, world_on: Callable[[LocalAppliance], World]) -> World:
    """A world whose application may make, list and delete tenants."""
    return world_on(shared_appliance).with_application(*SCOPES)


@pytest.fixture
def blind(shared_appliance: LocalAppliance, world_on: Callable[[LocalAppliance], World]) -> World:
    """A world that is offered no list of tenants: its application may only make them."""
    return world_on(shared_appliance).with_application("create:tenants")


@pytest.fixture
def start(
    appliance_data: Path, tmp_path: Path, until_the_end: ExitStack, world_on: Callable[[LocalAppliance], World]
) -> Callable[..., World]:
    """Starts an appliance of the test's own with options, and makes a world on it."""

    def make(*options: str) -> World:
        shutil.copytree(appliance_data, tmp_path / "own")
        return world_on(until_the_end.enter_context(LocalAppliance.start(tmp_path / "own", *options)))

    return make
