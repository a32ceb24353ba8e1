"""What is in order about a client grant, and what makes a change of it."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.runtime import rpc

from psaas_resources import client_grant_state, dynamic
from psaas_resources.client_grant_state import Grant

RTA = "rta.appliance.test"
NEW: dict[str, Any] = {
    "rta": RTA,
    "client_id": "provisioning",
    "audience": f"https://{RTA}/api/v2/",
    "scopes": ["create:tenants", "read:tenants"],
    "adopt": False,
    "allow_all_scopes": None,
}
OLD = Grant.of(NEW).outputs()


def check(olds: dict[str, Any] | None = None, own: str = "provisioning", **changed: Any) -> dict[str, str]:
    return client_grant_state.check(dynamic.known(olds or {}), dynamic.known(NEW | changed), own_client_id=own)


def test_a_grant_in_order_has_no_problem() -> None:
    assert check() == {}
    assert check(NEW) == {}


def test_a_grant_never_moves_to_another_appliance() -> None:
    problems = check(NEW, rta="rta.other.test")
    assert list(problems) == ["rta"]
    assert RTA in problems["rta"]


def test_an_empty_client_id_is_a_problem_that_names_its_setting() -> None:
    assert "psaas:clientId" in check(client_id="")["client_id"]


@pytest.mark.parametrize("scopes", [[""], ["x" * 281], ["create:tenants", 5], [None]])
def test_scopes_that_the_api_cannot_take_are_a_problem(scopes: list[Any]) -> None:
    assert list(check(scopes=scopes)) == ["scopes"]


@pytest.mark.parametrize("scopes", [None, 5, "create:tenants", {}, []])
def test_scopes_that_are_no_list_or_an_empty_one_are_a_problem_and_no_crash(scopes: Any) -> None:
    assert "scopes" in check(own="", scopes=scopes)


@pytest.mark.parametrize("key", ["client_id", "audience"])
@pytest.mark.parametrize("value", [None, 5, []])
def test_an_input_of_another_type_is_a_problem_and_no_crash(key: str, value: Any) -> None:
    assert key in check(own="", **{key: value})


def test_the_grant_of_our_own_application_never_loses_the_right_to_make_tenants() -> None:
    assert "create:tenants" in check(NEW, scopes=["read:tenants"])["scopes"]
    assert "create:tenants" in check(NEW, scopes=[])["scopes"]


def test_another_applications_grant_may_be_narrowed_and_so_may_other_scopes_of_ours() -> None:
    assert check(NEW, own="another", scopes=["read:tenants"]) == {}
    assert check(NEW, own="", scopes=["read:tenants"]) == {}
    assert check(NEW, scopes=["create:tenants"]) == {}


@pytest.mark.parametrize("key", ["client_id", "audience", "scopes", "adopt"])
def test_a_value_that_is_not_known_yet_is_no_problem(key: str) -> None:
    assert check(**{key: rpc.UNKNOWN}) == {}
    assert check(NEW, **{key: rpc.UNKNOWN}) == {}


def test_a_scope_that_is_not_known_yet_is_no_loss_of_a_scope() -> None:
    assert check(NEW, scopes=[rpc.UNKNOWN]) == {}


def test_scopes_are_a_set_in_the_inputs() -> None:
    given = NEW | {"scopes": ["read:tenants", "create:tenants", "read:tenants"]}
    assert client_grant_state.canonical(given)["scopes"] == ["create:tenants", "read:tenants"]
    assert given["scopes"] == ["read:tenants", "create:tenants", "read:tenants"]


@pytest.mark.parametrize("scopes", [rpc.UNKNOWN, None, [5, "a"]])
def test_scopes_of_another_kind_are_left_for_the_check(scopes: Any) -> None:
    assert client_grant_state.canonical(NEW | {"scopes": scopes})["scopes"] is scopes


def test_nothing_changed_is_no_change_whatever_the_order_of_scopes() -> None:
    assert client_grant_state.diff(OLD, NEW) == []
    assert client_grant_state.diff(OLD, NEW | {"scopes": ["read:tenants", "create:tenants"]}) == []
    assert client_grant_state.diff(OLD | {"scopes": ["read:tenants", "create:tenants"]}, NEW) == []


@pytest.mark.parametrize(
    ("key", "live"),
    [
        ("scopes", ["create:tenants"]),
        ("scopes", ["create:tenants", "read:tenants", "delete:tenants"]),
        ("allow_all_scopes", True),
        ("client_id", "another"),
        ("audience", "https://api.example.com"),
    ],
)
def test_what_was_changed_by_hand_is_a_change(key: str, live: Any) -> None:
    assert client_grant_state.diff(OLD | {key: live}, NEW) == [key]


def test_application_and_api_of_a_grant_are_what_cannot_be_updated() -> None:
    assert set(client_grant_state.IMMUTABLE) == {"client_id", "audience"}
    assert not set(client_grant_state.IMMUTABLE) & set(client_grant_state.UPDATABLE)


def test_a_changed_wish_to_adopt_is_no_change_of_a_grant_that_is_ours() -> None:
    assert client_grant_state.diff(OLD, NEW | {"adopt": True}) == []


def test_what_an_update_writes_is_what_the_next_one_reads() -> None:
    assert Grant.of(OLD) == Grant.of(NEW)
    assert set(OLD) == set(NEW)
