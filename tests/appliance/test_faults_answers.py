"""Faults in what is answered: statuses, pages, and bodies that are wrong though the call went well."""

from email.utils import parsedate_to_datetime
from typing import Any

import jwt
import pytest
import requests
from running_appliance import JSON, ManagementApi, RunningAppliance

POST = {"method": "POST", "path": "/api/v2/tenants"}
TOKEN = {"method": "POST", "path": "/oauth/token"}


def post_with(faulty: RunningAppliance, provisioning: ManagementApi, name: str, **do: Any) -> requests.Response:
    faulty.plan({"name": "under test", "route": POST, "do": do})
    return provisioning.request("POST", "/tenants", json={"name": name}, allow_redirects=False)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 524])
@pytest.mark.parametrize("html", [False, True])
def test_an_error_status_in_either_form_and_nothing_carried_out(
    faulty: RunningAppliance, provisioning: ManagementApi, name: str, status: int, html: bool
) -> None:
    answer = post_with(faulty, provisioning, name, status=status, html=html)
    assert answer.status_code == status
    if html:
        assert answer.headers["content-type"].startswith("text/html")
        assert f"<h1>{status} " in answer.text
    else:
        assert answer.json()["statusCode"] == status
    assert provisioning.get(f"/tenants/{name}").status_code == 404
    [happened] = faulty.happened()
    assert happened.pop("at")
    assert happened == {
        "rule": "under test",
        "kind": "status",
        "call": 1,
        "method": "POST",
        "path": "/api/v2/tenants",
        "host": faulty.rta,
        "tenant": name,
        "carried_out": False,
        "status": status,
        "overridden_by": None,
    }


def test_an_error_status_may_hide_a_tenant_that_was_made(
    faulty: RunningAppliance, provisioning: ManagementApi, name: str
) -> None:
    answer = post_with(faulty, provisioning, name, status=504, carried_out=True)
    assert answer.status_code == 504
    assert provisioning.get(f"/tenants/{name}").status_code == 200
    assert faulty.happened()[0]["carried_out"]
    seen = [entry for entry in faulty.requests_seen() if entry["fault"] == "under test"][-1]
    assert seen["status"] == 201
    assert faulty.ledger()[name]["credentials_delivered"] == 0


@pytest.mark.parametrize(
    ("given", "headers"),
    [
        ({}, set()),
        ({"reset_seconds": 30}, {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}),
        ({"retry_after": 3}, {"retry-after"}),
        ({"retry_after_date": 3}, {"retry-after"}),
        ({"retry_after": "soon", "reset_seconds": "never"}, {"retry-after", "x-ratelimit-reset"}),
    ],
)
def test_a_429_tells_how_long_to_wait_or_does_not(
    faulty: RunningAppliance, provisioning: ManagementApi, name: str, given: JSON, headers: set[str]
) -> None:
    answer = post_with(faulty, provisioning, name, status=429, **given)
    assert (answer.status_code, answer.json()["errorCode"]) == (429, "too_many_requests")
    assert {header.lower() for header in answer.headers} & {
        "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"
    } >= headers  # fmt: skip
    assert ("x-ratelimit-reset" in answer.headers) == ("reset_seconds" in given)
    if given.get("retry_after_date"):
        waits = parsedate_to_datetime(answer.headers["retry-after"]) - parsedate_to_datetime(answer.headers["date"])
        assert waits.total_seconds() == 3
    assert faulty.ledger()[name]["posts_refused"] == 1


@pytest.mark.parametrize("seconds", [-3600, 10**9])
def test_a_reset_may_lie_in_the_past_or_beyond_all_reason(
    faulty: RunningAppliance, provisioning: ManagementApi, name: str, seconds: int
) -> None:
    answer = post_with(faulty, provisioning, name, status=429, reset_seconds=seconds)
    now = parsedate_to_datetime(answer.headers["date"]).timestamp()
    assert abs(int(answer.headers["x-ratelimit-reset"]) - now - seconds) <= 1


def test_any_error_body_can_be_given(faulty: RunningAppliance, provisioning: ManagementApi, name: str) -> None:
    body = {"statusCode": 403, "error": "Forbidden", "errorCode": "too_many_entities"}
    answer = post_with(faulty, provisioning, name, status=403, body=body)
    assert (answer.status_code, answer.json()) == (403, body)


def test_a_2xx_without_the_secret(faulty: RunningAppliance, provisioning: ManagementApi, name: str) -> None:
    answer = post_with(faulty, provisioning, name, without_secret=True)
    assert answer.status_code == 201
    assert answer.json()["client_id"]
    assert "client_secret" not in answer.json()
    row = faulty.ledger()[name]
    assert (row["posts_carried_out"], row["answers_delivered"], row["credentials_delivered"]) == (1, 1, 0)


def test_any_field_can_be_missing(faulty: RunningAppliance, provisioning: ManagementApi, name: str) -> None:
    answer = post_with(faulty, provisioning, name, drop_fields=["client_id", "domain"])
    assert {"name", "client_secret"} <= set(answer.json())
    assert not {"client_id", "domain"} & set(answer.json())


def test_an_answer_that_names_another_tenant(faulty: RunningAppliance, provisioning: ManagementApi, name: str) -> None:
    answer = post_with(faulty, provisioning, name, other_tenant="customer-9").json()
    assert (answer["name"], answer["domain"]) == ("customer-9", f"customer-9.{faulty.facts['domain']}")
    assert faulty.ledger()[name]["posts_carried_out"] == 1


def test_an_empty_body(faulty: RunningAppliance, provisioning: ManagementApi, name: str) -> None:
    answer = post_with(faulty, provisioning, name, empty_body=True)
    assert (answer.status_code, answer.content) == (201, b"")
    assert faulty.ledger()[name]["credentials_delivered"] == 0


def test_html_with_a_200(faulty: RunningAppliance, provisioning: ManagementApi, name: str) -> None:
    answer = post_with(faulty, provisioning, name, not_json=True)
    assert answer.status_code == 200
    assert answer.text.startswith("<html>")
    assert faulty.ledger()[name]["posts_carried_out"] == 1


def test_a_redirect_to_a_log_in_page(faulty: RunningAppliance, provisioning: ManagementApi, name: str) -> None:
    answer = post_with(faulty, provisioning, name, redirect="https://login.example.test/")
    assert (answer.status_code, answer.headers["location"]) == (302, "https://login.example.test/")
    assert faulty.ledger()[name]["posts_carried_out"] == 0


def test_other_shapes_of_the_tenant_answer(faulty: RunningAppliance, provisioning: ManagementApi, name: str) -> None:
    shape = {"nested": "management_client", "camel_case": True, "status": 200}
    answer = post_with(faulty, provisioning, name, reshape=shape)
    assert answer.status_code == 200
    assert set(answer.json()["managementClient"]) == {"clientId", "clientSecret"}
    assert answer.json()["createdAt"]
    assert faulty.ledger()[name]["credentials_delivered"] == 1


def test_a_fault_in_the_answer_leaves_refusals_as_they_are(
    faulty: RunningAppliance, provisioning: ManagementApi
) -> None:
    answer = post_with(faulty, provisioning, "login", without_secret=True)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "invalid_body")
    assert not faulty.happened()[0]["carried_out"]


def test_a_token_without_the_scope(faulty: RunningAppliance, provisioning: ManagementApi) -> None:
    faulty.plan({"route": TOKEN, "do": {"token_scope": ["read:connections"]}})
    answer = faulty.ask_token(faulty.rta, faulty.facts["admin"]).json()
    assert answer["scope"] == "read:connections"
    limited = ManagementApi(faulty, faulty.rta, answer["access_token"])
    assert limited.get("/connections").status_code == 200
    assert limited.get("/clients").json()["errorCode"] == "insufficient_scope"


def test_a_token_that_ends_earlier_than_it_says(faulty: RunningAppliance) -> None:
    faulty.plan({"route": TOKEN, "do": {"expires_in": {"claimed": 86400, "real": 0}}})
    answer = faulty.ask_token(faulty.rta, faulty.facts["admin"]).json()
    assert answer["expires_in"] == 86400
    refused = ManagementApi(faulty, faulty.rta, answer["access_token"]).get("/clients")
    assert refused.json()["message"] == "Expired token received for JSON Web Token validation"


def test_a_token_that_lives_as_short_as_it_says(faulty: RunningAppliance) -> None:
    faulty.plan({"route": TOKEN, "do": {"expires_in": 30}})
    answer = faulty.ask_token(faulty.rta, faulty.facts["admin"]).json()
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert (answer["expires_in"], claims["exp"] - claims["iat"]) == (30, 30)


def test_a_token_answer_without_a_token(faulty: RunningAppliance) -> None:
    faulty.plan({"route": TOKEN, "do": {"not_a_token": True}})
    answer = faulty.ask_token(faulty.rta, faulty.facts["admin"])
    assert (answer.status_code, answer.json()["token_type"]) == (200, "Bearer")
    assert "access_token" not in answer.json()


@pytest.mark.parametrize("skew", [-3600, 3600])
def test_the_appliances_clock_may_be_wrong(faulty: RunningAppliance, skew: int) -> None:
    honest = faulty.call("GET", faulty.rta, "/.well-known/jwks.json")
    faulty.plan({"do": {"clock_skew_seconds": skew}})
    answer = faulty.ask_token(faulty.rta, faulty.facts["admin"])
    claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False, "verify_iat": False})
    honest_date = parsedate_to_datetime(honest.headers["date"]).timestamp()
    assert abs(claims["iat"] - skew - honest_date) < 60
    assert abs(parsedate_to_datetime(answer.headers["date"]).timestamp() - claims["iat"]) < 60
    assert abs(int(answer.headers["x-ratelimit-reset"]) - claims["iat"]) < 60
    # By its own clock the token is good.
    assert ManagementApi(faulty, faulty.rta, answer.json()["access_token"]).get("/clients").status_code == 200
    faulty.inspect("DELETE", "faults")
    date = parsedate_to_datetime(faulty.call("GET", faulty.rta, "/x").headers["date"]).timestamp()
    assert abs(date - honest_date) < 60


def test_a_call_may_have_a_latency_and_be_answered_as_ever(
    faulty: RunningAppliance, provisioning: ManagementApi, name: str
) -> None:
    for latency in (1, [1, 5]):
        do = {"latency_ms": latency, "tail_ms": 5, "tail_probability": 0.5}
        faulty.plan({"route": {"path": "/api/v2/tenants*"}, "do": do})
        assert provisioning.get("/tenants", take=1).status_code == 200
        assert [happened["kind"] for happened in faulty.happened()] == ["latency_ms"]
    made = post_with(faulty, provisioning, name, latency_ms=1, latency_before="answering")
    assert made.status_code == 201
