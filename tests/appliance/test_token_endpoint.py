"""POST /oauth/token and the public keys."""

import time

import jwt
import pytest
import requests
from running_appliance import JSON, ManagementApi, RunningAppliance


def refused(answer: requests.Response) -> tuple[int, str, str]:
    body = answer.json()
    assert set(body) <= {"error", "error_description", "error_uri"}
    return answer.status_code, body["error"], body["error_description"]


def test_a_token_names_its_issuer_audience_client_and_scopes_and_lives_a_day(
    appliance: RunningAppliance, tenant: ManagementApi, client: JSON
) -> None:
    scope = ["read:clients", "create:client_grants"]
    tenant.made("/client-grants", {"client_id": client["client_id"], "audience": tenant.audience, "scope": scope})
    answer = appliance.ask_token(tenant.host, client)
    body = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 86400, " ".join(scope))
    keys = appliance.call("GET", tenant.host, "/.well-known/jwks.json").json()
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(body["access_token"])["kid"]]
    claims = jwt.decode(body["access_token"], key, algorithms=["RS256"], audience=tenant.audience)
    assert claims.pop("exp") - claims["iat"] == 86400
    assert abs(claims.pop("iat") - time.time()) < 60
    assert claims == {
        "iss": f"https://{tenant.host}/",
        "sub": f"{client['client_id']}@clients",
        "aud": tenant.audience,
        "azp": client["client_id"],
        "scope": " ".join(scope),
        "gty": "client-credentials",
    }


def test_each_tenant_signs_with_a_key_of_its_own(
    appliance: RunningAppliance, tenant: ManagementApi, admin: ManagementApi
) -> None:
    hosts = (tenant.host, admin.host)
    moduli = {appliance.call("GET", host, "/.well-known/jwks.json").json()["keys"][0]["n"] for host in hosts}
    assert len(moduli) == 2


def test_the_openid_configuration_leads_to_keys_and_token_endpoint(
    appliance: RunningAppliance, tenant: ManagementApi
) -> None:
    found = appliance.call("GET", tenant.host, "/.well-known/openid-configuration").json()
    assert found["issuer"] == f"https://{tenant.host}/"
    assert found["jwks_uri"] == f"https://{tenant.host}/.well-known/jwks.json"
    assert found["token_endpoint"] == f"https://{tenant.host}/oauth/token"


def test_the_credential_may_come_as_json_as_form_or_by_http_basic(appliance: RunningAppliance) -> None:
    base = {"grant_type": "client_credentials", "audience": f"https://{appliance.rta}/api/v2/"}
    credential = appliance.facts["admin"]
    for sent in (
        {"json": {**base, **credential, "organization": None}},
        {"data": {**base, **credential}},
        {"data": base, "auth": appliance.admin_pair},
        {"json": base, "auth": appliance.admin_pair},
    ):
        answer = appliance.call("POST", appliance.rta, "/oauth/token", **sent)
        assert answer.status_code == 200, answer.text


def test_a_scope_parameter_narrows_the_token(appliance: RunningAppliance) -> None:
    asked = "read:clients read:client_grants"
    answer = appliance.ask_token(appliance.rta, appliance.facts["admin"], scope=asked).json()
    assert set(answer["scope"].split()) == set(asked.split())


def test_a_wrong_secret_and_an_unknown_client_are_refused_alike(appliance: RunningAppliance, client: JSON) -> None:
    admin = appliance.facts["admin"]
    for wrong in ({"client_secret": "x"}, {"client_id": "nobody"}, {"client_secret": "ключ"}, dict(client)):
        answer = appliance.ask_token(appliance.rta, {**admin, **wrong})
        assert refused(answer) == (401, "access_denied", "Unauthorized")


def test_an_application_without_a_client_grant_is_told_which_grant_it_lacks(
    appliance: RunningAppliance, tenant: ManagementApi, client: JSON
) -> None:
    status, error, description = refused(appliance.ask_token(tenant.host, client))
    assert (status, error) == (403, "access_denied")
    assert description.startswith(f'Client is not authorized to access "{tenant.audience}"')
    assert 'You need to create a "client-grant"' in description


def test_a_grant_for_users_gives_no_machine_access(
    appliance: RunningAppliance, tenant: ManagementApi, client: JSON
) -> None:
    grant = {"client_id": client["client_id"], "audience": tenant.audience, "scope": [], "subject_type": "user"}
    tenant.made("/client-grants", grant)
    assert refused(appliance.ask_token(tenant.host, client))[:2] == (403, "access_denied")


def test_a_wrong_audience_is_a_service_that_is_not_enabled(appliance: RunningAppliance) -> None:
    answer = appliance.ask_token(appliance.rta, appliance.facts["admin"], audience="https://elsewhere/api/v2/")
    expected = "Service not enabled within domain: https://elsewhere/api/v2/"
    assert refused(answer) == (403, "access_denied", expected)


def test_a_scope_that_was_not_granted_is_named(appliance: RunningAppliance) -> None:
    answer = appliance.ask_token(appliance.rta, appliance.facts["admin"], scope="read:clients create:tenants")
    assert refused(answer) == (403, "access_denied", "Client has not been granted scopes: create:tenants")


def test_an_application_for_people_may_not_use_client_credentials(
    appliance: RunningAppliance, tenant: ManagementApi
) -> None:
    web = tenant.new_client(app_type="spa")
    answer = appliance.ask_token(tenant.host, web)
    expected = (403, "unauthorized_client", "Grant type 'client_credentials' not allowed for the client.")
    assert refused(answer) == expected
    assert answer.json()["error_uri"].startswith("https://")


def test_another_grant_type_is_unsupported(appliance: RunningAppliance) -> None:
    answer = appliance.ask_token(appliance.rta, appliance.facts["admin"], grant_type="password")
    assert refused(answer) == (403, "unsupported_grant_type", "Unsupported grant type: password")


@pytest.mark.parametrize("missing", ["grant_type", "client_id", "client_secret", "audience"])
def test_a_missing_parameter_is_named(appliance: RunningAppliance, missing: str) -> None:
    answer = appliance.ask_token(appliance.rta, appliance.facts["admin"], **{missing: None})
    assert refused(answer) == (400, "invalid_request", f"Missing required parameter: {missing}")


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"\xff", b'{"grant_type": 1}', b'{"grant_type": "\\ud800"}'])
def test_a_token_request_that_is_no_object_of_strings_is_invalid(appliance: RunningAppliance, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = appliance.call("POST", appliance.rta, "/oauth/token", data=body, headers=headers)
    assert refused(answer)[:2] == (400, "invalid_request")


@pytest.mark.parametrize("value", ["Basic !", "Basic " + "Zm9v" * 3, "Basic"])
def test_a_broken_authorization_header_gives_no_token(appliance: RunningAppliance, value: str) -> None:
    body = {"grant_type": "client_credentials", "audience": "x"}
    headers = {"authorization": value}
    answer = appliance.call("POST", appliance.rta, "/oauth/token", json=body, headers=headers)
    assert answer.status_code in (400, 401)


def test_a_credential_given_twice_is_invalid(appliance: RunningAppliance) -> None:
    body = {"grant_type": "client_credentials", "audience": "x", **appliance.facts["admin"]}
    answer = appliance.call("POST", appliance.rta, "/oauth/token", json=body, auth=appliance.admin_pair)
    assert refused(answer)[:2] == (400, "invalid_request")


def test_a_host_that_no_tenant_has_is_not_found(appliance: RunningAppliance) -> None:
    for path, method in (("/oauth/token", "POST"), ("/.well-known/jwks.json", "GET"), ("/api/v2/clients", "GET")):
        answer = appliance.call(method, "nobody-here.appliance.test", path)
        assert answer.status_code == 404
        assert answer.json()["message"] == "Unknown domain: nobody-here.appliance.test"
