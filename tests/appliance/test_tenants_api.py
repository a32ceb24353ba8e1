"""/api/v2/tenants, on the root tenant authority only."""

from pathlib import Path

import pytest
import requests
from running_appliance import JSON, ManagementApi, RunningAppliance

CREDENTIAL = {"client_id", "client_secret"}


def refused(answer: requests.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("errorCode")


def test_a_new_tenant_is_answered_with_its_domain_and_its_credential(provisioning: ManagementApi, name: str) -> None:
    answer = provisioning.post("/tenants", {"name": name, "owners": ["me@example.com"]})
    tenant = answer.json()
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    assert set(tenant) == {"id", "name", "domain", "owners", "created_at"} | CREDENTIAL
    assert (tenant["name"], tenant["domain"], tenant["owners"]) == (name, f"{name}.appliance.test", ["me@example.com"])
    assert len(tenant["client_secret"]) >= 48


def test_the_delivered_credential_manages_the_new_tenant_and_nothing_else(
    appliance: RunningAppliance, provisioning: ManagementApi, name: str
) -> None:
    made = provisioning.made("/tenants", {"name": name})
    tenant = appliance.api(made["domain"], made)
    assert tenant.get("/clients").status_code == 200
    assert appliance.ask_token(appliance.rta, made).status_code == 401
    token = appliance.ask_token(made["domain"], made).json()
    assert "update:tenant_settings" in token["scope"].split()
    assert "create:tenants" not in token["scope"].split()


def test_a_tenant_tells_its_administrators_to_its_own_credential_and_not_to_the_root(
    appliance: RunningAppliance, provisioning: ManagementApi, name: str
) -> None:
    made = provisioning.made("/tenants", {"name": name, "owners": ["me@example.com", "you@example.com"]})
    told = appliance.api(made["domain"], made).get("/tenants/owners").json()
    assert [owner["email"] for owner in told] == ["me@example.com", "you@example.com"]
    assert len({owner["user_id"] for owner in told}) == 2
    assert refused(provisioning.get("/tenants/owners")) == (403, "insufficient_scope")


def test_no_read_ever_tells_a_tenants_credential_again(provisioning: ManagementApi, name: str) -> None:
    made = provisioning.made("/tenants", {"name": name})
    read = provisioning.get(f"/tenants/{name}")
    assert read.json() == {key: value for key, value in made.items() if key not in CREDENTIAL}
    everything = read.text + provisioning.get("/tenants").text + provisioning.get("/tenants", take=100).text
    assert made["client_secret"] not in everything
    assert made["client_id"] not in everything


def test_tenants_are_listed_in_all_three_shapes_and_the_root_is_not_among_them(
    provisioning: ManagementApi, name: str
) -> None:
    made = [provisioning.made("/tenants", {"name": f"{name}-{number}"})["name"] for number in range(3)]
    totals = provisioning.get("/tenants", include_totals="true", per_page=1).json()
    assert (totals["start"], totals["limit"], len(totals["tenants"])) == (0, 1, 1)
    last = provisioning.get("/tenants", per_page=1, page=totals["total"] - 1).json()
    assert [tenant["name"] for tenant in last] == made[-1:]
    names: list[str] = []
    query: dict[str, object] = {"take": 2}
    while query:
        page = provisioning.get("/tenants", **query).json()
        names += [tenant["name"] for tenant in page["tenants"]]
        query = {"take": 2, "from_": page["next"]} if "next" in page else {}
    assert names[-3:] == made
    assert len(names) == len(set(names)) == totals["total"]
    assert "rta" not in names


@pytest.mark.parametrize(
    "bad",
    [
        "ab",
        "a" * 64,
        "Customer",
        "customer_1",
        "-customer",
        "customer-",
        "cust omer",
        "küche",
        "a.b",
        "",
        "abc\n",
        7,
        None,
    ],
)
def test_a_name_that_cannot_be_a_host_is_refused(provisioning: ManagementApi, bad: object) -> None:
    answer = provisioning.post("/tenants", {"name": bad})
    assert refused(answer) == (400, "invalid_body")
    assert answer.json()["message"].endswith("on property name.")


@pytest.mark.parametrize("good", ["{}", "{}-" + "x" * 40, "0{}"])
def test_a_name_may_have_letters_digits_and_inner_hyphens(provisioning: ManagementApi, name: str, good: str) -> None:
    assert provisioning.post("/tenants", {"name": good.format(name)}).status_code == 201


@pytest.mark.parametrize("reserved", ["login", "manage", "pop3", "int", "config", "webtask", "rta", "settings"])
def test_a_reserved_name_is_refused(provisioning: ManagementApi, reserved: str) -> None:
    answer = provisioning.post("/tenants", {"name": reserved})
    assert answer.json()["errorCode"] in ("invalid_body",)
    assert answer.status_code == 400


def test_a_taken_name_is_a_conflict(provisioning: ManagementApi, name: str) -> None:
    provisioning.made("/tenants", {"name": name})
    answer = provisioning.post("/tenants", {"name": name})
    assert refused(answer) == (409, "tenant_already_exists")
    assert answer.json()["message"] == "A tenant with the same name already exists"


def test_a_deleted_tenant_is_gone_and_its_name_can_never_be_used_again(
    appliance: RunningAppliance, provisioning: ManagementApi, name: str
) -> None:
    made = provisioning.made("/tenants", {"name": name})
    tenant = appliance.api(made["domain"], made)
    answer = provisioning.delete(f"/tenants/{name}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert refused(provisioning.get(f"/tenants/{name}")) == (404, "inexistent_tenant")
    assert refused(provisioning.delete(f"/tenants/{name}")) == (404, "inexistent_tenant")
    assert tenant.get("/clients").json()["message"] == f"Unknown domain: {made['domain']}"
    assert appliance.ask_token(made["domain"], made).status_code == 404
    assert refused(provisioning.post("/tenants", {"name": name})) == (409, "tenant_already_exists")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "'Missing required property: name'."),
        ({"name": "fine", "owner": "me@example.com"}, "'Additional properties not allowed: owner'."),
        ({"name": "fine", "owners": []}, "'Array is too short (0), minimum 1' on property owners."),
        (
            {"name": "fine", "owners": "me@example.com"},
            "'Expected type array but found type string' on property owners.",
        ),
        (
            {"name": "fine", "owners": ["me@"]},
            "'Object didn't pass validation for format email: me@' on property owners[0].",
        ),
        ({"name": "fine", "owners": [None]}, "'Expected type string but found type null' on property owners[0]."),
    ],
)
def test_a_tenant_that_is_described_wrongly_is_refused_and_its_name_stays_free(
    provisioning: ManagementApi, body: JSON, reason: str
) -> None:
    answer = provisioning.post("/tenants", body)
    assert answer.status_code == 400
    assert answer.json()["message"] == f"Payload validation error: {reason}"
    assert provisioning.get("/tenants/fine").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/tenants", "create:tenants"),
        ("GET", "/tenants", "read:tenants"),
        ("GET", "/tenants/customer", "read:tenants"),
        ("DELETE", "/tenants/customer", "delete:tenants"),
    ],
)
def test_each_tenant_call_needs_its_own_scope(admin: ManagementApi, method: str, path: str, scope: str) -> None:
    answer = admin.request(method, path, json={} if method == "POST" else None)
    assert refused(answer) == (403, "insufficient_scope")
    assert answer.json()["message"] == f"Insufficient scope, expected any of: {scope}"


@pytest.mark.parametrize(("method", "path"), [("POST", "/tenants"), ("GET", "/tenants"), ("DELETE", "/tenants/x")])
def test_an_ordinary_tenant_has_no_tenants(tenant: ManagementApi, method: str, path: str) -> None:
    assert tenant.request(method, path).status_code == 404


def test_an_appliance_without_tenant_reads_can_only_create(data: Path) -> None:
    appliance = RunningAppliance.start(data, "--port", "0", "--no-tenant-reads")
    try:
        admin = appliance.api(appliance.rta, appliance.facts["admin"])
        provisioning = admin.granted("create:tenants", "read:tenants", "delete:tenants")
        provisioning.made("/tenants", {"name": "customer-1"})
        for method, path in (("GET", "/tenants"), ("GET", "/tenants/customer-1"), ("DELETE", "/tenants/customer-1")):
            assert provisioning.request(method, path).status_code == 404
    finally:
        assert appliance.stop() == 0


def test_a_tenants_settings_start_with_defaults_and_keep_what_is_changed(tenant: ManagementApi) -> None:
    settings = tenant.get("/tenants/settings").json()
    assert (settings["session_lifetime"], settings["idle_session_lifetime"]) == (168, 72)
    changes = {
        "friendly_name": "Customer №1",
        "support_email": "help@example.com",
        "support_url": "https://example.com/help",
        "picture_url": "",
        "session_lifetime": 24,
        "idle_session_lifetime": 2,
        "default_directory": "Username-Password-Authentication",
        "enabled_locales": ["de", "en"],
    }
    answer = tenant.patch("/tenants/settings", changes)
    assert (answer.status_code, answer.json()) == (200, {**settings, **changes})
    assert tenant.get("/tenants/settings").json() == {**settings, **changes}
    assert tenant.get("/tenants/settings", fields="friendly_name").json() == {"friendly_name": "Customer №1"}
    rest = tenant.get("/tenants/settings", fields="friendly_name", include_fields="false").json()
    assert set(rest) == set(settings) - {"friendly_name"}


def test_lifetimes_may_come_in_minutes_and_are_told_in_hours(tenant: ManagementApi) -> None:
    answer = tenant.patch("/tenants/settings", {"session_lifetime_in_minutes": 720, "idle_session_lifetime": 2}).json()
    assert (answer["session_lifetime"], answer["idle_session_lifetime"]) == (12, 2)
    assert tenant.patch("/tenants/settings", {"idle_session_lifetime_in_minutes": 15}).json()[
        "idle_session_lifetime"
    ] == pytest.approx(0.25)
    assert not any("minutes" in name for name in answer)


def test_flags_are_changed_one_by_one(tenant: ManagementApi) -> None:
    tenant.patch("/tenants/settings", {"flags": {"enable_apis_section": True}})
    answer = tenant.patch("/tenants/settings", {"flags": {"disable_impersonation": True}}).json()
    assert answer["flags"]["enable_apis_section"] is answer["flags"]["disable_impersonation"] is True


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"friendly_name": 1},
        {"support_email": "nobody"},
        {"support_url": "ftp://example.com"},
        {"picture_url": "logo.png"},
        {"session_lifetime": 0},
        {"idle_session_lifetime": 1.5},
        {"session_lifetime": True},
        {"enabled_locales": []},
        {"enabled_locales": ["xx"]},
        {"flags": {"enable_sso": "yes"}},
        {"flags": {"enable_everything": True}},
        {"friendly": "x"},
        {"default_redirection_uri": "http://example.com"},
        {"error_page": {"title": "Sorry"}},
        {"session_cookie": {}},
        {"device_flow": {"charset": "hexadecimal"}},
    ],
)
def test_a_setting_that_does_not_fit_changes_nothing(tenant: ManagementApi, body: JSON) -> None:
    before = tenant.get("/tenants/settings").json()
    assert refused(tenant.patch("/tenants/settings", body)) == (400, "invalid_body")
    assert tenant.get("/tenants/settings").json() == before


def test_settings_need_their_scopes(admin: ManagementApi) -> None:
    assert refused(admin.get("/tenants/settings")) == (403, "insufficient_scope")
    assert refused(admin.patch("/tenants/settings", {})) == (403, "insufficient_scope")
    assert refused(admin.get("/tenants/settings", fields="x")) == (403, "insufficient_scope")


def test_invitations_of_administrators_are_there_only_on_demand(data: Path, tenant: ManagementApi) -> None:
    """Nobody knows which appliances have the calls; what they take and tell is what is publicly known of them."""
    for method in ("GET", "POST"):
        assert tenant.request(method, "/tenants/invitations").status_code == 404
    appliance = RunningAppliance.start(data, "--port", "0", "--tenant-invitations")
    try:
        admin = appliance.api(appliance.rta, appliance.facts["admin"])
        made = admin.granted("create:tenants").made("/tenants", {"name": "customer-1"})
        inviting = appliance.api(made["domain"], made)
        answer = inviting.post("/tenants/invitations", {"owners": ["a@example.com"], "roles": ["owner"]})
        assert answer.status_code == 201
        [invitation] = answer.json()
        assert set(invitation) == {"email", "expires_at", "invitation_id"}
        assert inviting.get("/tenants/invitations").json() == [invitation]
        for body in ({"owners": []}, {"owners": ["no address"]}, {}, {"owners": ["b@example.com"], "ttl": 1}):
            assert refused(inviting.post("/tenants/invitations", body))[0] == 400
        assert refused(inviting.post("/tenants/invitations", {"owners": ["A@example.com"]}))[0] == 409
        assert inviting.get("/tenants/invitations").json() == [invitation]
    finally:
        assert appliance.stop() == 0
