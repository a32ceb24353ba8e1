"""Applications, the connections they are enabled on, and APIs."""

import time
from pathlib import Path
from urllib.parse import quote

import pytest
from running_appliance import JSON, ManagementApi, RunningAppliance


def enabled(tenant: ManagementApi, client: JSON) -> list[str]:
    """The names of the connections that an application is enabled on, by the older generation's call."""
    answer = tenant.get("/connections", fields="id,name,enabled_clients").json()
    return [connection["name"] for connection in answer if client["client_id"] in connection["enabled_clients"]]


def test_an_application_lives_from_creation_to_deletion(tenant: ManagementApi) -> None:
    client = tenant.made("/clients", {"name": "Provisioning", "app_type": "non_interactive", "description": "x"})
    path = f"/clients/{client['client_id']}"
    assert (client["grant_types"], len(client["client_secret"])) == (["client_credentials"], 64)
    assert tenant.get(path).json() == client
    changed = tenant.patch(path, {"name": "Renamed", "description": None}).json()
    assert changed["name"] == "Renamed"
    assert "description" not in changed
    assert tenant.delete(path).status_code == 204
    assert tenant.get(path).status_code == 404
    assert tenant.get(path).json()["errorCode"] == "inexistent_client"


def test_an_applications_secret_is_read_only_with_the_scope_for_it(tenant: ManagementApi, client: JSON) -> None:
    path = f"/clients/{client['client_id']}"
    assert "client_secret" not in tenant.granted("read:clients").get(path).json()
    assert client["client_secret"] not in tenant.granted("read:clients").get("/clients").text
    assert tenant.granted("read:client_keys").get(path).json()["client_secret"] == client["client_secret"]


def test_a_rotated_secret_works_and_the_old_one_does_not(
    appliance: RunningAppliance, tenant: ManagementApi, client: JSON
) -> None:
    tenant.made("/client-grants", {"client_id": client["client_id"], "audience": tenant.audience, "scope": []})
    rotated = tenant.post(f"/clients/{client['client_id']}/rotate-secret", {})
    assert rotated.status_code == 200
    assert appliance.ask_token(tenant.host, rotated.json()).status_code == 200
    assert appliance.ask_token(tenant.host, client).status_code == 401


def test_a_secret_can_be_set_in_advance_by_who_may_update_keys(
    appliance: RunningAppliance, tenant: ManagementApi, client: JSON
) -> None:
    path, secret = f"/clients/{client['client_id']}", {"client_secret": "s" * 64}
    assert tenant.granted("update:clients").patch(path, secret).status_code == 403
    assert tenant.granted("update:client_keys").patch(path, {"name": "x"}).status_code == 403
    assert tenant.granted("update:client_keys").patch(path, secret).status_code == 200
    tenant.made("/client-grants", {"client_id": client["client_id"], "audience": tenant.audience, "scope": []})
    assert appliance.ask_token(tenant.host, {**client, **secret}).status_code == 200


def test_deleting_an_application_deletes_its_grants(tenant: ManagementApi, client: JSON) -> None:
    grant = {"client_id": client["client_id"], "audience": tenant.audience, "scope": []}
    made = tenant.made("/client-grants", grant)
    tenant.delete(f"/clients/{client['client_id']}")
    assert tenant.get(f"/client-grants/{made['id']}").status_code == 404


def test_applications_are_listed_filtered_and_cut_to_fields(tenant: ManagementApi) -> None:
    tenant.new_client(name="Web", app_type="spa")
    page = tenant.get("/clients", include_totals="true", app_type="spa,native", fields="name,app_type").json()
    assert page == {"total": 1, "start": 0, "limit": 50, "clients": [{"name": "Web", "app_type": "spa"}]}
    assert tenant.get("/clients", is_global="true", fields="name").json() == [{"name": "All Applications"}]
    assert len(tenant.get("/clients", take=1).json()["clients"]) == 1
    assert tenant.get("/clients", fields="shoe_size").status_code == 400
    assert tenant.get("/clients", app_type="shoe").status_code == 400


@pytest.mark.parametrize("body", [{}, {"name": "<b>"}, {"name": "x", "app_type": "y"}, {"name": "x", "colour": 1}, []])
def test_an_application_that_does_not_fit_is_refused(tenant: ManagementApi, body: object) -> None:
    assert tenant.post("/clients", body).json()["errorCode"] == "invalid_body"


def test_the_administrators_application_cannot_be_deleted(appliance: RunningAppliance, admin: ManagementApi) -> None:
    assert admin.delete(f"/clients/{appliance.facts['admin']['client_id']}").status_code == 403


def test_a_new_application_starts_enabled_on_a_database_and_a_social_connection(
    tenant: ManagementApi, client: JSON
) -> None:
    assert enabled(tenant, client) == ["Username-Password-Authentication", "google-oauth2"]


def test_an_application_is_taken_off_its_connections_by_the_newer_call(tenant: ManagementApi, client: JSON) -> None:
    for connection in tenant.get("/connections").json():
        assert "enabled_clients" not in connection
        path = f"/connections/{connection['id']}/clients"
        before = [entry["client_id"] for entry in tenant.get(path).json()["clients"]]
        answer = tenant.patch(path, [{"client_id": client["client_id"], "status": False}])
        assert (answer.status_code, answer.content) == (204, b"")
        after = [entry["client_id"] for entry in tenant.get(path).json()["clients"]]
        assert after == [client_id for client_id in before if client_id != client["client_id"]]
    assert enabled(tenant, client) == []


def test_an_application_is_taken_off_its_connections_by_the_older_call(tenant: ManagementApi, client: JSON) -> None:
    for connection in tenant.get("/connections", fields="id,enabled_clients").json():
        others = [client_id for client_id in connection["enabled_clients"] if client_id != client["client_id"]]
        answer = tenant.patch(f"/connections/{connection['id']}", {"enabled_clients": others})
        assert answer.json()["enabled_clients"] == others
    assert enabled(tenant, client) == []


def test_the_clients_of_a_connection_come_in_checkpoint_pages(tenant: ManagementApi, client: JSON) -> None:
    path = f"/connections/{tenant.get('/connections').json()[0]['id']}/clients"
    first = tenant.get(path, take=1).json()
    second = tenant.get(path, take=1000, from_=first["next"]).json()
    assert [entry["client_id"] for entry in second["clients"]] == [client["client_id"]]
    assert "next" not in second


def test_a_connection_lives_from_creation_to_deletion(tenant: ManagementApi, client: JSON) -> None:
    body = {"name": "staff", "strategy": "auth0", "enabled_clients": [client["client_id"]], "display_name": "Staff"}
    connection = tenant.made("/connections", body)
    path = f"/connections/{connection['id']}"
    assert connection["enabled_clients"] == [client["client_id"]]
    assert tenant.get(path).json() == connection
    assert tenant.get("/connections", name="staff").json()[0]["id"] == connection["id"]
    assert len(tenant.get("/connections", strategy=["auth0", "google-oauth2"]).json()) == 3
    assert tenant.patch(path, {"display_name": "Us"}).json()["display_name"] == "Us"
    assert tenant.post("/connections", body).status_code == 409
    assert tenant.delete(path).status_code == 204
    assert tenant.get(path).json()["errorCode"] == "inexistent_connection"


@pytest.mark.parametrize("body", [[], {}, [{"client_id": "x"}], [{"client_id": "nobody", "status": False}]])
def test_a_switch_that_does_not_fit_changes_nothing(tenant: ManagementApi, client: JSON, body: object) -> None:
    path = f"/connections/{tenant.get('/connections').json()[0]['id']}"
    assert tenant.patch(f"{path}/clients", body).json()["errorCode"] == "invalid_body"
    assert tenant.patch(path, {"enabled_clients": ["nobody"]}).json()["errorCode"] == "invalid_body"
    assert len(enabled(tenant, client)) == 2


def test_the_management_api_lists_its_scopes_under_its_encoded_identifier(
    tenant: ManagementApi, admin: ManagementApi
) -> None:
    for api, knows_tenants in ((tenant, False), (admin, True)):
        found = api.get(f"/resource-servers/{quote(api.audience, safe='')}").json()
        scopes = {scope["value"] for scope in found["scopes"]}
        assert (found["identifier"], found["is_system"]) == (api.audience, True)
        assert "create:client_grants" in scopes
        assert ("create:tenants" in scopes) is knows_tenants
        assert api.get(f"/resource-servers/{found['id']}").json() == found
    assert tenant.get("/resource-servers/nothing").json()["errorCode"] == "inexistent_resource_server"


def test_an_api_of_ones_own_lives_from_creation_to_deletion(tenant: ManagementApi, client: JSON) -> None:
    identifier = "https://orders.example/v1/"
    made = tenant.made("/resource-servers", {"identifier": identifier, "scopes": [{"value": "read:orders"}]})
    grant = {"client_id": client["client_id"], "audience": identifier, "scope": ["read:orders"]}
    grant_id = tenant.made("/client-grants", grant)["id"]
    path = f"/resource-servers/{quote(identifier, safe='')}"
    assert tenant.post("/resource-servers", {"identifier": identifier}).status_code == 409
    assert tenant.patch(path, {"name": "Orders"}).json() == {**made, "name": "Orders"}
    assert len(tenant.get("/resource-servers").json()) == 2
    assert tenant.delete(path).status_code == 204
    assert tenant.get(path).status_code == 404
    assert tenant.get(f"/client-grants/{grant_id}").status_code == 404


def test_a_management_api_cannot_be_deleted_nor_get_scopes(tenant: ManagementApi) -> None:
    path = f"/resource-servers/{quote(tenant.audience, safe='')}"
    assert tenant.delete(path).status_code == 403
    assert tenant.patch(path, {"scopes": []}).status_code == 400


def test_a_token_is_refused_once_it_has_expired(appliance: RunningAppliance, tenant: ManagementApi) -> None:
    tenant.patch(f"/resource-servers/{quote(tenant.audience, safe='')}", {"token_lifetime": 1})
    short = tenant.granted("read:clients")
    time.sleep(1.1)
    answer = short.get("/clients")
    assert answer.status_code == 401
    assert answer.json()["message"] == "Expired token received for JSON Web Token validation"


def test_an_older_release_knows_only_the_whole_list_of_a_connections_applications(data: Path) -> None:
    older = RunningAppliance.start(data, "--port", "0", "--older-connections")
    try:
        admin = older.api(older.rta, older.facts["admin"])
        client = admin.new_client()
        for connection in admin.get("/connections").json():
            assert client["client_id"] in connection["enabled_clients"]
            path = f"/connections/{connection['id']}"
            assert admin.get(f"{path}/clients").status_code == 404
            switch = [{"client_id": client["client_id"], "status": False}]
            assert admin.patch(f"{path}/clients", switch).status_code == 404
            others = [one for one in connection["enabled_clients"] if one != client["client_id"]]
            assert admin.patch(path, {"enabled_clients": others}).json()["enabled_clients"] == others
    finally:
        assert older.stop() == 0


def test_an_application_carries_at_most_ten_notes_of_its_owner(tenant: ManagementApi, client: JSON) -> None:
    path = f"/clients/{client['client_id']}"
    notes = {f"note-{number}": "x" for number in range(10)}
    assert tenant.patch(path, {"client_metadata": notes}).json()["client_metadata"] == notes
    assert tenant.patch(path, {"client_metadata": {**notes, "more": "x"}}).json()["errorCode"] == "invalid_body"
