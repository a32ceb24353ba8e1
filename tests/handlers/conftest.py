from __future__ import annotations

from pathlib import Path

import pytest

from tests.handlers.adopting import Project
from tests.handlers.operator import Operator
from tests.local_appliance import LocalAppliance


@pytest.fixture
def operator(appliance: LocalAppliance, tmp_path: Path) -> Operator:
    """An operator whose client grant exists."""
    made = Operator(appliance, tmp_path / "escrow")
    made.grant("create:tenants", "read:tenants", "delete:tenants")
    return made


@pytest.fixture
def project(operator: Operator, tmp_path: Path) -> Project:
    made = Project(tmp_path / "project", operator)
    made.root.mkdir()
    made.declare()
    return made
