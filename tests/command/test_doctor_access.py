"""`psaas doctor` on tokens, scopes and the calls of an appliance: each check is seen to fail or to warn."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.command.patient import Patient, of_another_kind
from tests.local_appliance import LocalAppliance
from tests.situations.faults import LIST_TENANTS, RTA_TOKEN, on, refusal, token_refusal

ADMIN_CALLS = {"path": "/api/v2/connections*"}


def test_a_secret_that_is_wrong_is_told_and_what_this_machine_has_is_still_looked_at(patient: Patient) -> None:
    patient.environment["PSAAS_CLIENT_SECRET"] = "not-the-secret"
    found = patient.examined()
    assert found["token"].status == "fail"
    assert "or its secret is wrong there (401)" in found["token"].message or "is wrong there" in found["token"].message
    assert "compare the client ID" in found["token"].mend
    assert (found["scopes"].status, found["escrow"].status, found["admin"].status) == ("skip", "pass", "pass")
    assert "not-the-secret" not in str(found)


def test_while_a_secret_is_rotated_any_of_those_given_will_do(patient: Patient) -> None:
    secret = patient.described["provisioning"]["client_secret"]
    patient.environment["PSAAS_CLIENT_SECRET"] = f"an-older-secret {secret}"
    assert patient.examined()["token"].status == "pass"


def test_a_missing_grant_is_expected_where_this_stack_makes_it_and_to_mend_elsewhere(
    appliance: LocalAppliance, tmp_path: Path
) -> None:
    patient = Patient.of(appliance, tmp_path)
    first = patient.examined()
    patient.config["manageGrant"] = False
    elsewhere = patient.examined()
    assert (first["token"].status, first["scopes"].status) == ("warn", "skip")
    assert "first update of this stack" in first["token"].mend
    assert elsewhere["token"].status == "fail"
    assert "client grant" in elsewhere["token"].mend


@pytest.mark.parametrize(
    ("status", "error", "description", "mend"),
    [
        (403, "access_denied", "Service not enabled within domain: https://rta.appliance.test/api/v2/", "own host"),
        (403, "unauthorized_client", "Grant type 'client_credentials' not allowed.", "machine-to-machine"),
        (503, "unavailable", "Try again", "look again"),
        (429, "too_many_requests", "Client quota exceeded", "psaas:maxConcurrentCreates"),
    ],
)
def test_a_token_that_is_refused_is_told_with_its_way_out(
    patient: Patient, status: int, error: str, description: str, mend: str
) -> None:
    patient.goes_wrong(on(RTA_TOKEN, **token_refusal(status, error, description)))
    found = patient.examined()["token"]
    assert found.status == "fail"
    assert mend in found.mend
    assert "canary" not in str(found)


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"iss": "https://login.example.com/", "aud": "https://rta.appliance.test/api/v2/"}, "another issuer"),
        ({"iss": "https://rta.appliance.test/", "aud": "https://other.example.com/api/v2/"}, "another API"),
    ],
)
def test_a_token_of_another_issuer_or_for_another_api_is_seen(
    patient: Patient, claims: dict[str, Any], words: str
) -> None:
    patient.goes_wrong(on(RTA_TOKEN, status=200, body={"access_token": jwt(claims), "expires_in": 60}))
    found = patient.examined()["audience"]
    assert (found.status, words in found.message) == ("fail", True)
    assert "psaas:domain" in found.mend


def test_a_token_that_is_no_jwt_can_not_tell_and_that_is_no_failure(patient: Patient) -> None:
    patient.goes_wrong(on(RTA_TOKEN, status=200, body={"access_token": "opaque", "expires_in": 60}))
    found = patient.examined()
    assert (found["audience"].status, found["scopes"].status) == ("warn", "warn")


def test_a_token_without_the_scope_that_makes_tenants_fails(patient: Patient) -> None:
    patient.goes_wrong(on(RTA_TOKEN, token_scope=["read:tenants"]))
    found = patient.examined()["scopes"]
    assert (found.status, found.message) == ("fail", "the token lacks create:tenants")


def test_a_stack_that_deletes_needs_the_scope_for_it(patient: Patient) -> None:
    patient.config["retired"] = [{"name": "customer-9", "deletion": "delete"}]
    found = patient.examined()
    assert (found["scopes"].status, found["deletion"].status) == ("fail", "fail")
    assert "delete:tenants" in found["scopes"].message


def test_a_token_that_may_more_than_tenants_is_worth_a_warning(patient: Patient) -> None:
    patient.goes_wrong(on(RTA_TOKEN, token_scope=["create:tenants", "read:tenants", "create:client_grants"]))
    found = patient.examined()["scopes"]
    assert (found.status, "create:client_grants" in found.message) == ("warn", True)


def test_without_the_scope_for_lists_vanished_tenants_are_not_seen_and_that_is_told(patient: Patient) -> None:
    patient.goes_wrong(on(RTA_TOKEN, token_scope=["create:tenants"]))
    found = patient.examined()
    assert (found["scopes"].status, found["list-of-tenants"].status) == ("warn", "warn")
    assert "psaas:liveness" in found["scopes"].mend


def test_an_admin_that_may_not_make_grants_fails_where_the_stack_makes_one(patient: Patient) -> None:
    patient.config["manageGrant"] = True
    patient.goes_wrong(on(RTA_TOKEN, token_scope=["create:tenants", "read:tenants"]))
    found = patient.examined()["admin"]
    assert found.status == "fail"
    assert "create:client_grants" in found.message


def test_credentials_that_are_missing_are_named_with_their_variables(patient: Patient) -> None:
    patient.config["manageGrant"] = True
    patient.environment |= {"PSAAS_CLIENT_SECRET": "", "PSAAS_ADMIN_CLIENT_SECRET": ""}
    found = patient.examined()
    assert found["secrets"].status == "fail"
    assert "PSAAS_CLIENT_SECRET" in found["secrets"].message
    assert "PSAAS_ADMIN_CLIENT_SECRET" in found["secrets"].message
    assert found["token"].status == "skip"


def test_a_stack_that_makes_the_application_needs_no_secret_of_it(appliance: LocalAppliance, tmp_path: Path) -> None:
    patient = Patient.of(appliance, tmp_path)
    patient.config |= {"manageApplication": True, "clientId": None}
    patient.environment["PSAAS_CLIENT_SECRET"] = ""
    found = patient.examined()
    fine = ("stack-file", "secrets", "admin", "management-api", "connections")
    assert {found[name].status for name in fine} == {"pass"}
    assert found["token"].status == "skip"
    assert not {name for name, one in found.items() if one.status == "fail"} - {"engine"}


def test_an_appliance_without_reading_calls_is_a_warning_and_each_call_is_told(
    appliance_data: Path, tmp_path: Path
) -> None:
    with of_another_kind(appliance_data, tmp_path, "--no-tenant-reads") as appliance:
        patient = Patient.of(appliance, tmp_path)
        patient.granted("create:tenants", "read:tenants")
        found = patient.examined()
    assert found["list-of-tenants"].status == "warn"
    assert "not offered: GET /api/v2/tenants is answered with 404" in found["list-of-tenants"].message
    assert "not known" in found["one-tenant"].message


def test_single_tenants_are_tried_with_one_that_is_listed(patient: Patient) -> None:
    body = {"name": "customer-1", "owners": ["me@email.com"]}
    patient.running.api("POST", "tenants", body, application="provisioning")
    offered = patient.examined()["one-tenant"]
    patient.goes_wrong(on({"method": "GET", "path": "/api/v2/tenants/*"}, status=404))
    absent = patient.examined()["one-tenant"]
    assert (offered.status, offered.message) == ("pass", "offered")
    assert absent.message.startswith("not offered: a listed tenant is answered with 404")


def test_a_list_of_an_unknown_shape_fails(patient: Patient) -> None:
    patient.goes_wrong(on(LIST_TENANTS, status=200, body={"things": []}))
    found = patient.examined()["list-of-tenants"]
    assert found.status == "fail"
    assert "answer sheet" in found.mend


def test_which_generation_of_connection_calls_there_is_is_told(
    patient: Patient, appliance_data: Path, tmp_path: Path
) -> None:
    newer = patient.examined()["connections"]
    patient.running.stop()
    (tmp_path / "older").mkdir()
    with of_another_kind(appliance_data, tmp_path, "--older-connections") as appliance:
        older = Patient.of(appliance, tmp_path / "older").examined()["connections"]
    assert (newer.status, newer.facts["generation"]) == ("pass", "clients")
    assert (older.status, older.facts["generation"]) == ("warn", "enabled_clients")


def test_an_admin_that_may_not_read_connections_leaves_the_generation_unknown(patient: Patient) -> None:
    patient.goes_wrong(on(ADMIN_CALLS, **refusal(403, "Insufficient scope", "insufficient_scope")))
    found = patient.examined()["connections"]
    assert (found.status, found.facts["known"]) == ("warn", False)


def test_a_tenant_that_is_no_rta_has_no_scope_for_tenants_and_fails(patient: Patient) -> None:
    body = {"identifier": "https://rta.appliance.test/api/v2/", "scopes": [{"value": "read:clients"}]}
    patient.goes_wrong(on({"path": "/api/v2/resource-servers/*"}, status=200, body=body))
    found = patient.examined()["management-api"]
    assert (found.status, "has no scope create:tenants" in found.message) == ("fail", True)


def test_limits_that_are_told_are_shown(appliance_data: Path, tmp_path: Path) -> None:
    with of_another_kind(appliance_data, tmp_path, "--rate-limit", "1000:2000") as appliance:
        found = Patient.of(appliance, tmp_path).examined()["rate-limits"]
    assert (found.status, found.facts["limit"]) == ("pass", 2000)


def test_an_appliance_that_is_out_of_calls_is_told_with_the_setting_that_is_gentler(
    appliance_data: Path, tmp_path: Path
) -> None:
    with of_another_kind(appliance_data, tmp_path, "--rate-limit", "0.001:4") as appliance:
        found = Patient.of(appliance, tmp_path).examined()
    assert {"fail", "warn"} & {found[name].status for name in ("token", "admin", "rate-limits", "connections")}
    assert "429" in str(found)


def jwt(claims: dict[str, Any]) -> str:
    """An access token as an appliance might make one, signed by nobody."""
    parts = [json.dumps(part).encode() for part in ({"alg": "x"}, claims)]
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "signature"])
