"""The appliance that was met before is known again, and another one under its name gets nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from psaas_resources.errors import EscrowError, WrongAppliance
from tests.handlers.operator import Operator
from tests.local_appliance import LocalAppliance


def note(operator: Operator) -> Path:
    return operator.directory / operator.appliance.rta / "_appliance.json"


def test_the_first_run_notes_issuer_and_keys(operator: Operator) -> None:
    noted = json.loads(note(operator).read_text())

    assert noted["issuer"] == f"https://{operator.appliance.rta}/"
    assert noted["key_ids"]


def test_the_second_run_asks_once_for_the_published_keys_and_the_first_not_at_all(operator: Operator) -> None:
    def asked() -> int:
        return len(operator.appliance.calls("GET", "/.well-known/jwks.json"))

    operator.run().create("customer-1")
    assert asked() == 1  # what made the client grant was the first run
    operator.run().create("customer-2")
    assert asked() == 1
    assert json.loads(note(operator).read_text())["published"] is True
    note(operator).unlink()
    operator.run().create("customer-3")
    assert asked() == 1


def test_a_note_of_an_older_version_is_complete(operator: Operator) -> None:
    noted = json.loads(note(operator).read_text())
    note(operator).write_text(json.dumps({name: noted[name] for name in ("issuer", "key_ids", "tenants")}))
    operator.run().create("customer-1")
    assert operator.appliance.calls("GET", "/.well-known/jwks.json") == []


def test_an_appliance_made_anew_under_the_same_name_gets_no_further_call(operator: Operator, tmp_path: Path) -> None:
    operator.run().create("customer-1")
    operator.appliance.stop()
    data = tmp_path / "another"
    with LocalAppliance.start(data) as another:
        operator.appliance = another
        grant = {"client_id": another.described["provisioning"]["client_id"], "scope": ["create:tenants"]}
        another.api("POST", "client-grants", grant | {"audience": f"https://{another.rta}/api/v2/"})

        with pytest.raises(WrongAppliance, match="never seen there"):
            operator.run().create("customer-2")

        assert operator.posts() == []
        note(operator).unlink()
        assert operator.run().create("customer-2").ready


def test_a_note_that_is_not_whole_is_named(operator: Operator) -> None:
    note(operator).write_text('{"issuer": ')

    with pytest.raises(EscrowError, match=r"_appliance\.json"):
        operator.run().create("customer-1")


def test_an_unwritable_note_stops_nothing(operator: Operator) -> None:
    shutil.rmtree(operator.directory)
    operator.directory.write_text("a file")
    operator.directory.unlink()

    assert operator.run().create("customer-1").ready


def rotate_signing_key(operator: Operator, *, keep_old: bool) -> None:
    appliance = operator.appliance
    body = {"host": appliance.rta, "keep_old": keep_old}
    status, answer = appliance.request(
        "POST", "/__appliance/rotate-signing-key", body=body, token=appliance.token("admin")
    )
    assert status < 300, answer


def test_a_rotated_signing_key_is_a_warning_while_a_known_one_is_published(
    operator: Operator, caplog: pytest.LogCaptureFixture
) -> None:
    rotate_signing_key(operator, keep_old=True)

    assert operator.run().create("customer-1").ready

    assert "has rotated its signing key" in caplog.text
    caplog.clear()
    assert operator.run().create("customer-2").ready
    assert "rotated" not in caplog.text


def test_signing_keys_of_which_none_is_known_stop_every_call(operator: Operator) -> None:
    rotate_signing_key(operator, keep_old=False)

    with pytest.raises(WrongAppliance, match="remove the note"):
        operator.run().create("customer-1")

    assert operator.posts() == []
