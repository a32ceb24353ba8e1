"""A client grant that a dying run has left is known again; anybody else's is not taken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from psaas_resources.errors import Conflict
from tests.handlers.operator import Operator
from tests.local_appliance import LocalAppliance

SCOPES = ("create:tenants", "read:tenants")


def test_a_grant_that_an_earlier_run_has_made_is_taken_up_again(operator: Operator) -> None:
    grant = operator.declared_grant("create:tenants", "delete:tenants", "read:tenants")

    first, _ = operator.run().grants.create(grant)
    again, _ = operator.run().grants.create(grant)

    assert first == again
    assert len(operator.appliance.api("GET", f"client-grants?client_id={grant.client_id}")) == 1


def test_a_grant_that_somebody_else_has_made_is_named_and_not_taken(appliance: LocalAppliance, tmp_path: Path) -> None:
    operator = Operator(appliance, tmp_path / "escrow")
    grant = operator.declared_grant(*SCOPES)
    body = {"client_id": grant.client_id, "audience": grant.audience, "scope": list(SCOPES)}
    made = appliance.api("POST", "client-grants", body)

    with pytest.raises(Conflict, match=made["id"]):
        operator.run().grants.create(grant)

    assert operator.run().grants.create(operator.declared_grant(*SCOPES, adopt=True))[0] == made["id"]


def test_a_grant_of_ours_with_other_scopes_is_not_taken_up(operator: Operator) -> None:
    with pytest.raises(Conflict, match="with other scopes"):
        operator.run().grants.create(operator.declared_grant(*SCOPES))


def test_a_grant_of_another_application_is_one_request_and_leaves_our_tokens_as_they_are(operator: Operator) -> None:
    run = operator.run()
    applications = [operator.appliance.api("POST", "clients", {"name": name})["client_id"] for name in ("A", "B", "C")]
    operator.appliance.forget_calls()

    for client_id in applications:
        run.grants.create(replace(operator.declared_grant(*SCOPES), client_id=client_id))

    assert [call["status"] for call in operator.appliance.calls("POST", "/api/v2/client-grants")] == [201] * 3
    assert len(operator.appliance.calls("POST", "/oauth/token")) == 1 + 2  # two are of this test
