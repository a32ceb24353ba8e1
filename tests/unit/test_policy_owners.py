"""Who may own new tenants."""

from __future__ import annotations

import pytest

from policy import TenantFacts

from .test_policy_names import broken, judged


def owned(*owners: str, name: str = "customer-1", adopted: bool = False) -> TenantFacts:
    return TenantFacts(name, owners, adopted=adopted)


def test_fewer_different_owners_than_asked_for_are_refused() -> None:
    same = owned("me@example.com", "ME@example.com")

    assert broken(same, rule="owners-minimum", minimum=2) == ["customer-1"]
    assert broken(owned("a@example.com", "b@example.com"), rule="owners-minimum", minimum=2) == []
    assert judged(owned(), rule="owners-minimum")[0].message == "has 0 owners; 1 is needed at least"


def test_the_owners_of_a_tenant_that_was_taken_over_may_be_unknown() -> None:
    assert judged(owned(adopted=True), rule="owners-minimum", adopted="enforce") == ()


@pytest.mark.parametrize(
    ("owner", "allowed", "fine"),
    [
        ("me@example.com", ["example.com"], True),
        ("me@EXAMPLE.com", ["Example.com"], True),
        ("me@sub.example.com", ["example.com"], False),
        ("me@sub.example.com", ["*.example.com"], True),
        ("me@notexample.com", ["*.example.com"], False),
        ("me@example.com.evil.test", ["example.com", "*.example.com"], False),
        ("example.com@evil.test", ["example.com"], False),
        ("me@anywhere.test", [], True),
    ],
)
def test_owners_are_of_the_allowed_domains(owner: str, allowed: list[str], fine: bool) -> None:
    assert broken(owned(owner), rule="owners-domains", allowed=allowed) == ([] if fine else ["customer-1"])


@pytest.mark.parametrize("owner", ["me@gmail.com", "me@GMail.com", "me@yahoo.co.uk", "me@hotmail.fr", "me@proton.me"])
def test_personal_mailboxes_are_refused(owner: str) -> None:
    assert broken(owned(owner, "ops@example.com"), rule="owners-personal-mailbox") == ["customer-1"]


def test_which_providers_are_personal_is_a_setting() -> None:
    rule, mine = "owners-personal-mailbox", owned("me@gmail.com")

    assert broken(mine, rule=rule, providers=[]) == []
    assert broken(owned("me@mail.example"), rule=rule, also=["mail.example"]) == ["customer-1"]
    assert broken(owned("me@example.com", "me@notgmail.com"), rule=rule) == []


def test_an_owner_who_is_listed_twice_is_told_whatever_the_case() -> None:
    found = judged(owned("me@example.com", "Me@Example.COM"), rule="owners-duplicate")

    assert [f.message for f in found] == ['"Me@Example.COM" is the same mailbox as "me@example.com"']


def test_plus_addresses_are_the_same_mailbox_where_an_organisation_says_so() -> None:
    tenant = owned("me@example.com", "me+shop@example.com")

    assert broken(tenant, rule="owners-duplicate") == []
    assert broken(tenant, rule="owners-duplicate", plusAddressing=True) == ["customer-1"]


def test_an_address_listed_twice_letter_by_letter_is_told_too() -> None:
    assert broken(owned("me@example.com", "me@example.com"), rule="owners-duplicate") == ["customer-1"]


@pytest.mark.parametrize("rule", ["owners-minimum", "owners-domains", "owners-personal-mailbox", "owners-duplicate"])
def test_retired_names_have_no_owners_to_judge(rule: str) -> None:
    assert broken(TenantFacts("customer-1", retired="forget"), rule=rule) == []
