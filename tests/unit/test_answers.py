"""The answer to the tenant POST, which nobody has documented: what is taken, and what is never guessed."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psaas_resources import answers
from psaas_resources.answers import NewTenant
from psaas_resources.errors import AnswerUnusable, CredentialMissing, PsaasError, WrongTenant
from psaas_resources.settings import Credential

NAME = "customer-1"
PAIR = {"client_id": "abc", "client_secret": "hunter2"}
CAMEL = {"clientId": "abc", "clientSecret": "hunter2"}


def read(document: Any) -> NewTenant:
    return answers.new_tenant(document if isinstance(document, bytes) else json.dumps(document).encode(), name=NAME)


@pytest.mark.parametrize("pair", [PAIR, CAMEL])
@pytest.mark.parametrize("place", ["", "management_client", "managementClient", "client", "credentials"])
def test_the_credential_is_found_in_both_spellings_at_the_top_or_one_level_down(pair: Any, place: str) -> None:
    assert read({place: pair} if place else pair).credential == Credential("abc", "hunter2")


def test_name_and_domain_are_taken_where_they_are_given() -> None:
    assert read(PAIR | {"name": NAME, "domain": "customer-1.appliance.test"}) == NewTenant(
        Credential("abc", "hunter2"), NAME, "customer-1.appliance.test"
    )
    assert read(PAIR) == NewTenant(Credential("abc", "hunter2"), "", "")


@pytest.mark.parametrize("place", ["client", "management_client", "managementClient", "credentials"])
def test_the_name_of_the_application_that_holds_the_credential_is_not_the_name_of_a_tenant(place: str) -> None:
    application = {place: {"name": "Management client", **PAIR}}
    whole = {"name": NAME, "domain": "customer-1.appliance.test", **application}
    assert read(whole) == NewTenant(Credential("abc", "hunter2"), NAME, "customer-1.appliance.test")
    assert read(application).credential == Credential("abc", "hunter2")


def test_a_domain_is_the_same_in_capitals() -> None:
    assert read(PAIR | {"domain": "Customer-1.Appliance.Test"}).domain == "customer-1.appliance.test"


@pytest.mark.parametrize(
    "domain", ["customer-1.\x1b[31m\n", "customer-1.appliance.test/path", "customer-1.me@evil.test", "customer-1"]
)
def test_a_domain_that_is_no_host_name_is_not_carried_on(domain: str) -> None:
    assert read(PAIR | {"domain": domain}) == NewTenant(Credential("abc", "hunter2"), "", "")


def test_the_answer_of_the_nearest_documented_relative_is_understood() -> None:
    teams = {
        "tenant_id": "3f0c1e52-0000-4000-8000-000000000000",
        "tenant_name": NAME,
        "domain": "customer-1.appliance.test",
        "environment": "prod",
        "management_client": {"client_name": "Management", **PAIR},
    }
    assert read(teams).credential == Credential("abc", "hunter2")


def test_fields_that_nobody_knows_are_of_no_importance() -> None:
    assert read(PAIR | {"owners": None, "limits": [1, {"a": []}], "x" * 1000: "y" * 100_000}).credential


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        [PAIR],
        None,
        "hunter2",
        5,
        {"client_id": "abc"},
        {"client_secret": "hunter2"},
        {"client_id": "abc", "client_secret": ""},
        {"client_id": "abc", "client_secret": None},
        {"client_id": "abc", "client_secret": ["hunter2"]},
        {"client_id": 7, "client_secret": "hunter2"},
        {"id": "abc", "secret": "hunter2"},
        {"data": {"client": PAIR}},
        {"application": PAIR},
        {"clients": [PAIR]},
    ],
)
def test_an_answer_without_a_whole_credential_in_a_known_place_is_never_guessed_from(document: Any) -> None:
    with pytest.raises(CredentialMissing, match=NAME) as caught:
        read(document)
    assert "hunter2" not in str(caught.value)
    assert "in the escrow" in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"client_id": "abc", "client_secret": "hun',
        b"<html>hunter2</html>",
        b"\xff\xfe\x00",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"1" * 10_000,
        b"NaN",
    ],
)
def test_an_answer_that_is_not_whole_json_lacks_the_credential(body: bytes) -> None:
    with pytest.raises(CredentialMissing) as caught:
        read(body)
    assert "hun" not in str(caught.value)


@pytest.mark.parametrize(
    "more",
    [
        {"name": "customer-2"},
        {"tenant_name": "customer-2"},
        {"tenantName": "customer-2"},
        {"tenant": {"name": "customer-2"}},
        {"domain": "customer-2.appliance.test"},
        {"name": NAME, "domain": "customer-2.appliance.test"},
        {"name": NAME.upper()},
        {"domain": "customer-1x.appliance.test"},
    ],
)
def test_an_answer_that_names_another_tenant_is_refused_and_its_credential_not_taken(more: dict[str, Any]) -> None:
    with pytest.raises(WrongTenant, match=NAME) as caught:
        read(PAIR | more)
    assert "hunter2" not in str(caught.value)


def test_another_tenants_name_is_shown_as_one_short_printable_line() -> None:
    with pytest.raises(WrongTenant) as caught:
        read(PAIR | {"name": "customer-2\n\x1b[31mevil\u202e" + "x" * 10_000})
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000


def test_the_secret_of_a_new_tenant_is_in_no_representation() -> None:
    assert "hunter2" not in repr(read(PAIR)) + str(read(PAIR))


names = (
    st.sampled_from(
        "client_id clientId client_secret clientSecret name tenant_name domain tenant client credentials".split()
    )
    | st.text(max_size=8)
)  # fmt: skip
json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=15,
)


def taken_or_error(body: bytes) -> NewTenant | PsaasError:
    try:
        return answers.new_tenant(body, name=NAME)
    except PsaasError as error:
        return error


@given(st.binary(max_size=200) | json_like.map(lambda document: json.dumps(document).encode()))
def test_whatever_the_appliance_answers_it_is_a_tenant_or_an_error_of_ours(body: bytes) -> None:
    outcome = taken_or_error(body)
    if isinstance(outcome, NewTenant):
        assert outcome.credential.client_id
        assert outcome.credential.client_secret
        assert outcome.name in ("", NAME)
    else:
        assert isinstance(outcome, AnswerUnusable)
        assert str(outcome).isprintable()


@pytest.mark.parametrize(
    "document",
    [
        [{"id": "a"}, {"id": "b"}],
        {"tenants": [{"id": "a"}, {"id": "b"}], "total": 2, "start": 0, "limit": 50},
        {"tenants": [{"id": "a"}, {"id": "b"}], "next": "x"},
        {"tenants": [{"id": "a"}, {"id": "b"}]},
    ],
)
def test_a_list_is_read_in_every_shape_that_the_api_has(document: Any) -> None:
    assert answers.items(document, "tenants") == [{"id": "a"}, {"id": "b"}]


@pytest.mark.parametrize(
    "document", [None, "x", 5, {}, {"tenants": None}, {"tenants": {}}, [1], ["a"], [[]], {"x": []}]
)
def test_a_list_of_another_shape_is_not_an_empty_list(document: Any) -> None:
    with pytest.raises(AnswerUnusable, match="tenants"):
        answers.items(document, "tenants")


@pytest.mark.parametrize(
    "token", ["", "opaque", "a.b", "a.b.c", "..", "a.\u00e9.c", "a." + "!" * 9, "a.W10.c", "a.bnVsbA.c"]
)
def test_a_token_of_another_form_has_no_claims(token: str) -> None:
    assert answers.claims(token) == {}


@pytest.mark.parametrize(
    "middle",
    [
        pytest.param(b"[" * 200_000, id="deeply nested"),
        pytest.param(b'{"exp": ' + b"9" * 10_000 + b"}", id="a huge number"),
    ],
)
def test_claims_that_break_a_json_parser_are_no_crash(middle: bytes) -> None:
    assert answers.claims(f"a.{base64.urlsafe_b64encode(middle).decode().rstrip('=')}.c") == {}


@given(st.text())
def test_no_text_in_place_of_a_token_is_a_crash(token: str) -> None:
    assert isinstance(answers.claims(token), dict)
    assert isinstance(answers.claims(f"a.{token}.c"), dict)
