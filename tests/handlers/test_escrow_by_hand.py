"""The commands for an escrow: what waits, and a credential for an adoption by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.handlers.operator import Operator

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(operator: Operator, tmp_path: Path) -> Path:
    """A project folder with a stack file of the operator's appliance."""
    described = operator.appliance.described["provisioning"]
    config = {"psaas:domain": operator.appliance.rta, "psaas:clientId": described["client_id"]}
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.ours.yaml").write_text(yaml.safe_dump({"config": config}))
    return tmp_path


def psaas(project: Path, operator: Operator, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    secret = operator.appliance.described["provisioning"]["client_secret"]
    own = {"PSAAS_CLIENT_SECRET": secret, "PSAAS_ESCROW_DIR": str(operator.directory), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "psaas_resources", "escrow", *arguments, "--stack", "ours"],
        cwd=project, env={"PATH": os.environ["PATH"]} | own | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_what_waits_is_listed_without_secrets(operator: Operator, project: Path) -> None:
    assert "nothing waits" in psaas(project, operator, "list").stdout
    made = operator.run().create("customer-1")

    listed = psaas(project, operator, "list").stdout
    unopened = psaas(project, operator, "list", PSAAS_CLIENT_SECRET="another").stdout

    assert listed.splitlines()[1].split()[:2] == ["customer-1", "answer"]
    assert listed.rstrip().endswith("yes")
    assert "PSAAS_ESCROW_KEY" in unopened
    assert made.client_secret not in listed + unopened


def test_an_entry_is_recovered_into_an_adoption_by_hand(operator: Operator, project: Path, tmp_path: Path) -> None:
    made = operator.run().create("customer-1")
    output = tmp_path / "credentials.json"

    ran = psaas(project, operator, "recover", "customer-1", "--output", str(output))

    assert ran.returncode == 0, ran.stderr
    assert made.client_secret not in ran.stdout + ran.stderr
    assert output.stat().st_mode & 0o777 == 0o600
    assert json.loads(output.read_text())["customer-1"]["clientSecret"] == made.client_secret
    adopted = operator.run(PSAAS_CREDENTIALS_FILE=str(output)).create("customer-1", adopt=True)
    assert adopted.credential == made.credential
    assert operator.posts() == [201]


def test_what_can_not_be_done_is_said_without_a_traceback(operator: Operator, project: Path, tmp_path: Path) -> None:
    output = tmp_path / "there"
    output.write_text("mine")
    operator.run().create("customer-1")

    missing = psaas(project, operator, "recover", "customer-9", "--output", str(tmp_path / "new"))
    existing = psaas(project, operator, "recover", "customer-1", "--output", str(output))
    (project / "stacks" / "Pulumi.ours.yaml").write_text("config: [")
    broken = psaas(project, operator, "list")

    for ran, words in ((missing, "no entry for customer-9"), (existing, "can't be written"), (broken, "is not YAML")):
        assert ran.returncode == 1
        assert words in ran.stderr
        assert "Traceback" not in ran.stderr
    assert output.read_text() == "mine"
