"""A tenant's own secret is replaced by its own rights, without a step at which a dying run could lose it."""

from __future__ import annotations

from typing import Any

import pytest

from psaas_resources import tenant_rotation
from psaas_resources.errors import NotGranted, Refused, WrongCredential
from psaas_resources.settings import Credential
from psaas_resources.tenant_state import TenantState, diff
from tests.handlers.operator import Operator, Run

MARK = "2026-11-24"


@pytest.fixture
def made(operator: Operator) -> TenantState:
    state = operator.run().create("customer-7")
    operator.run().settle(state)
    return state


def works(operator: Operator, state: TenantState, credential: Credential | None = None) -> bool:
    try:
        operator.run().api.tenant_token(state.domain, credential or must(state))
    except WrongCredential:
        return False
    return True


def must(state: TenantState) -> Credential:
    assert state.credential
    return state.credential


def changed(state: TenantState, run: Run, **news: Any) -> list[str]:
    return diff(state, state.outputs() | news, run.settings, warn=lambda _: None)


def test_another_marker_replaces_the_secret_once_and_nothing_else(operator: Operator, made: TenantState) -> None:
    assert changed(made, operator.run(), rotate=MARK) == ["rotate"]

    rotated = operator.run().update(made, rotate=MARK)

    assert (rotated.client_id, rotated.ready, rotated.rotate) == (made.client_id, True, MARK)
    assert (works(operator, rotated), works(operator, made)) == (True, False)
    assert (made.rotated_at, rotated.rotated_at >= made.created_at) == ("", True)
    assert changed(rotated, operator.run(), rotate=MARK) == []
    assert changed(rotated, operator.run(), rotate="") == []
    labelled = operator.run().update(rotated, labels={"team": "billing"}, rotate="")
    assert (labelled.client_secret, labelled.rotate) == (rotated.client_secret, MARK)
    assert operator.posts() == [201]


def test_the_old_secret_leaves_the_escrow_once_the_state_has_the_new_one(operator: Operator, made: TenantState) -> None:
    rotated = operator.run().update(made, rotate=MARK)
    entry = operator.run().escrow.find(made.name)
    assert entry
    assert (entry.reason, entry.credential, entry.previous) == ("rotation", rotated.credential, made.client_secret)

    operator.run().settle(made)  # a state from before proves nothing
    assert operator.run().escrow.tenants() == [made.name]
    operator.run().settle(rotated)

    assert operator.run().escrow.tenants() == []
    kept = operator.run().escrow.find(made.name)
    assert kept
    assert (kept.credential, kept.previous) == (rotated.credential, "")


def begin(operator: Operator, made: TenantState) -> Credential:
    """What a run has done that dies before the tenant knows its new secret."""
    new = Credential(made.client_id, "a-new-secret-of-a-run-that-dies-on-the-way")
    operator.run().escrow.keep_rotation(made.name, new, domain=made.domain, previous=made.client_secret)
    return new


def set_it(operator: Operator, made: TenantState, new: Credential) -> None:
    body = {"client_secret": new.client_secret}
    path = f"clients/{made.client_id}"
    assert operator.run().api.tenant_call(made.domain, must(made), "PATCH", path, body=body).ok


@pytest.mark.parametrize("was_set", [False, True])
def test_a_run_that_dies_is_continued_with_the_same_secret(
    operator: Operator, made: TenantState, was_set: bool
) -> None:
    new = begin(operator, made)
    if was_set:
        set_it(operator, made, new)

    rotated = operator.run().update(made, rotate=MARK)

    assert rotated.credential == new
    assert works(operator, rotated)


@pytest.mark.parametrize("was_set", [False, True])
def test_a_state_that_is_lost_in_between_gets_back_the_secret_that_is_in_force(
    operator: Operator, made: TenantState, was_set: bool
) -> None:
    new = begin(operator, made)
    if was_set:
        set_it(operator, made, new)

    again = operator.run().create(made.name)

    assert again.credential == (new if was_set else made.credential)
    assert again.ready
    assert operator.posts() == [201]


def test_a_tenant_let_go_in_between_keeps_both_secrets_in_the_escrow(operator: Operator, made: TenantState) -> None:
    new = begin(operator, made)
    set_it(operator, made, new)
    operator.run().tenants.delete(made)
    assert operator.run().create(made.name).credential == new


def test_a_tenant_that_takes_no_secret_from_outside_rotates_by_itself(operator: Operator, made: TenantState) -> None:
    operator.appliance.goes_wrong({"route": {"method": "PATCH", "path": "/api/v2/clients/*"}, "do": {"status": 400}})
    rotated = operator.run().update(made, rotate=MARK)
    assert works(operator, rotated)
    assert rotated.client_secret != made.client_secret
    entry = operator.run().escrow.find(made.name)
    assert entry
    assert entry.credential == rotated.credential


def test_a_credential_without_the_right_is_named_and_nothing_is_changed(operator: Operator, made: TenantState) -> None:
    operator.appliance.goes_wrong(
        {"route": {"path": "/oauth/token", "host": made.domain}, "do": {"token_scope": ["read:clients"]}}
    )
    with pytest.raises(NotGranted, match=r"lacks update:client_keys.*psaas:credentials"):
        operator.run().update(made, rotate=MARK)
    operator.appliance.goes_wrong()
    assert works(operator, made)
    assert operator.run().escrow.tenants() == []
    assert operator.appliance.calls("PATCH", "/api/v2/clients") == []


def test_a_secret_that_is_never_accepted_stays_in_the_escrow_and_the_state_as_it_was(
    operator: Operator, made: TenantState
) -> None:
    waits: list[float] = []
    run = operator.run()
    refused = {"status": 401, "body": {"error": "access_denied", "error_description": "Unauthorized"}}
    route = {"path": "/oauth/token", "host": made.domain}
    operator.appliance.goes_wrong({"route": route, "when": {"after": 1}, "do": refused})
    with pytest.raises(WrongCredential, match="in the escrow; run the update again"):
        tenant_rotation.rotated(run.api, run.escrow, made.name, made.domain, must(made), sleep=waits.append)
    assert 30 <= sum(waits) <= 40
    operator.appliance.goes_wrong()
    assert works(operator, operator.run().update(made, rotate=MARK))


def test_a_tenant_whose_credential_nobody_holds_can_not_be_rotated(operator: Operator, made: TenantState) -> None:
    operator.appliance.api("POST", "tenants", {"name": "customer-8"}, application="provisioning")
    listed = operator.run().create("customer-8", adopt="inventory")
    with pytest.raises(Refused, match="nobody holds its credential"):
        operator.run().update(listed, rotate=MARK)


def test_a_marker_on_a_new_tenant_is_noted_and_rotates_nothing(operator: Operator) -> None:
    made = operator.run().create("customer-9", rotate=MARK)
    assert made.rotate == MARK
    assert operator.appliance.calls("PATCH", "/api/v2/clients") == []
