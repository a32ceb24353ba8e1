"""Faults in lists and in client grants: items twice, missing or moved, pages twice, scopes that were not stored."""

import pytest
from running_appliance import JSON, ManagementApi, RunningAppliance

GRANTS = {"method": "GET", "path": "/api/v2/client-grants"}
SCOPES = ["read:clients", "read:connections", "read:users", "read:roles", "read:rules"]


@pytest.fixture
def many(faulty: RunningAppliance, tenant: ManagementApi) -> list[str]:
    """The IDs of a tenant's six grants, in order."""
    for _ in SCOPES:
        client = tenant.new_client()["client_id"]
        tenant.made("/client-grants", {"client_id": client, "audience": tenant.audience, "scope": []})
    return [grant["id"] for grant in tenant.get("/client-grants").json()]


def ids(grants: list[JSON]) -> list[str]:
    return [grant["id"] for grant in grants]


def test_items_may_come_twice(faulty: RunningAppliance, tenant: ManagementApi, many: list[str]) -> None:
    faulty.plan({"route": GRANTS, "do": {"duplicate_items": 2}})
    assert ids(tenant.get("/client-grants").json()) == [*many, *many[:2]]
    page = tenant.get("/client-grants", take=50).json()
    assert ids(page["client_grants"]) == [*many, *many[:2]]


def test_items_may_be_missing_by_number_or_by_name(
    faulty: RunningAppliance, tenant: ManagementApi, many: list[str]
) -> None:
    faulty.plan({"route": GRANTS, "do": {"drop_items": 2}})
    page = tenant.get("/client-grants", include_totals="true").json()
    assert (len(page["client_grants"]), page["total"]) == (len(many) - 2, len(many) - 2)
    faulty.plan({"route": GRANTS, "do": {"drop_items": [many[0], many[3]]}})
    assert ids(tenant.get("/client-grants").json()) == [many[n] for n in (1, 2, 4, 5)]


def test_a_list_may_lack_a_tenant(faulty: RunningAppliance, tenant: ManagementApi, provisioning: ManagementApi) -> None:
    name = tenant.host.partition(".")[0]
    faulty.plan({"route": {"path": "/api/v2/tenants"}, "do": {"drop_items": [name]}})
    page, names, query = {"next": ""}, set(), {"take": 100}
    while "next" in page:
        page = provisioning.get("/tenants", **query).json()
        names |= {item["name"] for item in page["tenants"]}
        query = {"take": 100, "from_": page.get("next")}
    assert name not in names
    assert provisioning.get(f"/tenants/{name}").status_code == 200


def test_items_may_come_in_another_order(faulty: RunningAppliance, tenant: ManagementApi, many: list[str]) -> None:
    faulty.plan({"route": GRANTS, "do": {"reorder_pages": True}}, seed=3)
    first = [ids(tenant.get("/client-grants").json()) for _ in range(3)]
    assert all(set(each) == set(many) for each in first)
    assert any(each != many for each in first)
    faulty.plan({"route": GRANTS, "do": {"reorder_pages": True}}, seed=3)
    assert [ids(tenant.get("/client-grants").json()) for _ in range(3)] == first


def test_a_numbered_page_may_be_the_one_before(
    faulty: RunningAppliance, tenant: ManagementApi, many: list[str]
) -> None:
    faulty.plan({"route": GRANTS, "when": {"calls": [2]}, "do": {"repeat_page": True}})
    pages = [ids(tenant.get("/client-grants", per_page=2, page=n).json()) for n in range(3)]
    assert pages == [many[:2], many[:2], many[4:]]


def test_a_checkpoint_may_lead_to_the_same_page_again(
    faulty: RunningAppliance, tenant: ManagementApi, many: list[str]
) -> None:
    faulty.plan({"route": GRANTS, "when": {"calls": [1, 3]}, "do": {"repeat_page": True}})
    pages: list[list[str]] = []
    query: JSON = {"take": 3}
    while query.get("from_", "start"):
        page = tenant.get("/client-grants", **query).json()
        pages.append(ids(page["client_grants"]))
        query = {"take": 3, "from_": page.get("next", "")}
    assert pages == [many[:3], many[:3], many[3:], many[3:]]


def test_scopes_may_silently_not_be_stored(faulty: RunningAppliance, tenant: ManagementApi, client: JSON) -> None:
    faulty.plan({"route": {"path": "/api/v2/client-grants*"}, "do": {"drop_scopes": ["read:users"]}})
    asked = {"client_id": client["client_id"], "audience": tenant.audience, "scope": SCOPES[:3]}
    grant = tenant.made("/client-grants", asked)
    assert grant["scope"] == SCOPES[:2]
    assert tenant.get(f"/client-grants/{grant['id']}").json()["scope"] == SCOPES[:2]
    assert tenant.patch(f"/client-grants/{grant['id']}", {"scope": SCOPES[2:4]}).json()["scope"] == SCOPES[3:4]


def test_owners_may_silently_not_be_stored(faulty: RunningAppliance, provisioning: ManagementApi, name: str) -> None:
    faulty.plan({"route": {"path": "/api/v2/tenants"}, "do": {"drop_owners": ["me@example.com"]}})
    both = provisioning.made("/tenants", {"name": name, "owners": ["me@example.com", "you@example.com"]})
    assert [owner["email"] for owner in faulty.api(both["domain"], both).get("/tenants/owners").json()] == [
        "you@example.com"
    ]
    alone = provisioning.made("/tenants", {"name": f"{name}-2", "owners": ["me@example.com"]})
    assert faulty.api(alone["domain"], alone).get("/tenants/owners").json() == []


def test_a_page_may_have_fewer_items_than_were_asked_for(
    faulty: RunningAppliance, tenant: ManagementApi, many: list[str]
) -> None:
    faulty.plan({"route": GRANTS, "do": {"cap_page": 4}})
    page = tenant.get("/client-grants", per_page=100, page=1, include_totals="true").json()
    assert (ids(page["client_grants"]), page["limit"], page["total"]) == (many[4:], 4, len(many))
    assert ids(tenant.get("/client-grants", per_page=2).json()) == many[:2]
    assert ids(tenant.get("/client-grants", take=100).json()["client_grants"]) == many[:4]
