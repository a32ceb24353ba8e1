"""Owners of a tenant who are invited, on a local appliance that has the calls, lacks them, or answers strangely."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from psaas_resources.keyring import Keyring
from psaas_resources.management import Management
from psaas_resources.owner_invitations_handler import OwnerInvitationsHandler
from psaas_resources.owner_invitations_state import OwnerInvitationsState, diff
from psaas_resources.tenant_state import TenantState
from tests import hurried
from tests.handlers.operator import Operator
from tests.local_appliance import LocalAppliance
from tests.situations.faults import Rule, on

PATH = "/api/v2/tenants/invitations"
POST, LIST = {"method": "POST", "path": PATH}, {"method": "GET", "path": PATH}
OWNERS = {"method": "GET", "path": "/api/v2/tenants/owners"}


@pytest.fixture
def inviting(appliance_data: Path, tmp_path: Path) -> Iterator[Operator]:
    """An operator of an appliance that has the calls."""
    shutil.copytree(appliance_data, tmp_path / "appliance")
    with LocalAppliance.start(tmp_path / "appliance", "--tenant-invitations") as started:
        made = Operator(started, tmp_path / "escrow")
        made.grant("create:tenants", "read:tenants")
        yield made


def handler(operator: Operator, tenant: TenantState | None = None) -> OwnerInvitationsHandler:
    """That of a run which has seen `tenant` in the state."""
    run, keyring = operator.run(), Keyring()
    if tenant:
        keyring.hold(tenant.rta, tenant.name, tenant.credential)
    own = run.settings
    transport = hurried.transport(ca_bundle=own.ca_bundle, connect_to=own.connect_to)
    api = Management(own, transport=transport)
    return OwnerInvitationsHandler(api, run.escrow, keyring, warn=operator.warnings.append)


def declared(tenant: TenantState, *owners: str) -> OwnerInvitationsState:
    return OwnerInvitationsState(tenant.rta, tenant.name, tenant.domain, owners)


def statuses(operator: Operator, what: Rule = POST) -> list[int]:
    return [call["status"] for call in operator.appliance.calls(what["method"], what["path"])]


def pending(operator: Operator, tenant: TenantState) -> list[str]:
    """Whom the tenant itself tells to be invited."""
    assert tenant.credential
    own = {"client_id": tenant.credential.client_id, "client_secret": tenant.credential.client_secret}
    token = operator.appliance.tenant_token(tenant.domain, **own)
    status, answer = operator.appliance.request("GET", PATH, host=tenant.domain, token=token)
    assert status == 200, answer
    return [row["email"] for row in answer]


def test_owners_who_are_no_administrators_are_invited_with_one_request_and_others_are_not(inviting: Operator) -> None:
    tenant = inviting.run().create("customer-1")

    state = handler(inviting, tenant).create(declared(tenant, "Ops@example.com", "ME@email.com", "b@example.com"))

    assert (state.ready, state.problem) == (True, "")
    assert (sorted(state.invited), state.members) == (["b@example.com", "ops@example.com"], ("me@email.com",))
    assert pending(inviting, tenant) == ["b@example.com", "ops@example.com"]
    assert statuses(inviting) == [201]
    assert inviting.warnings == []


def test_an_owner_is_invited_once_however_often_the_owners_change(inviting: Operator) -> None:
    tenant = inviting.run().create("customer-1")
    first = handler(inviting, tenant).create(declared(tenant, "a@example.com"))
    fewer = handler(inviting, tenant).update(first, declared(tenant, "me@email.com"))
    again = handler(inviting, tenant).update(fewer, declared(tenant, "A@example.com", "b@example.com"))

    assert [state.ready for state in (first, fewer, again)] == [True, True, True]
    assert again.invited["a@example.com"] == first.invited["a@example.com"]
    assert pending(inviting, tenant) == ["a@example.com", "b@example.com"]
    assert statuses(inviting) == [201, 201]


def test_nothing_is_asked_where_nobody_is_left_to_invite(inviting: Operator) -> None:
    tenant = inviting.run().create("customer-1")
    first = handler(inviting, tenant).create(declared(tenant, "a@example.com", "me@email.com"))
    inviting.appliance.forget_calls()

    second = handler(inviting, tenant).update(first, declared(tenant, "ME@email.com"))

    assert second.ready
    assert [call for call in inviting.appliance.calls("GET", "/") if call["host"] == tenant.domain] == []
    assert [call for call in inviting.appliance.calls("POST", "/") if call["host"] == tenant.domain] == []


def test_a_run_that_was_killed_before_its_state_was_written_does_not_invite_again(inviting: Operator) -> None:
    tenant = inviting.run().create("customer-1")
    handler(inviting, tenant).create(declared(tenant, "a@example.com"))  # what it returned is lost

    second = handler(inviting, tenant).create(declared(tenant, "a@example.com"))

    assert (second.ready, list(second.invited)) == (True, ["a@example.com"])
    assert statuses(inviting) == [201]


def test_an_appliance_without_the_calls_is_a_problem_and_only_one_tenant_of_a_run_is_asked(operator: Operator) -> None:
    first, second = operator.run().create("customer-1"), operator.run().create("customer-2")
    same_run = handler(operator)

    states = [same_run.create(declared(tenant, "a@example.com")) for tenant in (first, second)]

    assert [state.ready for state in states] == [False, False]
    assert all("tenants/invitations, which is not documented; invite in the dashboard" in s.problem for s in states)
    assert [state.invited for state in states] == [{}, {}]
    assert statuses(operator) == [404]
    assert statuses(operator, OWNERS) == [200]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 404},
        {"status": 403},
        {"status": 503},
        {"not_json": True},
        {"status": 200, "body": {"owners": [{"user_id": "an ID"}]}},
        {"status": 200, "body": {"owners": [{"email": "me@email.com"}], "total": 2}},
    ],
)
def test_nobody_is_invited_where_it_can_not_be_seen_who_is_there(inviting: Operator, answer: Any) -> None:
    tenant = inviting.run().create("customer-1")
    inviting.appliance.goes_wrong(on(OWNERS, **answer))

    broken = handler(inviting, tenant).create(declared(tenant, "a@example.com"))
    inviting.appliance.goes_wrong()
    mended = handler(inviting, tenant).update(broken, declared(tenant, "a@example.com"))

    assert (broken.ready, broken.invited) == (False, {})
    assert "administrators" in broken.problem or "owners" in broken.problem
    assert (mended.ready, mended.problem, list(mended.invited)) == (True, "", ["a@example.com"])
    assert statuses(inviting) == [201]


def test_an_invitation_whose_answer_was_lost_is_never_sent_again_and_settled_once_it_is_seen(
    inviting: Operator,
) -> None:
    tenant = inviting.run().create("customer-1")
    inviting.appliance.goes_wrong(on(POST, status=503))

    unsure = handler(inviting, tenant).create(declared(tenant, "a@example.com"))
    inviting.appliance.goes_wrong()
    still = handler(inviting, tenant).update(unsure, declared(tenant, "a@example.com"))
    inviting.appliance.goes_wrong(on(LIST, status=200, body={"invitations": [{"email": "A@example.com"}]}))
    seen = handler(inviting, tenant).update(still, declared(tenant, "a@example.com"))

    assert [(state.ready, state.unsure) for state in (unsure, still)] == [(False, ("a@example.com",))] * 2
    assert "a@example.com may have been invited" in unsure.problem
    assert (seen.ready, seen.problem, seen.unsure, list(seen.invited)) == (True, "", (), ["a@example.com"])
    assert statuses(inviting) == [503]


@pytest.mark.parametrize(
    "answer",
    [
        {"empty_body": True},
        {"not_json": True},
        {"status": 202, "body": {"ok": True}},
        {"status": 201, "body": {"invitations": [{"invitation_id": "inv_1"}]}},
        {"status": 201, "body": {"invitations": [{"email": "A@example.com"}], "next": ""}},
    ],
)
def test_a_yes_in_whatever_form_counts(inviting: Operator, answer: Any) -> None:
    tenant = inviting.run().create("customer-1")
    inviting.appliance.goes_wrong(on(POST, **answer))

    state = handler(inviting, tenant).create(declared(tenant, "a@example.com"))

    assert (state.ready, list(state.invited)) == (True, ["a@example.com"])
    assert inviting.warnings == []


def test_what_the_appliance_refuses_is_a_problem_in_its_words_and_is_tried_again(inviting: Operator) -> None:
    tenant = inviting.run().create("customer-1")
    inviting.appliance.goes_wrong(on(POST, status=400, body={"message": "set up an e-mail provider first"}))

    refused = handler(inviting, tenant).create(declared(tenant, "a@example.com"))
    inviting.appliance.goes_wrong()

    assert (refused.ready, refused.invited, refused.unsure) == (False, {}, ())
    assert "invite a@example.com to customer-1" in refused.problem
    assert "set up an e-mail provider first" in refused.problem
    assert handler(inviting, tenant).update(refused, declared(tenant, "a@example.com")).ready


def test_without_a_credential_nobody_is_invited_and_the_problem_says_why(inviting: Operator) -> None:
    tenant = replace(inviting.run().create("customer-1"), name="customer-2", client_id="", client_secret="")

    state = handler(inviting, tenant).create(declared(tenant, "a@example.com"))

    assert "nobody holds the credential of tenant customer-2" in state.problem
    assert statuses(inviting) == []


def test_a_tenant_that_was_made_again_has_its_owners_invited_again(inviting: Operator) -> None:
    tenant = inviting.run().create("customer-1")
    gone = replace(declared(tenant, "a@example.com"), tenant_created_at="2026-01-01", invited={"a@example.com": "t"})
    wanted = replace(declared(tenant, "a@example.com"), tenant_created_at="2026-02-01")

    assert handler(inviting, tenant).update(gone, wanted).ready
    assert pending(inviting, tenant) == ["a@example.com"]


def test_invitations_that_are_not_in_order_are_looked_at_again_for_a_while_and_then_only_told() -> None:
    told: list[str] = []
    state = OwnerInvitationsState("rta.test", "customer-1", "customer-1.test", ("A@example.com",), problem="no call")
    news = {"tenant": "customer-1", "domain": "customer-1.test", "owners": ["a@example.com"]}
    recent = replace(state, managed_since="2999-01-01T00:00:00+00:00")

    assert diff(recent, news, ready_within_hours=24, warn=told.append) == ["ready"]
    assert told == []
    assert diff(state, news, ready_within_hours=24, warn=told.append) == []
    assert "still not in order" in told[0]
    assert told[0].endswith("tried again once its `inviteOwners` was false for one update: no call")
    assert diff(replace(state, ready=True), news, ready_within_hours=24, warn=told.append) == []
    more = news | {"owners": ["a@example.com", "b@example.com"]}
    assert diff(replace(state, ready=True), more, ready_within_hours=24, warn=told.append) == ["owners"]
