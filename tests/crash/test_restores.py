"""Restore drills: a state of yesterday, an appliance of yesterday, no state at all, and another machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.crash.conftest import Start
from tests.crash.fleet import NAMES, SKIPPED, Fleet
from tests.crash.running import EVERYTHING
from tests.engine.stack import ROOT, Stack
from tests.local_appliance import LocalAppliance

BEFORE, AFTER = NAMES[:4], NAMES[4]


@pytest.mark.long
def test_with_a_state_of_yesterday_a_newer_tenant_comes_back_from_the_settled_escrow(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.stack.declare(*BEFORE).up().ok()
    shutil.copytree(fleet.stack.project / "state", tmp_path / "backup")
    fleet.declare()
    fleet.up().ok()
    fleet.settles()
    credential = fleet.stack.credential(AFTER)

    shutil.rmtree(fleet.stack.project / "state")
    shutil.copytree(tmp_path / "backup", fleet.stack.project / "state")
    posts = len(fleet.stack.posts())
    fleet.holds(fleet.up())

    assert len(fleet.stack.posts()) == posts
    assert fleet.stack.credential(AFTER) == credential
    assert "7 unchanged" in fleet.stack.up().ok().summary


@pytest.mark.long
def test_a_tenant_that_an_appliance_of_yesterday_lacks_is_posted_again_only_with_recreate(
    fleet: Fleet, yesterday: Yesterday
) -> None:
    fleet.stack.declare(*BEFORE).up().ok()
    yesterday.is_kept()
    fleet.declare()
    fleet.up().ok()
    fleet.settles()
    credential = fleet.stack.credential(AFTER)

    yesterday.comes_back()
    fleet.stack.refresh().ok()
    assert "no longer lists" in fleet.stack.outputs()[AFTER]["problem"]
    fleet.stack.up().ok()
    assert fleet.carried_out() == set(BEFORE)
    fleet.stack.declare(*BEFORE, {"name": AFTER, "owners": ["me@email.com"], "recreate": True})

    fleet.holds(fleet.up())

    assert fleet.stack.credential(AFTER) != credential
    assert "7 unchanged" in fleet.stack.up().ok().summary


@pytest.mark.long
def test_a_lost_state_is_rebuilt_from_the_stack_file_and_the_escrow(fleet: Fleet) -> None:
    fleet.up().ok()
    fleet.settles()
    shutil.rmtree(fleet.stack.project / "state")
    (fleet.stack.project / "state").mkdir()
    fleet.stack.pulumi("stack", "init").ok()
    posts = len(fleet.stack.posts())

    fleet.holds(fleet.up())

    assert len(fleet.stack.posts()) == posts


@pytest.mark.long
@pytest.mark.parametrize("checkpoints", ["kept", "skipped"])
def test_when_the_machine_disappears_another_one_goes_on_with_remote_state_and_escrow(
    fleet: Fleet, start: Start, tmp_path: Path, checkpoints: str
) -> None:
    if checkpoints == "skipped":
        fleet.stack.environment |= SKIPPED
    run = start(point="escrow written")
    run.stopped(4)
    run.kill(EVERYTHING)
    run.end_leftovers()

    fleet.stack = elsewhere(fleet.stack, tmp_path / "another-machine")

    fleet.finish(locked=True)
    fleet.settles()


def elsewhere(stack: Stack, project: Path) -> Stack:
    """Another machine with a fresh clone: of the old one it has the state and the escrow, which were remote."""
    project.mkdir()
    for name in ("Pulumi.yaml", "psaas_resources", ".venv", "__main__.py"):
        (project / name).symlink_to(ROOT / name)
    for name in ("stacks", "state", "escrow"):
        shutil.move(stack.project / name, project / name)
    (project / "home").mkdir()
    environment = {key: value.replace(str(stack.project), str(project)) for key, value in stack.environment.items()}
    shutil.rmtree(stack.project)
    return replace(stack, project=project, environment=environment)


class Yesterday:
    """A backup of the stack's appliance."""

    def __init__(self, fleet: Fleet, backup: Path) -> None:
        self._stack, self._backup = fleet.stack, backup

    def is_kept(self) -> None:
        self._stopped()
        shutil.copytree(self._stack.appliance.data, self._backup)
        self._started()

    def comes_back(self) -> None:
        self._stopped()
        shutil.rmtree(self._stack.appliance.data)
        shutil.copytree(self._backup, self._stack.appliance.data)
        self._started()

    def _stopped(self) -> None:
        self._stack.appliance.stop()

    def _started(self) -> None:
        port = self._stack.appliance.address.rpartition(":")[2]
        self._stack.appliance = LocalAppliance.start(self._stack.appliance.data, "--port", port)


@pytest.fixture
def yesterday(fleet: Fleet, tmp_path: Path) -> Iterator[Yesterday]:
    yield Yesterday(fleet, tmp_path / "appliance-of-yesterday")
    if fleet.stack.appliance.process.poll() is None:
        fleet.stack.appliance.stop()
