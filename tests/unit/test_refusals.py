"""What the appliance's refusals mean, and what their messages tell a person: what to mend, on one printable line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psaas_resources import answers, errors
from psaas_resources.errors import Conflict, NameTaken, NotFound, NotGranted, NotOffered, ToldNo, WrongCredential
from psaas_resources.settings import Credential
from psaas_resources.transport import Answer

RTA = "rta.appliance.test"
AUDIENCE = f"https://{RTA}/api/v2/"
OURS = Credential("abc", "canary-of-abc")
HOSTILE = "no\n\x1b[31m\r\x00\u202e\u2028evil " + "x" * 100_000


def answer(status: int, document: Any = b"", *, path: str = "api/v2/tenants") -> Answer:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Answer("POST", f"https://{RTA}/{path}", status, {"Set-Cookie": "canary-of-abc"}, body)


def token_refusal(status: int, document: Any) -> ToldNo:
    return answers.token_refusal(answer(status, document, path="oauth/token"), OURS, audience=AUDIENCE)


def refusal(status: int, document: Any = b"") -> ToldNo:
    return answers.tenant_refusal(answer(status, document), "customer-1")


# -- the token endpoint -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["access_denied", "invalid_client"])
def test_a_wrong_secret_is_told_with_the_client_id_and_the_host(code: str) -> None:
    error = token_refusal(401, {"error": code, "error_description": "Unauthorized"})
    assert type(error) is WrongCredential
    assert (error.status, error.code) == (401, code)
    assert all(word in str(error) for word in ('"abc"', RTA, "secret", "401"))


@pytest.mark.parametrize(
    "said",
    [
        'Client is not authorized to access "https://rta.appliance.test/api/v2/". You need to create a "client-grant"',
        'Client is not authorized to access "x". You might probably want to create a "client-grant" for this API.',
        "Client has not been granted scopes: create:tenants",
    ],
)
def test_a_missing_or_narrow_grant_is_told_with_the_audience(said: str) -> None:
    error = token_refusal(403, {"error": "access_denied", "error_description": said})
    assert type(error) is NotGranted
    assert AUDIENCE in str(error)
    assert "client grant" in str(error)


def test_a_wrong_audience_is_told_as_such() -> None:
    said = f"Service not enabled within domain: {AUDIENCE}"
    error = token_refusal(403, {"error": "access_denied", "error_description": said})
    assert not isinstance(error, NotGranted)
    assert "audience" in str(error)
    assert "psaas:domain" in str(error)


def test_an_application_that_may_not_use_client_credentials_is_told_what_to_allow() -> None:
    said = "Grant type 'client_credentials' not allowed for the client."
    error = token_refusal(403, {"error": "unauthorized_client", "error_description": said, "error_uri": "x"})
    assert not isinstance(error, NotGranted)
    assert error.code == "unauthorized_client"
    assert 'allow the client_credentials grant for application "abc"' in str(error)


def test_a_token_endpoint_that_is_not_there_is_told_as_such() -> None:
    assert type(token_refusal(404, b"<html>nothing here</html>")) is NotFound


@pytest.mark.parametrize(
    "document",
    [b"", b"<html>canary-of-abc</html>", [], "canary-of-abc", {"error": {"canary-of-abc": 1}}, {"x": "canary-of-abc"}],
)
@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_a_token_refusal_of_an_unknown_form_is_told_without_its_body(status: int, document: Any) -> None:
    error = token_refusal(status, document)
    assert error.status == status
    assert str(status) in str(error)
    assert "canary-of-abc" not in str(error)


def test_a_secret_that_the_appliance_echoes_is_not_in_the_message() -> None:
    assert "canary-of-abc" not in str(token_refusal(401, {"error_description": "bad secret canary-of-abc"}))
    assert "canary-of-abc" not in str(token_refusal(403, {"error": "canary-of-abc", "message": "canary-of-abc"}))
    assert "canary-of-abc" not in str(
        refusal(401, {"message": "Invalid token canary-of-abc", "errorCode": "canary-of-abc"})
    )
    assert "canary" not in str(refusal(401, {"message": "x" * 296 + "canary-of-abc"}))  # nor the half that a cut leaves


# -- the Management API -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "document", "kind"),
    [
        (409, {"statusCode": 409, "error": "Conflict", "message": "Something else entirely"}, NameTaken),
        (409, {"type": "TENANT_ALREADY_EXISTS", "title": "A tenant with the same name already exists"}, NameTaken),
        (409, b"<html></html>", NameTaken),
        (400, {"statusCode": 400, "error": "Bad Request", "message": "Tenant already exists"}, NameTaken),
        (400, {"message": "The name is TAKEN"}, NameTaken),
        (400, {"message": "name in use"}, NameTaken),
        (400, {"errorCode": "tenant_already_exists"}, NameTaken),
        (400, {"message": "Payload validation error: 'Too short' on name", "errorCode": "invalid_body"}, ToldNo),
        (401, {"message": "Invalid token", "attributes": {"error": "Invalid token"}}, WrongCredential),
        (403, {"message": "Forbidden", "errorCode": "insufficient_scope"}, NotGranted),
        (403, {"message": "Insufficient scope, expected any of: create:tenants"}, NotGranted),
        (403, {"message": "You reached the limit of entities of this type for this tenant"}, ToldNo),
        (403, {"type": "TENANT_LIMIT_REACHED"}, ToldNo),
        (403, {"statusCode": 403, "error": "Forbidden"}, ToldNo),
        (404, {"statusCode": 404, "error": "Not Found"}, NotOffered),
        (405, b"<html></html>", NotOffered),
        (413, b"", ToldNo),
    ],
)  # fmt: skip
def test_a_refusal_of_a_tenant_is_one_of_our_errors(status: int, document: Any, kind: type[ToldNo]) -> None:
    error = refusal(status, document)
    assert type(error) is kind
    assert error.status == status
    assert "customer-1" in str(error)
    assert str(status) in str(error)


@pytest.mark.parametrize(
    "said",
    [
        {"message": "The user me@email.com does not exist in this tenant"},
        {"message": "owner doesn't exist"},
        {"message": "No such owner", "errorCode": "inexistent_user"},
        {"message": "owner is not existing"},
    ],
)
def test_something_that_does_not_exist_is_no_taken_name(said: dict[str, str]) -> None:
    assert not isinstance(refusal(400, said), NameTaken)


def test_a_taken_name_comes_with_the_two_ways_out() -> None:
    message = str(refusal(409))
    assert "adopt: true" in message
    assert "psaas:credentials" in message
    assert "another name" in message


def test_a_reached_limit_is_told_and_is_no_missing_grant() -> None:
    for document in ({"message": "You reached the limit of entities"}, {"type": "TENANT_LIMIT_REACHED"}):
        assert "allows no more" in str(refusal(403, document))
        assert "client grant" not in str(refusal(403, document))


def test_a_missing_scope_names_the_client_grant_and_the_scope() -> None:
    message = str(refusal(403, {"message": "Insufficient scope, expected any of: create:tenants"}))
    assert "client grant" in message
    assert "create:tenants" in message


def test_an_appliance_without_that_call_is_asked_whether_it_is_the_root_tenant_authority() -> None:
    assert "psaas:domain" in str(refusal(404, {"statusCode": 404, "error": "Not Found"}))


def test_what_the_appliance_said_about_an_invalid_body_is_shown() -> None:
    said = "Payload validation error: 'Object didn't pass validation for format email: me@' on property owners[0]"
    assert said in str(refusal(400, {"statusCode": 400, "message": said, "errorCode": "invalid_body"}))


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 410, 418, 422, 500])
@pytest.mark.parametrize("field", ["message", "title", "error", "errorCode", "type", "error_description"])
def test_a_hostile_message_is_shown_as_one_short_printable_line(status: int, field: str) -> None:
    document = {field: HOSTILE}
    for error in (
        refusal(status, document),
        answers.management_error(answer(status, document), "read client grant cgr_1"),
        token_refusal(status, document),
    ):
        assert str(error).isprintable()
        assert len(str(error)) < 1500


def test_headers_and_unknown_fields_are_in_no_message() -> None:
    document = {
        "message": "no",
        "debug": "canary-of-abc",
        "attributes": {"token": "canary-of-abc"},
        "details": ["canary-of-abc"],
    }
    for status in (400, 401, 403, 404, 409):
        assert "canary-of-abc" not in str(refusal(status, document)) + str(token_refusal(status, document))
        assert "canary-of-abc" not in repr(answer(status, document))


def test_a_success_is_handed_through_and_a_refusal_is_raised() -> None:
    fine = answer(201, {"id": "cgr_1"})
    assert answers.check(fine, "create") is fine
    with pytest.raises(Conflict, match="can't create the client grant"):
        answers.check(answer(409, {"message": "no"}), "create the client grant")


def test_a_conflict_of_a_client_grant_is_not_a_taken_name() -> None:
    assert type(answers.management_error(answer(409), "create the client grant")) is Conflict


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["message", "error", "errorCode", "type", "title", "error_description"]), inner
        )
    ),
    max_leaves=10,
)


@given(st.integers(300, 599), st.binary(max_size=100) | json_like.map(lambda document: json.dumps(document).encode()))
def test_whatever_a_refusal_looks_like_it_is_one_of_our_errors(status: int, body: bytes) -> None:
    for error in (refusal(status, body), token_refusal(status, body)):
        assert isinstance(error, errors.ToldNo)
        assert error.status == status
        assert str(error).isprintable()
