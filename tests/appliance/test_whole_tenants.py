"""What a tool asks for that exports a whole tenant: lists with nothing in them, and what there is exactly one of."""

from __future__ import annotations

import pytest
from running_appliance import ManagementApi

from appliance.empty_lists import LISTS, Listed
from appliance.single_objects import SINGLES, Single


@pytest.mark.parametrize("listed", LISTS, ids=lambda listed: listed.path)
def test_a_list_with_nothing_in_it_has_the_shape_that_was_asked_for(tenant: ManagementApi, listed: Listed) -> None:
    path = f"/{listed.path}"
    in_totals = tenant.get(path, include_totals="true", per_page="100").json()
    at_checkpoint = tenant.get(path, take="10").json()

    page = {listed.noun: []}
    assert tenant.get(path).json() == (page if listed.pages_only else [])
    assert at_checkpoint == (page if listed.noun else [])
    totals = {} if listed.pages_only else {"total": 0, "start": 0, "limit": 100}
    assert in_totals == (page | totals if listed.noun else [])


def test_only_who_may_read_them_sees_lists_and_single_objects(tenant: ManagementApi) -> None:
    for kind in LISTS:
        assert tenant.granted("read:clients").get(f"/{kind.path}").status_code == 403, kind
    for single in SINGLES:
        path = "/" + single.path.format(prompt="login", language="en")
        assert tenant.granted(f"update:{single.noun}").get(path).status_code == 403, single
        assert tenant.granted(f"read:{single.noun}").get(path).json() == single.start


@pytest.mark.parametrize(
    "single", [single for single in SINGLES if isinstance(single.start, dict)], ids=lambda single: single.path
)
def test_a_patch_changes_what_it_names_and_a_put_all_of_it(tenant: ManagementApi, single: Single) -> None:
    path = "/" + single.path.format(prompt="login", language="en")
    send = tenant.patch if single.changed_by == "PATCH" else tenant.put
    assert isinstance(single.start, dict)
    before = single.start if single.changed_by == "PATCH" else {}

    assert send(path, {"ours": {"a": 1}}).json() == before | {"ours": {"a": 1}}
    assert send(path, {"other": True}).json() == tenant.get(path).json()
    kept = before | {"ours": {"a": 1}} if single.changed_by == "PATCH" else {}
    assert tenant.get(path).json() == kept | {"other": True}
    assert send(path, ["no object"]).status_code == 400


def test_a_factor_that_is_switched_on_is_told_so_among_the_others(tenant: ManagementApi) -> None:
    tenant.put("/guardian/factors/otp", {"enabled": True})
    told = {factor["name"]: factor["enabled"] for factor in tenant.get("/guardian/factors").json()}
    assert [name for name, enabled in told.items() if enabled] == ["otp"]
    assert len(told) == 8
    assert tenant.put("/guardian/factors/otp", {}).status_code == 400
    assert tenant.get("/guardian/factors/otp").status_code == 405
    assert tenant.put("/guardian/policies", ["all-applications"]).json() == ["all-applications"]
    assert tenant.put("/guardian/policies", ["sometimes"]).status_code == 400


def test_the_application_of_what_is_common_to_all_is_listed_only_where_it_is_asked_for(tenant: ManagementApi) -> None:
    [common] = tenant.get("/clients", is_global="true").json()
    assert (common["name"], common["global"]) == ("All Applications", True)
    assert tenant.get("/clients", is_global="true", include_totals="true").json()["total"] == 1
    assert common["client_id"] not in [client["client_id"] for client in tenant.get("/clients").json()]
