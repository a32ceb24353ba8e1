"""What new tenants may be called, and which names are taken for one another."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import Finding, Settings, StackFacts, TenantFacts, judge, settings
from policy.lookalikes import Lookalikes, look_alike

TODAY = date(2026, 6, 1)


def judged(*tenants: TenantFacts | str, rule: str, rta: str = "rta.example.com", **own: object) -> tuple[Finding, ...]:
    """What one rule says of these tenants, the others being off."""
    facts = [TenantFacts(t, ("me@example.com",), rta=rta) if isinstance(t, str) else t for t in tenants]
    document = {"all": "disabled", rule: {"enforcementLevel": "mandatory", **own}}
    return judge(StackFacts("prod", rta, tuple(facts)), settings.parse(document, place="test"), today=TODAY)


def broken(*tenants: TenantFacts | str, rule: str, **options: object) -> list[str]:
    return [finding.subject for finding in judged(*tenants, rule=rule, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["abc", "customer-1", "7-eleven", "a" * 63])
def test_a_name_of_the_documented_form_is_accepted(name: str) -> None:
    assert broken(name, rule="tenant-name-form") == []


@pytest.mark.parametrize(
    "name", ["ab", "a" * 64, "Customer-1", "-ab", "ab-", "a_b", "a.b", "kunde-ä", "abc\n", "", "a b"]
)
def test_a_name_of_another_form_is_refused(name: str) -> None:
    assert broken(name, rule="tenant-name-form") == [name]


def test_an_organisation_may_ask_for_a_pattern_that_the_whole_name_matches() -> None:
    found = broken("shop-eu", "shop-eu-2", "my-shop-eu", rule="tenant-name-form", pattern="shop-[a-z]{2}")

    assert found == ["shop-eu-2", "my-shop-eu"]


def test_reserved_names_are_refused_those_of_the_organisation_and_of_the_root_tenant_authority_too() -> None:
    names = ("login", "config", "customer-1", "intern", "rta")

    assert broken(*names, rule="tenant-name-reserved", also=["Intern"]) == ["login", "config", "intern", "rta"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("customer-1", "customer1"),
        ("customer-1", "cust-omer-1"),
        ("customer-1", "custorner-1"),
        ("customer-1", "custmer-1"),
        ("customer-1", "customers-1"),
        ("customer-1", "cusotmer-1"),
        ("customer-1", "cuztomer-1"),
        ("customer-12", "custorner12"),
        ("wide-shop", "vvide-shop"),
        ("dental-care", "clental-care"),
        ("ac-me", "acme"),
        ("customer_1", "customer-1"),
    ],
)
def test_names_that_are_taken_for_one_another_are_told_once_whatever_their_order(one: str, other: str) -> None:
    rule = "tenant-name-near-duplicate"

    assert broken(one, other, rule=rule) == broken(other, one, rule=rule) == [max(one, other)]


def test_a_pair_is_waived_by_either_of_its_names_and_concerns_both() -> None:
    for tenant in ("customer-1", "customer1"):
        waiver = {"tenant": tenant, "reason": "an old name", "approver": "octo-lead", "until": "2999-12-31"}

        (found,) = judged("customer-1", "customer1", rule="tenant-name-near-duplicate", waivers=[waiver])

        assert found.waived_by == "octo-lead"
        assert found.concerns({"customer-1"})
        assert found.concerns({"customer1"})
        assert not found.concerns({"customer-2"})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("customer-1", "customer-2"),
        ("customer-1", "customer-11"),
        ("customer-12", "customer-21"),
        ("shop-eu", "shop-au"),
        ("team-a", "team-b"),
        ("acme", "acne"),
        ("north", "south"),
        ("customer-1", "customer-1-eu"),
        ("billing", "shipping"),
    ],
)
def test_series_codes_and_short_names_are_not(one: str, other: str) -> None:
    assert broken(one, other, rule="tenant-name-near-duplicate") == []


def test_how_short_a_part_may_be_is_a_setting() -> None:
    rule = "tenant-name-near-duplicate"

    assert broken("acme", "acne", rule=rule, shortest=4) == ["acne"]
    assert broken("customer-1", "custmer-1", rule=rule, shortest=9) == []


def test_a_new_name_is_compared_with_those_taken_over_and_those_retired() -> None:
    old = TenantFacts("customer-1", adopted=True)
    gone = TenantFacts("customer-2", retired="forget")

    found = judged("customer1", old, "customer2", gone, rule="tenant-name-near-duplicate")

    assert [(f.subject, f.level) for f in found] == [("customer1", "mandatory"), ("customer2", "mandatory")]
    assert 'the retired tenant "customer-2"' in found[1].message


def test_two_retired_names_may_look_as_they_like() -> None:
    gone = [TenantFacts(name, retired="forget") for name in ("customer-1", "customer1")]

    assert broken(*gone, rule="tenant-name-near-duplicate") == []


@given(st.lists(st.text("abrnm1-", min_size=1, max_size=8), max_size=12, unique=True), st.integers(2, 5))
def test_the_index_of_names_finds_exactly_the_pairs_that_look_alike(names: list[str], shortest: int) -> None:
    index = Lookalikes(shortest)
    found = {(earlier, name) for name in names for earlier in index.add(name)}

    pairs = {(a, b) for i, b in enumerate(names) for a in names[:i] if look_alike(a, b, shortest=shortest)}
    assert found == pairs


@given(st.text("abrnm1-", max_size=8), st.text("abrnm1-", max_size=8))
def test_looking_alike_goes_both_ways(one: str, other: str) -> None:
    assert look_alike(one, other, shortest=3) == look_alike(other, one, shortest=3)


def test_thousands_of_names_are_compared_without_comparing_all_pairs() -> None:
    index = Lookalikes(5)

    assert not any(index.add(f"customer-{number}") for number in range(3000))


def test_rules_hold_without_a_settings_file() -> None:
    facts = StackFacts("prod", "rta.example.com", (TenantFacts("login", ("me@gmail.com",)),))

    assert {f.rule for f in judge(facts, Settings(), today=TODAY)} == {
        "tenant-name-reserved",
        "owners-personal-mailbox",
    }
