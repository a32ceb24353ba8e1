"""What a tenant may be called, who may own it, and which domains belong together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psaas_resources import rules

RTA = "rta.appliance.test"
DOCUMENTED_AS_RESERVED = (
    "login admin app manage blog ftp mail pop pop3 imap smtp stage stats status dev logs www docs sdk ci docker "
    "styleguide ask it cdn api releases release spf feedback help support int config webtask"
).split()


@pytest.mark.parametrize("name", ["customer-1", "abc", "a-b", "1st-customer", "42x", "a--b", "x" * 63])
def test_documented_names_are_accepted(name: str) -> None:
    assert rules.name_problem(name, rta=RTA) is None


def test_a_name_with_capitals_is_refused_with_the_lower_case_form() -> None:
    assert '"customer-1"' in str(rules.name_problem("Customer-1", rta=RTA))


def test_a_name_with_an_underscore_is_refused_with_the_hyphenated_form() -> None:
    assert '"customer-1"' in str(rules.name_problem("customer_1", rta=RTA))


@pytest.mark.parametrize("name", ["", "a", "ab", "x" * 64, "x" * 300])
def test_a_name_that_is_too_short_or_too_long_is_refused_with_its_length(name: str) -> None:
    problem = str(rules.name_problem(name, rta=RTA))
    assert str(len(name)) in problem
    assert "3 to 63" in problem


@pytest.mark.parametrize(
    "name", ["-ab", "ab-", "---", "a.b.c", "abc ", " abc", "abc\n", "a\nbc", "k\u00fcn", "ab\u0661"]
)
def test_a_name_that_is_no_host_name_label_is_refused(name: str) -> None:
    assert rules.name_problem(name, rta=RTA)


@pytest.mark.parametrize("name", DOCUMENTED_AS_RESERVED)
def test_every_name_that_the_appliance_reserves_is_refused(name: str) -> None:
    assert rules.name_problem(name, rta=RTA)


@pytest.mark.parametrize("rta", ["demo-rta.appliance.test", "demo-rta.appliance.test:8443", "demo-rta:8443"])
def test_the_name_of_the_root_tenant_authority_is_refused(rta: str) -> None:
    assert "root tenant authority" in str(rules.name_problem("demo-rta", rta=rta))


@given(st.text(max_size=80))
def test_no_text_is_accepted_as_a_name_but_one_that_can_be_a_host_name_label(name: str) -> None:
    if rules.name_problem(name, rta=RTA) is None:
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert 3 <= len(name) <= 63
        assert name.strip("-") == name
        assert rules.existing_name_problem(name) is None


@pytest.mark.parametrize("name", ["dev", "it", "a", "old_tenant", "customer-1", "x" * 63])
def test_a_tenant_that_exists_may_have_a_name_that_a_new_one_may_not(name: str) -> None:
    assert rules.existing_name_problem(name) is None


@pytest.mark.parametrize("name", ["", "-a", "a-", "a.b", "a/b", "../x", "x" * 64, "Dev", "a\n"])
def test_even_a_tenant_that_exists_has_a_host_name_label_as_its_name(name: str) -> None:
    assert rules.existing_name_problem(name)


@pytest.mark.parametrize("owner", ["me@email.com", "ops@example.com", "a.b+c@sub.example.com", "O'Hara_1@example.com"])
def test_e_mail_addresses_are_accepted_as_owners(owner: str) -> None:
    assert rules.owner_problem(owner) is None


@pytest.mark.parametrize(
    "owner",
    ["", "me", "me@", "@email.com", "me@email", "me@email.", "me@@email.com", "me @email.com", "me@email.com\n",
     "me@-email.com", "a@b.c", "me@email.com,you@email.com", "<me@email.com>",
     "x" * 65 + "@email.com", "me@e_mail.com"],
)  # fmt: skip
def test_what_is_no_e_mail_address_is_refused_as_an_owner_and_quoted(owner: str) -> None:
    assert f'"{owner}"' in str(rules.owner_problem(owner))


@pytest.mark.parametrize("host", ["rta.appliance.test", "demo-rta.example.com", "localhost", "localhost:8443"])
def test_host_names_are_accepted(host: str) -> None:
    assert rules.host_problem(host) is None


@pytest.mark.parametrize(
    "given_host", ["https://rta.example.com", "rta.example.com/", "https://rta.example.com/api/v2/"]
)
def test_an_address_in_place_of_a_host_is_refused_with_the_host_in_it(given_host: str) -> None:
    assert '"rta.example.com"' in str(rules.host_problem(given_host))


def test_a_host_with_capitals_is_refused_with_the_lower_case_form() -> None:
    assert '"rta.example.com"' in str(rules.host_problem("RTA.example.com"))


@pytest.mark.parametrize(
    "host",
    ["", " ", "rta..example.com", ".example.com", "rta.example.com.", "-rta.example.com", "rta_1.example.com",
     "rta.example.com\n", "me@rta.example.com", "rta.example.com?x", "x" * 64 + ".example.com", "a." * 130 + "test",
     "localhost:", "localhost:x", "localhost:0", "localhost:65536", "localhost:99999", "[::1]", "127.0.0.1",
     "10.0.0.1"],
)  # fmt: skip
def test_what_is_no_host_name_is_refused(host: str) -> None:
    assert rules.host_problem(host)


def test_only_a_local_appliance_may_have_a_port() -> None:
    assert rules.host_problem("rta.appliance.test:8443") is None
    assert "port" in str(rules.host_problem("rta.example.com:8443"))


@pytest.mark.parametrize("rta", ["rta.appliance.test", "localhost", "localhost:8443", "rta.appliance.test:443"])
def test_an_appliance_below_test_or_on_localhost_is_local(rta: str) -> None:
    assert rules.is_local(rta)


@pytest.mark.parametrize(
    "rta",
    ["rta.example.com", "rta.test.example.com", "localhost.example.com", "rta.mytest", "notlocalhost", ""],
)
def test_every_other_appliance_is_not_local(rta: str) -> None:
    assert not rules.is_local(rta)


def test_tenants_lie_under_the_parent_domain_of_their_root_tenant_authority() -> None:
    assert rules.parent_domain("rta.appliance.test") == "appliance.test"
    assert rules.parent_domain("demo-rta.auth.example.com") == "auth.example.com"
    assert rules.parent_domain("localhost:8443") == "localhost:8443"


@pytest.mark.parametrize("tenant_domain", ["auth.example.com", "eu.auth.example.com"])
def test_a_tenant_domain_may_be_the_shared_parent_or_lie_below_it(tenant_domain: str) -> None:
    assert rules.tenant_domain_problem(tenant_domain, rta="rta.auth.example.com") is None


@pytest.mark.parametrize(
    "tenant_domain", ["example.com", "other.example.com", "otherauth.example.com", "auth.example.org"]
)
def test_a_tenant_domain_elsewhere_is_refused_since_credentials_are_sent_there(tenant_domain: str) -> None:
    assert "auth.example.com" in str(rules.tenant_domain_problem(tenant_domain, rta="rta.auth.example.com"))


def test_a_top_level_domain_is_not_the_home_of_the_tenants_of_an_authority_directly_below_it() -> None:
    assert "three parts" in str(rules.tenant_domain_problem("attacker.com", rta="example.com"))


@pytest.mark.parametrize(
    ("domain", "lies"),
    [
        ("customer-1.appliance.test", True),
        ("a.b.appliance.test", True),
        ("appliance.test", False),
        ("evilappliance.test", False),
        ("customer-1.appliance.test.evil.test", False),
        ("customer-1.appliance.test\n", False),
        ("me@customer-1.appliance.test", False),
        ("customer-1.appliance.test:8443", False),
        ("", False),
    ],
)
def test_a_credential_may_go_only_to_hosts_below_the_tenant_domain(domain: str, lies: bool) -> None:
    assert rules.lies_under(domain, "appliance.test") is lies


def test_the_port_of_a_local_appliance_is_its_tenants_too_and_another_port_is_another_host() -> None:
    assert rules.lies_under("customer-1.localhost:8443", "localhost:8443")
    assert not rules.lies_under("customer-1.localhost:9443", "localhost:8443")


def test_a_near_miss_is_offered_and_a_far_one_is_not() -> None:
    assert rules.near_miss("owner", ["name", "owners"]) == '; did you mean "owners"?'
    assert rules.near_miss("colour", ["name", "owners"]) == ""


@given(st.text(), st.text())
def test_no_text_makes_a_rule_fail_with_an_exception(text: str, rta: str) -> None:
    rules.name_problem(text, rta=rta)
    rules.existing_name_problem(text)
    rules.owner_problem(text)
    rules.host_problem(text)
    rules.tenant_domain_problem(text, rta=rta)
    rules.lies_under(text, rta)
    rules.near_miss(text, ["name", rta])
