"""`psaas doctor` on this machine: escrow, engine, backend, state and passphrase, each seen to fail."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from psaas.doctor import Subject, examine
from tests.command.patient import Patient

NOWHERE = {"address": "127.0.0.1:9", "ca": "", "rta": "rta.appliance.test"}
NOBODY = {"client_id": "somebody", "client_secret": "a-secret-that-is-not-known"}


@pytest.fixture
def alone(tmp_path: Path) -> Patient:
    """A machine without an appliance: what needs one is left out, and the rest is looked at."""
    return Patient(tmp_path, {**NOWHERE, "provisioning": NOBODY, "admin": NOBODY})


def test_a_stack_file_that_is_not_there_is_told_with_those_that_are_and_nothing_else_is_looked_at(
    alone: Patient,
) -> None:
    alone.write()
    [found] = examine(Subject("our", alone.root, alone.variables()))
    assert (found.name, found.status) == ("stack-file", "fail")
    assert found.message == 'there is no stacks/Pulumi.our.yaml among the stacks here (ours); did you mean "ours"?'


def test_a_mistake_in_a_stack_file_does_not_keep_the_appliance_from_being_looked_at(patient: Patient) -> None:
    patient.config["tenants"] = [{"name": "Customer_1", "owners": ["me@email.com"]}]
    found = patient.examined()
    assert found["stack-file"].status == "fail"
    assert found["stack-file"].mend == "`psaas validate` tells every mistake"
    assert (found["certificate"].status, found["token"].status) == ("pass", "pass")


def test_a_setting_that_is_wrong_is_told_with_its_place(alone: Patient) -> None:
    alone.environment["PSAAS_CA_BUNDLE"] = "/nonexistent/ca.pem"
    found = alone.examined()
    assert found["settings"].status == "fail"
    assert found["settings"].message.startswith("PSAAS_CA_BUNDLE: /nonexistent/ca.pem")
    assert found["escrow"].status == "skip"


def test_an_environment_for_another_appliance_fails_before_any_secret_is_read(alone: Patient) -> None:
    alone.environment["PSAAS_EXPECTED_RTA"] = "rta.example.com"
    found = alone.examined()["settings"]
    assert found.status == "fail"
    assert "no secret was read" in found.message


def test_an_escrow_without_a_key_of_its_own_or_a_writable_place_fails(alone: Patient, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    alone.environment["PSAAS_ESCROW_DIR"] = str(tmp_path / "file")
    unwritable = alone.examined()["escrow"]
    alone.config["domain"] = "rta.example.com"
    alone.environment |= {"PSAAS_ESCROW_KEY": "", "PSAAS_CONNECT_TO": "", "HTTPS_PROXY": ""}
    keyless = alone.examined()["escrow"]
    assert (unwritable.status, "can't be written" in unwritable.message) == ("fail", True)
    assert (keyless.status, "needs a key of its own" in keyless.message) == ("fail", True)


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no memory disk here")  # noqa: S108
def test_an_escrow_on_a_disk_that_goes_away_fails_and_one_behind_a_command_does_not(alone: Patient) -> None:
    alone.environment["PSAAS_ESCROW_DIR"] = "/dev/shm/psaas-escrow-of-a-test"  # noqa: S108
    in_memory = alone.examined()["escrow-durable"]
    alone.environment["PSAAS_ESCROW_COMMAND"] = "true"
    behind_a_command = alone.examined()["escrow-durable"]
    Path("/dev/shm/psaas-escrow-of-a-test/rta.appliance.test").rmdir()  # noqa: S108
    Path("/dev/shm/psaas-escrow-of-a-test").rmdir()  # noqa: S108
    assert (in_memory.status, "tmpfs" in in_memory.message) == ("fail", True)
    assert behind_a_command.status == "pass"


def test_a_machine_without_an_engine_is_told_how_to_get_one(alone: Patient) -> None:
    found = alone.examined()
    assert found["engine"].status == "fail"
    assert "make engine" in found["engine"].mend
    assert found["backend"].message == "not looked at: needs engine"


@pytest.mark.parametrize(("says", "status"), [("Usage: another program", "fail"), ("v1.0.0", "warn")])
def test_another_program_called_pulumi_or_an_old_one_is_seen(
    alone: Patient, tmp_path: Path, says: str, status: str
) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "pulumi"
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o700)
    alone.environment["PATH"] = str(tmp_path / "bin")
    assert alone.examined()["engine"].status == status


def test_values_that_the_engine_has_encrypted_and_can_not_open_here_are_told(alone: Patient) -> None:
    alone.config |= {"clientSecret": {"secure": "v1:abc"}, "manageGrant": False}
    alone.environment["PSAAS_CLIENT_SECRET"] = ""
    found = alone.examined()["secrets"]
    assert found.status == "fail"
    assert "could not be opened here" in found.message
    assert yaml.safe_load((alone.root / "stacks" / "Pulumi.ours.yaml").read_text())
