"""/api/v2/client-grants: one grant at a time."""

import pytest
import requests
from running_appliance import JSON, ManagementApi, RunningAppliance

API = "https://orders.example/"


def refused(answer: requests.Response) -> tuple[int, str, str | None]:
    body = answer.json()
    assert body["statusCode"] == answer.status_code
    return body["statusCode"], body["message"], body.get("errorCode")


@pytest.fixture
def orders(tenant: ManagementApi) -> str:
    """An API of the tenant's own with two scopes."""
    scopes = [{"value": "read:orders"}, {"value": "write:orders"}]
    tenant.made("/resource-servers", {"identifier": API, "name": "Orders", "scopes": scopes})
    return API


def wanted(client: JSON, audience: str, **more: object) -> JSON:
    return {"client_id": client["client_id"], "audience": audience, **more}


def test_a_new_grant_is_answered_with_its_id_and_what_was_asked(tenant: ManagementApi, client: JSON) -> None:
    answer = tenant.post("/client-grants", wanted(client, tenant.audience, scope=["read:clients"]))
    grant = answer.json()
    assert answer.status_code == 201
    assert grant.pop("id").startswith("cgr_")
    assert grant == wanted(client, tenant.audience, scope=["read:clients"], subject_type="client")


def test_a_grant_can_be_read_back_changed_and_deleted(tenant: ManagementApi, client: JSON) -> None:
    grant = tenant.made("/client-grants", wanted(client, tenant.audience, scope=["read:clients"]))
    path = f"/client-grants/{grant['id']}"
    assert tenant.get(path).json() == grant
    changes = {"scope": ["read:logs", "read:users"], "organization_usage": "allow", "allow_any_organization": True}
    answer = tenant.patch(path, changes)
    assert (answer.status_code, answer.json()) == (200, {**grant, **changes})
    assert tenant.get(path).json() == {**grant, **changes}
    assert tenant.delete(path).status_code == 204
    assert refused(tenant.get(path)) == (404, "The grant does not exist.", None)
    assert refused(tenant.patch(path, {"scope": []})) == (404, "The grant does not exist.", None)


def test_deleting_a_grant_twice_is_no_error(tenant: ManagementApi, client: JSON) -> None:
    grant = tenant.made("/client-grants", wanted(client, tenant.audience, scope=[]))
    for _ in range(2):
        answer = tenant.delete(f"/client-grants/{grant['id']}")
        assert (answer.status_code, answer.content) == (204, b"")


def test_a_deleted_grant_gives_no_more_tokens(appliance: RunningAppliance, tenant: ManagementApi, client: JSON) -> None:
    grant = tenant.made("/client-grants", wanted(client, tenant.audience, scope=["read:clients"]))
    assert appliance.ask_token(tenant.host, client).status_code == 200
    tenant.delete(f"/client-grants/{grant['id']}")
    assert appliance.ask_token(tenant.host, client).status_code == 403


def test_a_second_grant_between_the_same_two_is_a_conflict(tenant: ManagementApi, client: JSON) -> None:
    tenant.made("/client-grants", wanted(client, tenant.audience, scope=["read:clients"]))
    answer = tenant.post("/client-grants", wanted(client, tenant.audience, scope=["read:users"]))
    expected = f"A client grant already exists between {client['client_id']} and {tenant.audience}"
    assert refused(answer) == (409, expected, None)


def test_one_grant_for_machines_and_one_for_users_may_stand_side_by_side(tenant: ManagementApi, client: JSON) -> None:
    for subject in ("client", "user"):
        tenant.made("/client-grants", wanted(client, tenant.audience, scope=[], subject_type=subject))
    answer = tenant.post("/client-grants", wanted(client, tenant.audience, scope=[], subject_type="user"))
    assert answer.status_code == 409


@pytest.mark.parametrize("immutable", ["client_id", "audience", "subject_type", "default_for", "id"])
def test_what_cannot_change_is_refused_by_name(tenant: ManagementApi, client: JSON, immutable: str) -> None:
    grant = tenant.made("/client-grants", wanted(client, tenant.audience, scope=[]))
    answer = tenant.patch(f"/client-grants/{grant['id']}", {immutable: "client", "scope": ["read:clients"]})
    expected = f"Payload validation error: 'Additional properties not allowed: {immutable}'."
    assert refused(answer) == (400, expected, "invalid_body")
    assert tenant.get(f"/client-grants/{grant['id']}").json() == grant


def test_a_grant_for_what_is_not_there_is_not_found(tenant: ManagementApi, client: JSON) -> None:
    answer = tenant.post("/client-grants", {"client_id": "nobody", "audience": tenant.audience, "scope": []})
    assert refused(answer) == (404, "Client not found", "inexistent_client")
    answer = tenant.post("/client-grants", wanted(client, "https://nowhere/", scope=[]))
    assert refused(answer) == (404, "Resource server not found", "inexistent_resource_server")


def test_a_client_of_another_tenant_is_not_found(tenant: ManagementApi, appliance: RunningAppliance) -> None:
    stranger = appliance.facts["provisioning"]["client_id"]
    answer = tenant.post("/client-grants", {"client_id": stranger, "audience": tenant.audience, "scope": []})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "'Missing required property: audience'."),
        ({"audience": ""}, "'String is too short (0 chars), minimum 1' on property audience."),
        ({"audience": 1}, "'Expected type string but found type integer' on property audience."),
        ({"audience": "x"}, "'Exactly one of client_id and default_for must be given'."),
        (
            {"audience": "x", "client_id": "x", "default_for": "third_party_clients"},
            "'Exactly one of client_id and default_for must be given'.",
        ),
        ({"audience": "x", "scope": "a"}, "'Expected type array but found type string' on property scope."),
        ({"audience": "x", "scope": [""]}, "'String is too short (0 chars), minimum 1' on property scope[0]."),
        (
            {"audience": "x", "scope": ["a" * 281]},
            "'String is too long (281 chars), maximum 280' on property scope[0].",
        ),
        ({"audience": "x", "subject_type": "both"}, "'No enum match for: both' on property subject_type."),
        (
            {"audience": "x", "allow_any_organization": "true"},
            "'Expected type boolean but found type string' on property allow_any_organization.",
        ),
        ({"audience": "x", "colour": "red"}, "'Additional properties not allowed: colour'."),
        ([], "'Expected type object but found type array'."),
        (None, "'Expected type object but found type null'."),
    ],
)
def test_a_body_that_does_not_fit_is_refused_with_its_first_mistake(
    tenant: ManagementApi, body: object, reason: str
) -> None:
    answer = tenant.request("POST", "/client-grants", json=body, data=b"null" if body is None else None)
    assert refused(answer) == (400, f"Payload validation error: {reason}", "invalid_body")


@pytest.mark.parametrize("body", [{}, {"scope": [1]}, {"organization_usage": "never"}, {"allow_all_scopes": 1}, []])
def test_a_change_that_does_not_fit_is_refused(tenant: ManagementApi, client: JSON, body: object) -> None:
    grant = tenant.made("/client-grants", wanted(client, tenant.audience, scope=[]))
    answer = tenant.patch(f"/client-grants/{grant['id']}", body)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "invalid_body")


def test_a_scope_that_the_api_does_not_define_is_refused(tenant: ManagementApi, client: JSON) -> None:
    asked = ["read:clients", "create:tenants"]  # only the root tenant authority knows the second
    answer = tenant.post("/client-grants", wanted(client, tenant.audience, scope=asked))
    expected = f"'The API {tenant.audience} does not define: create:tenants' on property scope."
    assert refused(answer) == (400, f"Payload validation error: {expected}", "invalid_body")
    grant = tenant.made("/client-grants", wanted(client, tenant.audience, scope=[]))
    answer = tenant.patch(f"/client-grants/{grant['id']}", {"scope": asked})
    assert answer.status_code == 400


def test_a_grant_of_all_scopes_gives_each_token_what_the_api_defines_then(
    appliance: RunningAppliance, tenant: ManagementApi, client: JSON, orders: str
) -> None:
    grant = tenant.made("/client-grants", wanted(client, orders, allow_all_scopes=True))
    assert (grant["allow_all_scopes"], grant["scope"]) == (True, [])
    assert appliance.ask_token(tenant.host, client, audience=orders).json()["scope"] == "read:orders write:orders"


def test_a_grant_of_all_scopes_becomes_a_list_only_in_two_steps(
    tenant: ManagementApi, client: JSON, orders: str
) -> None:
    grant = tenant.made("/client-grants", wanted(client, orders, allow_all_scopes=True))
    path = f"/client-grants/{grant['id']}"
    listed = {"allow_all_scopes": False, "scope": ["read:orders"]}
    assert tenant.patch(path, listed).status_code == 400
    assert tenant.patch(path, {"allow_all_scopes": False, "scope": []}).status_code == 200
    assert tenant.patch(path, listed).json()["scope"] == ["read:orders"]


def test_all_scopes_and_a_list_exclude_each_other(tenant: ManagementApi, client: JSON, orders: str) -> None:
    answer = tenant.post("/client-grants", wanted(client, orders, allow_all_scopes=True, scope=["read:orders"]))
    assert answer.status_code == 400


def test_all_scopes_cannot_be_granted_on_a_management_api(tenant: ManagementApi, client: JSON) -> None:
    answer = tenant.post("/client-grants", wanted(client, tenant.audience, allow_all_scopes=False, scope=[]))
    assert refused(answer)[:2] == (400, "`allow_all_scopes` cannot be provided when `audience` is a system API")


def test_a_grant_may_be_the_default_of_third_parties(tenant: ManagementApi) -> None:
    body = {"default_for": "third_party_clients", "audience": tenant.audience, "scope": ["read:clients"]}
    grant = tenant.made("/client-grants", body)
    assert "client_id" not in grant
    assert tenant.post("/client-grants", body).status_code == 409
    assert [found["id"] for found in tenant.get("/client-grants", default_for="third_party_clients").json()] == [
        grant["id"]
    ]


def test_the_appliances_own_grant_can_be_neither_changed_nor_deleted(
    appliance: RunningAppliance, admin: ManagementApi
) -> None:
    (grant,) = admin.get("/client-grants", client_id=appliance.facts["admin"]["client_id"]).json()
    assert grant["is_system"] is True
    for answer in (
        admin.patch(f"/client-grants/{grant['id']}", {"scope": []}),
        admin.delete(f"/client-grants/{grant['id']}"),
    ):
        assert (answer.status_code, answer.json()["errorCode"]) == (403, "operation_not_supported")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/client-grants", "read:client_grants"),
        ("GET", "/client-grants/x", "read:client_grants"),
        ("POST", "/client-grants", "create:client_grants"),
        ("PATCH", "/client-grants/x", "update:client_grants"),
        ("DELETE", "/client-grants/x", "delete:client_grants"),
    ],
)
def test_each_call_needs_its_own_scope(provisioning: ManagementApi, method: str, path: str, scope: str) -> None:
    answer = provisioning.request(method, path, json={} if method in ("POST", "PATCH") else None)
    assert refused(answer) == (403, f"Insufficient scope, expected any of: {scope}", "insufficient_scope")
