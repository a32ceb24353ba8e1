from __future__ import annotations

from pathlib import Path

import pytest

from tests.command.patient import Patient
from tests.handlers.operator import Operator
from tests.local_appliance import LocalAppliance


@pytest.fixture
def patient(appliance: LocalAppliance, tmp_path: Path) -> Patient:
    """A stack whose provisioning application has its client grant, made by hand."""
    made = Patient.of(appliance, tmp_path)
    made.granted("create:tenants", "read:tenants")
    made.config["manageGrant"] = False
    return made


@pytest.fixture
def operator(appliance: LocalAppliance, tmp_path: Path) -> Operator:
    """Somebody who makes tenants on the appliance, with an escrow."""
    made = Operator(appliance, tmp_path / "escrow")
    made.grant("create:tenants", "read:tenants")
    return made
