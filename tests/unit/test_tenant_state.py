"""What is in order about a tenant, what makes a change, and when its escrow entry may go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime import rpc

from psaas_resources import dynamic, tenant_state
from psaas_resources.errors import CredentialMissing
from psaas_resources.escrow import Escrow
from psaas_resources.escrow_stores import Directory
from psaas_resources.settings import Credential, Settings
from psaas_resources.tenant_state import TenantState

RTA = "rta.appliance.test"
SINCE = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
NEW: dict[str, Any] = {
    "rta": RTA,
    "tenant_domain": "appliance.test",
    "name": "customer-1",
    "owners": ["me@email.com", "ops@example.com"],
    "labels": {"team": "billing"},
    "deletion": "refuse",
    "adopt": False,
}
LAST = TenantState(
    rta=RTA,
    tenant_domain="appliance.test",
    name="customer-1",
    owners=("me@email.com", "ops@example.com"),
    labels={"team": "billing"},
    applied_owners=("me@email.com", "ops@example.com"),
    domain="customer-1.appliance.test",
    audience="https://customer-1.appliance.test/api/v2/",
    client_id="abc",
    client_secret="hunter2",
    ready=True,
    created_at=SINCE.isoformat(),
    managed_since=SINCE.isoformat(),
)
SETTINGS = Settings(RTA, "appliance.test")


@pytest.fixture
def warnings() -> list[str]:
    return []


def check(olds: dict[str, Any] | None = None, **changed: Any) -> dict[str, str]:
    return tenant_state.check(dynamic.known(olds or {}), dynamic.known(NEW | changed))


# -- check ------------------------------------------------------------------------------------------------------


def test_a_new_tenant_in_order_has_no_problem() -> None:
    assert check() == {}


@pytest.mark.parametrize("name", ["Customer-1", "customer_1", "ab", "docs", "rta"])
def test_a_new_tenant_has_a_name_that_the_appliance_takes(name: str) -> None:
    assert list(check(name=name)) == ["name"]


@pytest.mark.parametrize("adopt", [True, "inventory"])
@pytest.mark.parametrize("name", ["dev", "old_tenant", "it"])
def test_the_rules_for_new_names_and_owners_do_not_hold_for_adopted_tenants(adopt: Any, name: str) -> None:
    assert check(name=name, adopt=adopt, owners=[]) == {}


def test_a_tenant_that_exists_is_not_held_against_the_rules_for_new_names_again() -> None:
    olds = NEW | {"name": "dev", "adopt": True}
    assert check(olds, name="dev", adopt=False) == {}


@pytest.mark.parametrize(
    ("key", "value"), [("name", "customer-2"), ("rta", "rta.other.test"), ("name", ""), ("name", "CUSTOMER-1")]
)
def test_name_and_appliance_never_change_and_the_old_one_is_named(key: str, value: str) -> None:
    problems = check(NEW, **{key: value, "tenant_domain": ""})
    assert list(problems) == [key]
    assert NEW[key] in problems[key]


@pytest.mark.parametrize("owners", [[], ["me@"], ["me@email.com", "nobody"]])
def test_a_new_tenant_has_owners_that_are_addresses(owners: list[str]) -> None:
    assert list(check(owners=owners)) == ["owners"]
    assert all(f'"{owner}"' in check(owners=owners)["owners"] for owner in owners if "email" not in owner)


def test_a_changed_list_of_owners_is_checked_and_an_unchanged_one_is_left_alone() -> None:
    legacy = NEW | {"owners": ["nobody"]}
    assert check(legacy, owners=["nobody"]) == {}
    assert list(check(legacy, owners=["nobody", "somebody"])) == ["owners"]


@pytest.mark.parametrize("deletion", ["", "keep", "REFUSE", None])
def test_only_three_ways_of_deletion_are_known(deletion: Any) -> None:
    assert list(check(deletion=deletion)) == ["deletion"]


@pytest.mark.parametrize("adopt", ["yes", "true", "Inventory", None])
def test_only_three_ways_of_adoption_are_known(adopt: Any) -> None:
    assert "adopt" in check(adopt=adopt)


@pytest.mark.parametrize("tenant_domain", ["other.test", "evilappliance.test", "https://appliance.test"])
def test_a_tenant_domain_elsewhere_is_a_problem(tenant_domain: str) -> None:
    assert list(check(tenant_domain=tenant_domain)) == ["tenant_domain"]


def test_every_problem_is_told_at_once() -> None:
    problems = check(name="Docs", owners=["me@"], deletion="keep", tenant_domain="other.test")
    assert set(problems) == {"name", "owners", "deletion", "tenant_domain"}


@pytest.mark.parametrize("key", list(NEW))
def test_a_value_that_is_not_known_yet_is_no_problem(key: str) -> None:
    assert check(**{key: rpc.UNKNOWN}) == {}
    assert check(NEW, **{key: rpc.UNKNOWN}) == {}


def test_an_owner_that_is_not_known_yet_is_no_problem() -> None:
    assert check(owners=["me@email.com", rpc.UNKNOWN]) == {}


@pytest.mark.parametrize("key", ["name", "rta", "deletion", "tenant_domain", "adopt"])
@pytest.mark.parametrize("value", [5, [], {}, None])
def test_an_input_of_another_type_is_a_problem_and_no_crash(key: str, value: Any) -> None:
    assert key in check(**{key: value})


@pytest.mark.parametrize("owners", [None, "me@email.com", 5])
def test_owners_of_another_type_are_a_problem_and_no_crash(owners: Any) -> None:
    assert check(owners=owners) == {"owners": 'expected a list of e-mail addresses, for example ["me@email.com"]'}


# -- diff -------------------------------------------------------------------------------------------------------


def diff(last: TenantState, warnings: list[str], **options: Any) -> list[str]:
    settings, now = options.pop("settings", SETTINGS), options.pop("now", SINCE)
    return tenant_state.diff(last, dynamic.known(NEW | options), settings, warn=warnings.append, now=now)


def test_nothing_changed_is_no_change(warnings: list[str]) -> None:
    assert diff(LAST, warnings) == []
    assert diff(LAST, warnings, settings=None) == []
    assert warnings == []


def test_the_state_that_an_update_wrote_is_no_change_either(warnings: list[str]) -> None:
    assert diff(TenantState.of(LAST.outputs()), warnings) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("owners", ["me@email.com"]),
        ("labels", {}),
        ("deletion", "forget"),
        ("adopt", True),
        ("tenant_domain", "eu.appliance.test"),
    ],
)
def test_each_input_that_can_be_updated_is_a_change(warnings: list[str], key: str, value: Any) -> None:
    assert key in tenant_state.UPDATABLE
    assert diff(LAST, warnings, **{key: value}) == [key]


def test_the_order_of_owners_is_no_change(warnings: list[str]) -> None:
    assert diff(LAST, warnings, owners=["ops@example.com", "me@email.com"]) == []


def test_owners_that_were_echoed_are_no_change_the_next_time(warnings: list[str]) -> None:
    assert diff(replace(LAST, owners=("you@email.com",)), warnings, owners=["you@email.com"]) == []


@pytest.mark.parametrize("key", ["owners", "labels", "deletion", "adopt", "tenant_domain"])
def test_a_value_that_is_not_known_yet_is_not_compared(warnings: list[str], key: str) -> None:
    assert diff(LAST, warnings, **{key: rpc.UNKNOWN}) == []


def test_a_tenant_that_is_not_ready_is_a_change_within_its_window(warnings: list[str]) -> None:
    last = replace(LAST, ready=False, problem="no DNS entry yet")
    assert diff(last, warnings) == ["ready"]
    assert diff(last, warnings, now=SINCE + timedelta(hours=23, minutes=59)) == ["ready"]
    assert warnings == []


def test_a_tenant_that_is_still_not_ready_after_its_window_is_a_warning_and_no_change(warnings: list[str]) -> None:
    last = replace(LAST, ready=False, problem="no DNS entry yet")
    assert diff(last, warnings, now=SINCE + timedelta(hours=24, minutes=1)) == []
    assert "customer-1" in warnings[0]
    assert "no DNS entry yet" in warnings[0]


def test_the_window_is_the_one_of_the_stack(warnings: list[str]) -> None:
    last = replace(LAST, ready=False)
    short = replace(SETTINGS, ready_within_hours=1)
    assert diff(last, warnings, settings=short, now=SINCE + timedelta(hours=2)) == []
    assert diff(last, warnings, settings=replace(SETTINGS, ready_within_hours=0)) == []


def test_a_credential_that_was_given_since_is_a_change(warnings: list[str]) -> None:
    bare = replace(LAST, adopt=True, client_id="", client_secret="")
    given = replace(SETTINGS, credentials=(("customer-1", Credential("abc", "hunter2")),))
    assert diff(bare, warnings, adopt=True, settings=given) == ["client_id"]
    assert diff(replace(LAST, adopt=True), warnings, adopt=True, settings=given) == []
    assert diff(replace(LAST, adopt=True, client_secret="old"), warnings, adopt=True, settings=given) == ["client_id"]


def test_a_credential_given_for_another_tenant_is_no_change(warnings: list[str]) -> None:
    given = replace(SETTINGS, credentials=(("customer-2", Credential("x", "y")),))
    assert diff(replace(LAST, adopt=True), warnings, adopt=True, settings=given) == []


# -- the state --------------------------------------------------------------------------------------------------


def test_what_an_update_writes_is_what_the_next_one_reads() -> None:
    assert TenantState.of(LAST.outputs()) == LAST
    assert set(LAST.outputs()) == {*tenant_state.INPUTS, *tenant_state.OUTPUTS}
    assert "hunter2" not in repr(LAST)


def test_outputs_that_are_not_there_yet_are_empty() -> None:
    fresh = TenantState.of(NEW | dict.fromkeys(tenant_state.OUTPUTS))
    assert (fresh.client_id, fresh.ready, fresh.applied_owners, fresh.credential) == ("", False, (), None)


def test_every_input_is_either_immutable_or_updatable() -> None:
    by_itself_no_change = {"recreate", "rotate"}  # one counts for vanished tenants, one if it is another text
    assert {*tenant_state.IMMUTABLE, *tenant_state.UPDATABLE} | by_itself_no_change == set(tenant_state.INPUTS)


# -- settle -----------------------------------------------------------------------------------------------------


def settled(folder: Path, last: TenantState, warnings: list[str], key: str = "key-1") -> bool:
    """Whether the tenant's entry was put aside after the look at it."""
    tenant_state.settle(last, Escrow(Directory(folder), rta=RTA, keys=[key]), warn=warnings.append)
    return not list((folder / RTA).glob("customer-1.json"))


def test_an_entry_goes_once_the_durable_state_has_its_credential(tmp_path: Path, warnings: list[str]) -> None:
    box = Escrow(Directory(tmp_path), rta=RTA, keys=["key-1"])
    box.keep_answer("customer-1", b'{"client_id": "abc", "client_secret": "hunter2"}')
    assert settled(tmp_path, LAST, warnings)
    box.keep_credential("customer-1", Credential("abc", "hunter2"), domain="", reason="forgotten")
    assert settled(tmp_path, LAST, warnings)
    assert warnings == []


@pytest.mark.parametrize(
    "last",
    [
        replace(LAST, client_secret=""),
        replace(LAST, client_secret="another"),
        replace(LAST, client_id="another"),
        replace(LAST, name="customer-2"),
    ],
)
def test_an_entry_stays_while_the_state_has_another_credential_or_none(
    tmp_path: Path, warnings: list[str], last: TenantState
) -> None:
    answer = b'{"client_id": "abc", "client_secret": "hunter2"}'
    Escrow(Directory(tmp_path), rta=RTA, keys=["key-1"]).keep_answer("customer-1", answer)
    assert not settled(tmp_path, last, warnings)


def test_an_entry_that_cannot_be_understood_stays_with_a_warning(tmp_path: Path, warnings: list[str]) -> None:
    Escrow(Directory(tmp_path), rta=RTA, keys=["key-1"]).keep_answer("customer-1", b"hunter2 <html>")
    assert not settled(tmp_path, LAST, warnings)
    assert not settled(tmp_path, LAST, warnings, key="another")
    assert len(warnings) == 2
    assert all("customer-1" in warning and "hunter2" not in warning for warning in warnings)


def test_an_entry_is_understood_whether_it_is_an_answer_or_a_credential(tmp_path: Path) -> None:
    box = Escrow(Directory(tmp_path), rta=RTA, keys=["key-1"])
    box.keep_credential("customer-1", Credential("abc", "x"), domain="customer-1.appliance.test", reason="forgotten")
    entry = box.find("customer-1")
    assert entry is not None
    delivered = tenant_state.delivered(entry)
    assert (delivered.credential, delivered.domain) == (Credential("abc", "x"), "customer-1.appliance.test")
    box.keep_answer("customer-1", b"{}")
    entry = box.find("customer-1")
    assert entry is not None
    with pytest.raises(CredentialMissing):
        tenant_state.delivered(entry)
