"""Secrets and signing keys that change while somebody still uses the old ones."""

import time
from pathlib import Path

import jwt
import pytest
from running_appliance import JSON, ManagementApi, RunningAppliance


def kids(appliance: RunningAppliance, host: str) -> list[str]:
    keys = appliance.call("GET", host, "/.well-known/jwks.json").json()["keys"]
    return [key["kid"] for key in keys]


def rotate(appliance: RunningAppliance, host: str, **more: bool) -> JSON:
    body = {"host": host, **more}
    rotated: JSON = appliance.inspect("POST", "rotate-signing-key", json=body).json()
    return rotated


def test_after_a_rotation_the_old_secret_is_refused_at_once_by_default(
    appliance: RunningAppliance, tenant: ManagementApi, client: JSON
) -> None:
    new = tenant.request("POST", f"/clients/{client['client_id']}/rotate-secret").json()
    assert appliance.ask_token(tenant.host, client).status_code == 401
    assert appliance.ask_token(tenant.host, new).status_code == 403  # known, and granted nothing


def test_old_and_new_secret_may_overlap_for_a_while(data: Path) -> None:
    appliance = RunningAppliance.start(data, "--port", "0", "--rotation-overlap", "4")
    try:
        admin = appliance.api(appliance.rta, appliance.facts["admin"])
        client = admin.new_client()
        new = admin.request("POST", f"/clients/{client['client_id']}/rotate-secret").json()
        newest = {**client, "client_secret": "chosen-by-its-owner-and-long-enough-for-that"}
        assert admin.patch(f"/clients/{client['client_id']}", {"client_secret": newest["client_secret"]}).ok
        for known in (client, new, newest):
            assert appliance.ask_token(appliance.rta, known).status_code == 403  # known, and granted nothing
        assert appliance.ask_token(appliance.rta, {**client, "client_secret": "wrong"}).status_code == 401
        while appliance.ask_token(appliance.rta, new).status_code != 401:
            time.sleep(0.05)
        assert appliance.ask_token(appliance.rta, client).status_code == 401
        assert appliance.ask_token(appliance.rta, newest).status_code == 403
        assert admin.delete(f"/clients/{client['client_id']}").status_code == 204
    finally:
        assert appliance.stop() == 0


def test_a_new_signing_key_leaves_old_tokens_good_where_the_old_key_is_kept(
    appliance: RunningAppliance, tenant: ManagementApi
) -> None:
    [old] = kids(appliance, tenant.host)
    rotated = rotate(appliance, tenant.host, keep_old=True)
    assert rotated["published"] == kids(appliance, tenant.host) == [rotated["kid"], old]
    assert tenant.get("/clients").status_code == 200
    assert jwt.get_unverified_header(tenant.token)["kid"] == old


def test_a_new_signing_key_ends_old_tokens_where_the_old_keys_are_dropped(
    appliance: RunningAppliance, provisioning: ManagementApi, name: str
) -> None:
    made = provisioning.made("/tenants", {"name": name})
    tenant = appliance.api(made["domain"], made)
    assert tenant.get("/clients").status_code == 200
    rotate(appliance, tenant.host, keep_old=True)
    rotated = rotate(appliance, tenant.host, keep_old=False)
    assert kids(appliance, tenant.host) == [rotated["kid"]]
    assert tenant.get("/clients").json()["message"] == "Invalid token"
    renewed = appliance.api(made["domain"], made)
    assert jwt.get_unverified_header(renewed.token)["kid"] == rotated["kid"]
    assert renewed.get("/clients").status_code == 200


@pytest.mark.parametrize(("body", "status"), [({}, 400), ({"host": "x.y"}, 404), ({"host": "x", "keep": True}, 400)])
def test_a_rotation_of_nobodys_key_is_refused(appliance: RunningAppliance, body: JSON, status: int) -> None:
    path = "/__appliance/rotate-signing-key"
    answer = appliance.call("POST", appliance.rta, path, auth=appliance.admin_pair, json=body)
    assert answer.status_code == status


def test_only_the_administrator_rotates_keys(appliance: RunningAppliance, provisioning: ManagementApi) -> None:
    path, body = "/__appliance/rotate-signing-key", {"host": appliance.rta}
    assert appliance.call("POST", appliance.rta, path, json=body).status_code == 401
    headers = {"authorization": f"Bearer {provisioning.token}"}
    assert appliance.call("POST", appliance.rta, path, json=body, headers=headers).status_code == 401
