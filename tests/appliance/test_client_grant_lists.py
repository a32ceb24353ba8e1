"""GET /api/v2/client-grants: the three shapes, the filters, and queries that don't fit."""

from typing import Any

import pytest
from running_appliance import JSON, ManagementApi


@pytest.fixture
def grants(tenant: ManagementApi) -> list[JSON]:
    """All seven grants of a tenant, in the order in which they were made."""
    for number in range(6):
        client = tenant.new_client()
        body = {"client_id": client["client_id"], "audience": tenant.audience, "scope": ["read:clients"]}
        subject = "user" if number % 2 else "client"
        tenant.made("/client-grants", {**body, "subject_type": subject, "allow_any_organization": number == 0})
    found: list[JSON] = tenant.get("/client-grants").json()
    assert len(found) == 7
    return found


def test_a_plain_list_is_an_array_of_at_most_a_page(tenant: ManagementApi, grants: list[JSON]) -> None:
    assert tenant.get("/client-grants", per_page=3).json() == grants[:3]
    assert tenant.get("/client-grants", per_page=3, page=2).json() == grants[6:]
    assert tenant.get("/client-grants", per_page=3, page=3).json() == []


def test_a_list_with_totals_says_how_many_there_are(tenant: ManagementApi, grants: list[JSON]) -> None:
    answer = tenant.get("/client-grants", include_totals="true", per_page=5, page=1).json()
    assert answer == {"total": 7, "start": 5, "limit": 5, "client_grants": grants[5:]}


def test_an_empty_list_with_totals_has_the_default_limit(tenant: ManagementApi) -> None:
    answer = tenant.get("/client-grants", include_totals="true", audience="https://none/").json()
    assert answer == {"total": 0, "start": 0, "limit": 50, "client_grants": []}


@pytest.mark.parametrize("include_totals", [None, "true"])
def test_checkpoint_pages_lead_through_every_grant_once(
    tenant: ManagementApi, grants: list[JSON], include_totals: str | None
) -> None:
    query: dict[str, Any] = {"take": 3, "include_totals": include_totals}
    seen = []
    for size in (3, 3, 1):
        page = tenant.get("/client-grants", **query).json()
        assert len(page["client_grants"]) == size
        assert "total" not in page
        seen += page["client_grants"]
        query["from_"] = page.get("next")
    assert seen == grants
    assert query["from_"] is None


def test_a_page_that_is_full_by_chance_is_the_last_one(tenant: ManagementApi, grants: list[JSON]) -> None:
    assert tenant.get("/client-grants", take=7).json() == {"client_grants": grants}


def test_a_grant_deleted_between_two_pages_hides_no_other(tenant: ManagementApi, grants: list[JSON]) -> None:
    first = tenant.get("/client-grants", take=3).json()
    tenant.delete(f"/client-grants/{grants[2]['id']}")
    assert tenant.get("/client-grants", take=3, from_=first["next"]).json()["client_grants"] == grants[3:6]


def test_filters_choose_by_client_audience_subject_and_organization(tenant: ManagementApi, grants: list[JSON]) -> None:
    def found(**query: Any) -> list[JSON]:
        answer: list[JSON] = tenant.get("/client-grants", **query).json()
        return answer

    assert found(client_id=grants[3]["client_id"]) == [grants[3]]
    assert found(audience=tenant.audience) == grants
    assert found(audience=tenant.audience, client_id="nobody") == []
    assert found(subject_type="user") == grants[2::2]
    assert found(allow_any_organization="true") == [grants[1]]
    assert tenant.get("/client-grants", take=1, subject_type="user").json()["client_grants"] == [grants[2]]


@pytest.mark.parametrize(
    "query",
    [
        {"per_page": "0"},
        {"per_page": "101"},
        {"per_page": "many"},
        {"page": "-1"},
        {"page": "9" * 40},
        {"take": "0"},
        {"take": "101"},
        {"from_": "not-a-checkpoint"},
        {"from_": "YWZ0ZXI6eA=="},
        {"include_totals": "yes"},
        {"subject_type": "both"},
        {"allow_any_organization": "false"},
        {"default_for": "everyone"},
        {"client-id": "a"},
        {"client_id": ["a", "b"]},
    ],
)
def test_a_query_that_does_not_fit_is_refused(tenant: ManagementApi, query: dict[str, Any]) -> None:
    answer = tenant.get("/client-grants", **query)
    assert answer.status_code == 400
    assert answer.json()["errorCode"] == "invalid_query_string"
    assert answer.json()["message"].startswith("Query validation error: '")


def test_one_tenant_sees_no_grant_of_another(tenant: ManagementApi, admin: ManagementApi) -> None:
    mine = {grant["id"] for grant in tenant.get("/client-grants").json()}
    assert mine.isdisjoint({grant["id"] for grant in admin.get("/client-grants", per_page=100).json()})
    assert admin.get(f"/client-grants/{mine.pop()}").status_code == 404
