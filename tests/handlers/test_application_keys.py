"""The provisioning application proves itself by keys: made here, rotated by overlap, lost at no step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from psaas_resources import application_keys, assertion
from psaas_resources.application_rotation import subject
from psaas_resources.applications import Applications
from psaas_resources.enabled_connections import Connections
from psaas_resources.errors import Refused
from psaas_resources.provisioning_application_handler import ProvisioningApplicationHandler
from psaas_resources.provisioning_application_state import Application, Note, check, diff, unused_key
from tests.handlers.operator import Operator
from tests.handlers.test_application_without_an_engine import bootstrap, declared
from tests.handlers.test_private_key import FIRST, SECOND, private, public
from tests.local_appliance import LocalAppliance

NOW = datetime(2026, 11, 24, tzinfo=UTC)
LATER = NOW + timedelta(hours=24)
SIGNS: dict[str, Any] = {"signs": True, "previous_key_hours": 24.0}
ROTATE = SIGNS | {"rotate": "2026-11-24"}
LOST = {"do": {"reset": "after"}, "when": {"first": 1}}


@pytest.fixture
def people(appliance: LocalAppliance, tmp_path: Path) -> Operator:
    return bootstrap(appliance, tmp_path)


@pytest.fixture
def made(people: Operator) -> Application:
    return handler(people).create(declared(people, **SIGNS))


def handler(people: Operator, now: datetime = NOW) -> ProvisioningApplicationHandler:
    run = people.run()
    connections = Connections(run.api, sleep=lambda _: None)
    return ProvisioningApplicationHandler(
        Applications(run.api), connections, run.escrow, warn=people.warnings.append, now=lambda: now
    )


def works(people: Operator, application: Application) -> bool:
    return Applications(people.run().api).proves(application.credential)


def note(people: Operator, application: Application) -> Note:
    return Note.of(people.run().escrow.find_note(subject(application)) or {})


def keys(people: Operator, made: Application) -> list[str]:
    return [one["kid"] for one in people.appliance.api("GET", f"clients/{made.client_id}/credentials")]


def test_a_new_application_signs_from_its_first_update_and_its_secret_is_of_no_use(
    people: Operator, made: Application
) -> None:
    assert works(people, made)
    assert keys(people, made) == [assertion.key_id(made.client_key)]
    assert note(people, made).client_key == made.client_key
    assert handler(people).read(made) == made
    assert diff(made, {"name": "Ours", **SIGNS}) == []
    by_secret = Application(made.rta, made.name, client_id=made.client_id, client_secret=made.client_secret)
    assert not works(people, by_secret)
    assert made.client_key not in repr(made)
    assert made.client_key not in repr(note(people, made))


def test_another_marker_adds_a_key_and_the_one_before_goes_when_it_has_had_its_time(
    people: Operator, made: Application
) -> None:
    rotated = handler(people).update(made, declared(people, **ROTATE))

    assert rotated.client_key != made.client_key
    assert (works(people, made), works(people, rotated)) == (True, True)
    assert diff(rotated, ROTATE, now=LATER - timedelta(seconds=1)) == []
    assert diff(rotated, ROTATE, now=LATER) == ["previous_key_id"]
    assert handler(people).read(rotated) == rotated

    alone = handler(people, LATER).update(rotated, declared(people, **ROTATE))

    assert (works(people, made), works(people, alone)) == (False, True)
    assert keys(people, alone) == [assertion.key_id(rotated.client_key)]
    assert diff(alone, ROTATE, now=LATER) == []


def test_a_second_rotation_ends_the_oldest_key_at_once_since_there_is_room_for_two(
    people: Operator, made: Application
) -> None:
    second = handler(people).update(made, declared(people, **ROTATE))
    third = handler(people).update(second, declared(people, **SIGNS, rotate="again"))

    assert [works(people, one) for one in (made, second, third)] == [False, True, True]


def test_the_old_key_is_forgotten_once_the_state_is_seen_to_have_the_new_one(
    people: Operator, made: Application
) -> None:
    rotated = handler(people).update(made, declared(people, **ROTATE))
    handler(people).settle(made)
    assert note(people, made).previous_key == made.client_key
    handler(people).settle(rotated)
    assert (note(people, made).client_key, note(people, made).previous_key) == (rotated.client_key, "")


@pytest.mark.parametrize("step", ["its key is in the escrow", "its key is added", "its key is in force"])
def test_a_run_that_dies_when_only_so_much_is_done_is_continued_with_the_same_key(
    people: Operator, made: Application, step: str
) -> None:
    run = people.run()
    applications = Applications(run.api)
    begun = application_keys.begun(run.escrow, made, "2026-11-24", note=note(people, made))
    if step == "its key is added":
        pem, key_id = assertion.public_key(begun.client_key), assertion.key_id(begun.client_key)
        applications.add_key(made.client_id, pem, key_id=key_id)
    if step == "its key is in force":
        application_keys.finished(applications, made, note=begun)
    assert works(people, made)

    rotated = handler(people).update(made, declared(people, **ROTATE))

    assert rotated.client_key == begun.client_key
    assert (works(people, made), works(people, rotated)) == (True, True)


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/v2/clients/*/credentials"), ("PATCH", "/api/v2/clients/*")]
)
def test_an_answer_that_never_came_does_not_matter(people: Operator, made: Application, method: str, path: str) -> None:
    people.appliance.goes_wrong({"route": {"method": method, "path": path}, **LOST})
    assert works(people, handler(people).update(made, declared(people, **ROTATE)))


def test_a_run_that_died_before_its_application_was_in_the_state_makes_no_other(people: Operator) -> None:
    first = handler(people).create(declared(people, **SIGNS))
    again = handler(people).create(declared(people, **SIGNS))
    assert (again.client_id, works(people, again)) == (first.client_id, True)


def test_an_application_moves_from_its_secret_to_a_key_and_back(people: Operator) -> None:
    by_secret = handler(people).create(declared(people))
    signing = handler(people).update(by_secret, declared(people, **SIGNS))
    assert (works(people, by_secret), works(people, signing), signing.previous_key_id) == (False, True, "")
    assert diff(signing, declared(people).outputs()) == ["signs", "previous_key_hours"]

    back = handler(people).update(signing, declared(people))
    assert (works(people, back), back.client_key, keys(people, back)) == (True, "", [])


def test_a_key_that_somebody_added_is_drift_and_goes(people: Operator, made: Application) -> None:
    path = f"clients/{made.client_id}/credentials"
    people.appliance.api("POST", path, public(FIRST))

    seen = handler(people).read(made)

    assert seen
    assert seen.drift == ("it has 1 keys that are not ours",)
    mended = handler(people).update(seen, declared(people, **SIGNS))
    assert (mended.drift, keys(people, mended)) == ((), [assertion.key_id(made.client_key)])


def test_a_key_that_somebody_replaced_is_made_anew(people: Operator, made: Application) -> None:
    path = f"clients/{made.client_id}/credentials"
    other = people.appliance.api("POST", path, public(SECOND))
    methods = {"private_key_jwt": {"credentials": [{"id": other["id"]}]}}
    people.appliance.api("PATCH", f"clients/{made.client_id}", {"client_authentication_methods": methods})

    seen = handler(people).read(made)

    assert seen
    assert seen.drift == ("its key in the state is refused",)
    mended = handler(people).update(seen, declared(people, **SIGNS))
    assert (mended.drift, works(people, mended)) == ((), True)


@pytest.mark.parametrize("hours", [0, 9000, True, "24"])
def test_hours_are_a_number_within_a_year(hours: object) -> None:
    assert "previous_key_hours" in check({}, {"name": "Ours", "rta": "r", "previous_key_hours": hours})


def test_a_key_of_ones_own_is_used_and_rotated_by_overlap_as_one_that_is_made_here(people: Operator) -> None:
    people.environment["PSAAS_APPLICATION_PRIVATE_KEY"] = private(FIRST)
    made = handler(people).create(declared(people, **SIGNS))
    assert keys(people, made) == [assertion.key_id(private(FIRST))]
    assert works(people, made)

    people.environment["PSAAS_APPLICATION_PRIVATE_KEY"] = private(SECOND)
    rotated = handler(people).update(made, declared(people, **ROTATE))
    assert rotated.client_key.strip() == private(SECOND).strip()
    assert (works(people, made), works(people, rotated)) == (True, True)
    assert len(keys(people, made)) == 2

    alone = handler(people, LATER).update(rotated, declared(people, **ROTATE))
    assert (works(people, made), works(people, alone)) == (False, True)
    assert handler(people).read(alone) == alone


def test_another_marker_with_the_key_in_use_is_refused_and_another_key_without_a_marker_is_told(
    people: Operator,
) -> None:
    people.environment["PSAAS_APPLICATION_PRIVATE_KEY"] = private(FIRST)
    made = handler(people).create(declared(people, **SIGNS))

    with pytest.raises(Refused, match="Give another one, or none"):
        handler(people).update(made, declared(people, **ROTATE))

    assert works(people, made)
    assert "uses another key than the one that is given" in unused_key(made, SIGNS, private(SECOND))
    assert unused_key(made, ROTATE, private(SECOND)) == unused_key(made, SIGNS, private(FIRST)) == ""
    assert "applicationKey is not true" in unused_key(made, {"signs": False}, private(FIRST))


def test_a_run_that_died_is_continued_with_the_key_that_is_given_then(people: Operator, made: Application) -> None:
    run = people.run()
    begun = application_keys.begun(run.escrow, made, "2026-11-24", note=note(people, made), given=private(FIRST))
    application_keys.finished(Applications(run.api), made, note=begun)

    people.environment["PSAAS_APPLICATION_PRIVATE_KEY"] = private(SECOND)
    rotated = handler(people).update(made, declared(people, **ROTATE))

    assert (works(people, made), works(people, rotated)) == (True, True)
    own = [assertion.key_id(pem) for pem in (made.client_key, private(SECOND))]
    assert sorted(keys(people, made)) == sorted(own)


def test_a_given_key_that_somebody_took_out_is_put_back(people: Operator) -> None:
    people.environment["PSAAS_APPLICATION_PRIVATE_KEY"] = private(FIRST)
    made = handler(people).create(declared(people, **SIGNS))
    path = f"clients/{made.client_id}/credentials"
    other = people.appliance.api("POST", path, public(SECOND))
    methods = {"private_key_jwt": {"credentials": [{"id": other["id"]}]}}
    people.appliance.api("PATCH", f"clients/{made.client_id}", {"client_authentication_methods": methods})

    seen = handler(people).read(made)
    assert seen
    mended = handler(people).update(seen, declared(people, **SIGNS))

    assert (mended.drift, mended.previous_key_id, works(people, mended)) == ((), "", True)
    assert keys(people, mended) == [assertion.key_id(private(FIRST))]
