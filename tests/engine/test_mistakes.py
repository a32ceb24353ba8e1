"""Mistakes that a person can mend: one clear message, no traceback, nothing sent that can't be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.stack import ROOT, Stack


def test_a_wrong_provisioning_secret_is_named_and_makes_nothing(stack: Stack) -> None:
    stack.declare("customer-1")

    stack.up(PSAAS_CLIENT_SECRET="not-the-secret").failed("no token from rta.appliance.test", "is wrong there")

    assert stack.posts() == []
    assert "not-the-secret" not in stack.said[-1].output


@pytest.mark.long
def test_a_wrong_admin_secret_is_named_and_makes_nothing(stack: Stack) -> None:
    stack.declare("customer-1")

    stack.up(PSAAS_ADMIN_CLIENT_SECRET="not-the-secret").failed(stack.config["adminClientId"], "is wrong there")

    assert stack.resources() == {}


@pytest.mark.long
def test_a_missing_grant_is_explained(stack: Stack) -> None:
    stack.declare("customer-1", manageGrant=False).up().failed("the client grant of", "is missing or too narrow")

    assert stack.posts() == []


@pytest.mark.long
def test_missing_credentials_name_every_place_where_they_may_be_put(stack_of_two: Stack) -> None:
    stack = stack_of_two
    stack.declare("customer-1", "customer-2", "customer-3")

    ran = stack.up(PSAAS_CLIENT_SECRET="")

    ran.failed("psaas:clientId", "PSAAS_CLIENT_SECRET_FILE", "pulumi config set --secret psaas:clientSecret")
    stack.declare("customer-1", "customer-2", scopes=["create:tenants"])
    stack.up(PSAAS_ADMIN_CLIENT_SECRET="").failed("PSAAS_ADMIN_CLIENT_SECRET", "psaas:manageGrant: false")


@pytest.mark.long
def test_an_unknown_certificate_authority_is_refused_with_the_way_to_trust_it(stack: Stack) -> None:
    stack.declare("customer-1")

    stack.up(PSAAS_CA_BUNDLE="").failed("was not accepted", "PSAAS_CA_BUNDLE")

    assert stack.appliance.calls("POST", "/api/v2/client-grants") == []


@pytest.mark.long
def test_an_appliance_that_is_down_is_said_to_be(stack: Stack) -> None:
    stack.declare("customer-1")
    stack.appliance.stop()

    stack.up().failed("could not connect to rta.appliance.test")


def test_a_name_that_was_used_before_is_explained_and_stops_no_other_tenant(stack: Stack) -> None:
    stack.declare(scopes=["create:tenants", "read:tenants", "delete:tenants"]).up().ok()
    body = {"name": "customer-2", "owners": ["else@email.com"]}
    stack.appliance.api("POST", "tenants", body, application="provisioning")
    stack.appliance.api("DELETE", "tenants/customer-2", application="provisioning")
    stack.appliance.forget_calls()

    ran = stack.declare("customer-1", "customer-2", "customer-3").up("--continue-on-error")

    ran.failed("can't create tenant customer-2", "409", "adopt: true", "choose another name")
    assert sorted(stack.posts()) == ["201", "201", "409"]
    assert set(stack.resources()) == {"provisioning", "customer-1", "customer-3"}


@pytest.mark.long
def test_a_grant_that_exists_is_named_and_taken_over_only_when_asked(stack: Stack) -> None:
    scopes = stack.config["scopes"]
    body = {
        "client_id": stack.config["clientId"],
        "audience": f"https://{stack.appliance.rta}/api/v2/",
        "scope": scopes,
    }
    grant = stack.appliance.api("POST", "client-grants", body)

    stack.declare("customer-1").up().failed(grant["id"], "psaas:adoptGrant")
    stack.declare("customer-1", scopes=["create:tenants"], adoptGrant=True).up().failed(grant["id"], "read:tenants")
    stack.declare("customer-1", scopes=scopes, adoptGrant=True).up().ok()

    assert stack.resources()["provisioning"]["id"] == grant["id"]
    assert stack.up().ok().summary.startswith("3 unchanged")


@pytest.mark.long
def test_a_scope_that_the_appliance_does_not_know_is_refused_by_name(stack: Stack) -> None:
    stack.declare(scopes=["create:tenants", "make:coffee"]).up().failed("make:coffee")

    assert stack.appliance.api("GET", f"client-grants?client_id={stack.config['clientId']}") == []


def test_all_mistakes_of_a_stack_file_are_told_at_once_with_their_places(stack: Stack) -> None:
    case = (ROOT / "tests" / "cases" / "many_mistakes.yaml").read_text(encoding="utf-8")
    stack.file.write_text(case, encoding="utf-8")

    ran = stack.preview()

    place = "stacks/Pulumi.test.yaml"
    ran.failed(
        f'{place}:3: psaas:domian: unknown key "domian"; did you mean "domain"?',
        f'{place}:9: psaas:tenants[0].owner: unknown field "owner"; did you mean "owners"?',
        f'{place}:11: psaas:tenants[1].owners[0]: "me@" is not an e-mail address',
        f'{place}:12: psaas:tenants[2].name: "customer-1" is listed already, in psaas:tenants[0] ({place}:8)',
        f'{place}:6: psaas:deletion: expected one of refuse, forget, delete, found "forgett"; did you mean "forget"?',
        f"{place}:5: psaas:clientSecret: stands in the file in clear",
    )
    assert "canary-in-the-open" not in ran.output


@pytest.mark.long
def test_another_appliance_than_the_deploying_environment_expects_gets_no_secret(stack: Stack) -> None:
    stack.declare("customer-1")

    stack.up(PSAAS_EXPECTED_RTA="rta.production.test").failed("PSAAS_EXPECTED_RTA", "no secret was read")

    assert stack.resources() == {}


@pytest.mark.long
def test_an_escrow_that_can_not_be_written_stops_before_the_request(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    stack.declare("customer-1")

    for directory in (tmp_path / "file", Path("/proc/nobody-can-write-here")):
        stack.up(PSAAS_ESCROW_DIR=str(directory)).failed(f"the escrow {directory}", "PSAAS_ESCROW_DIR")

    assert stack.posts() == []


@pytest.mark.long
def test_a_wrong_guess_about_the_appliance_burns_one_name_and_not_six(stack: Stack) -> None:
    plan = {"faults": [{"route": {"method": "POST", "path": "/api/v2/tenants"}, "do": {"without_secret": True}}]}
    status, answer = stack.appliance.request(
        "PUT", "/__appliance/faults", body=plan, token=stack.appliance.token("admin")
    )
    assert status in (200, 201, 204), answer

    ran = stack.declare(*(f"customer-{number}" for number in range(1, 7))).up("--continue-on-error")

    ran.failed("its one-time credential was not in the answer", "was not tried")
    assert stack.posts() == ["201"]
    again = stack.up("--continue-on-error")
    again.failed("its one-time credential was not in the answer")
    assert len(stack.posts()) == 2  # the tenant of the first run is not posted again, another one is
