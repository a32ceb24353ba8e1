"""The provisioning application's secret is replaced without a step at which a dying run could lose it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from psaas_resources import application_rotation
from psaas_resources.application_rotation import subject
from psaas_resources.applications import Applications
from psaas_resources.errors import NotGranted, WrongCredential
from psaas_resources.provisioning_application_state import Application, Note, diff
from tests.handlers.operator import Operator
from tests.handlers.test_application_without_an_engine import bootstrap, declared, handler, limited_admin
from tests.local_appliance import LocalAppliance

ROTATE = {"rotate": "2026-11-24"}


@pytest.fixture
def people(appliance: LocalAppliance, tmp_path: Path) -> Operator:
    return bootstrap(appliance, tmp_path)


@pytest.fixture
def made(people: Operator) -> Application:
    return handler(people).create(declared(people))


def note(people: Operator, application: Application) -> Note:
    return Note.of(people.run().escrow.find_note(subject(application)) or {})


def works(people: Operator, application: Application) -> bool:
    return Applications(people.run().api).proves(application.credential)


def secret_on_the_appliance(people: Operator, made: Application) -> str:
    return str(people.appliance.api("GET", f"clients/{made.client_id}")["client_secret"])


def test_another_marker_gives_a_new_secret_once_and_its_removal_gives_none(people: Operator, made: Application) -> None:
    assert diff(made, ROTATE) == ["rotate"]

    rotated = handler(people).update(made, declared(people, **ROTATE))

    assert rotated.client_secret != made.client_secret
    assert secret_on_the_appliance(people, made) == rotated.client_secret
    assert (works(people, rotated), works(people, made)) == (True, False)
    assert (diff(rotated, ROTATE), diff(rotated, {"rotate": ""})) == ([], [])
    renamed = handler(people).update(rotated, declared(people, name="Renamed"))
    assert (renamed.client_secret, renamed.rotate) == (rotated.client_secret, "2026-11-24")


def test_the_old_secret_is_forgotten_once_the_state_is_seen_to_have_the_new_one(
    people: Operator, made: Application
) -> None:
    rotated = handler(people).update(made, declared(people, **ROTATE))
    assert (note(people, made).client_secret, note(people, made).previous) == (
        rotated.client_secret, made.client_secret,
    )  # fmt: skip
    handler(people).settle(made)
    assert note(people, made).previous == made.client_secret
    handler(people).settle(rotated)
    assert (note(people, made).client_secret, note(people, made).previous) == (rotated.client_secret, "")


@pytest.mark.parametrize("died", ["before the appliance knew it", "before the state had it"])
def test_a_run_that_dies_is_continued_with_the_same_secret(people: Operator, made: Application, died: str) -> None:
    run = people.run()
    begun = application_rotation.begun(run.escrow, made, "2026-11-24", note=note(people, made))
    if died == "before the state had it":
        application_rotation.finished(Applications(run.api), run.escrow, made, note=begun)

    rotated = handler(people).update(made, declared(people, **ROTATE))

    assert rotated.client_secret == begun.client_secret
    assert works(people, rotated)
    assert note(people, made).previous == made.client_secret


def test_a_rotation_whose_marker_was_taken_back_on_the_way_leaves_a_secret_that_works(
    people: Operator, made: Application
) -> None:
    run = people.run()
    begun = application_rotation.begun(run.escrow, made, "2026-11-24", note=note(people, made))
    application_rotation.finished(Applications(run.api), run.escrow, made, note=begun)
    seen = handler(people).read(made)
    assert seen
    assert (seen.client_secret, works(people, seen)) == (begun.client_secret, True)


def test_an_answer_that_never_came_does_not_matter(people: Operator, made: Application) -> None:
    lost = {"route": {"method": "PATCH", "path": "/api/v2/clients/*"}, "when": {"first": 1}, "do": {"reset": "after"}}
    people.appliance.goes_wrong(lost)
    assert works(people, handler(people).update(made, declared(people, **ROTATE)))


def test_an_appliance_that_takes_no_secret_from_outside_rotates_by_itself(people: Operator, made: Application) -> None:
    refuses = {"route": {"method": "PATCH", "path": "/api/v2/clients/*"}, "when": {"first": 1}, "do": {"status": 400}}
    people.appliance.goes_wrong(refuses)
    rotated = handler(people).update(made, declared(people, **ROTATE))
    assert works(people, rotated)
    assert note(people, made).client_secret == rotated.client_secret
    assert len(people.appliance.calls("POST", f"/api/v2/clients/{made.client_id}/rotate-secret")) == 1


def test_the_new_secret_is_waited_for_and_one_that_is_never_accepted_is_told(
    people: Operator, made: Application
) -> None:
    waits: list[float] = []
    token = {"method": "POST", "path": "/oauth/token"}
    slow = {"route": token, "when": {"after": 1, "first": 4}, "do": refused()}
    run = people.run()
    begun = application_rotation.begun(run.escrow, made, "x", note=note(people, made))
    run.api.tokens.token(run.settings.require_admin())
    people.appliance.goes_wrong({**slow, "when": {"first": 3}})
    application_rotation.finished(Applications(run.api), run.escrow, made, note=begun, sleep=waits.append)
    assert len(waits) == 3
    people.appliance.goes_wrong({**slow, "when": {"first": 99}})
    with pytest.raises(WrongCredential, match="in the escrow; run the update again"):
        application_rotation.finished(Applications(run.api), run.escrow, made, note=begun, sleep=waits.append)
    assert 30 <= sum(waits[3:]) <= 40


def test_without_the_right_to_change_secrets_the_scope_is_named_and_nothing_changes(
    people: Operator, made: Application
) -> None:
    limited = limited_admin(people.appliance, without="update:client_keys")
    people.config["adminClientId"] = limited["client_id"]
    people.environment["PSAAS_ADMIN_CLIENT_SECRET"] = limited["client_secret"]
    with pytest.raises(NotGranted, match="update:client_keys"):
        handler(people).update(made, declared(people, **ROTATE))
    assert works(people, made)


def test_a_secret_that_was_changed_by_hand_is_taken_into_the_state(people: Operator, made: Application) -> None:
    changed = people.appliance.api("POST", f"clients/{made.client_id}/rotate-secret")
    seen = handler(people).read(made)
    assert seen
    assert seen.secret_since >= made.secret_since
    assert seen == replace(made, client_secret=changed["client_secret"], secret_since=seen.secret_since)


def test_a_secret_that_was_changed_by_hand_and_may_not_be_read_is_replaced(people: Operator, made: Application) -> None:
    limited = limited_admin(people.appliance, without="read:client_keys")
    people.config["adminClientId"] = limited["client_id"]
    people.environment["PSAAS_ADMIN_CLIENT_SECRET"] = limited["client_secret"]
    people.appliance.api("POST", f"clients/{made.client_id}/rotate-secret")

    seen = handler(people).read(made)

    assert seen
    assert seen.drift == ("its secret in the state is refused",)
    mended = handler(people).update(seen, declared(people))
    assert (mended.drift, works(people, mended)) == ((), True)


def refused() -> dict[str, Any]:
    return {"status": 401, "body": {"error": "access_denied", "error_description": "Unauthorized"}}
