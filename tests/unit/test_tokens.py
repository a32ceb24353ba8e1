"""One token request however many threads ask, and a new one when the old one is of no more use."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from psaas_resources import tokens
from psaas_resources.errors import AnswerUnusable, NotGranted, RateLimited, ToldNo, WrongCredential
from psaas_resources.settings import Credential
from psaas_resources.tokens import GRANT_SETTLES_SECONDS, Tokens
from psaas_resources.transport import Transport

from .peer import HOST, Peer, reply

AUDIENCE = f"https://{HOST}/api/v2/"
CREDENTIAL = Credential("abc", "hunter2")
ADMIN = Credential("admin", "hunter3")
NO_GRANT = reply(403, {"error": "access_denied", "error_description": 'Client is not authorized to access "x".'})
Start = Callable[..., Peer]
Make = Callable[..., Transport]


class Clock:
    """Seconds that pass only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept_by(transport_to: Make, clock: Clock) -> Callable[[Peer], Tokens]:
    return lambda peer: Tokens(transport_to(peer), HOST, clock=clock, sleep=clock.sleep)


def given(name: str, **more: Any) -> Any:
    return reply(200, {"access_token": name, "token_type": "Bearer", "expires_in": 86400} | more)


def test_a_token_is_asked_for_with_the_credential_in_the_body_and_for_the_management_api(
    peer: Start, kept_by: Callable[[Peer], Tokens]
) -> None:
    server = peer(given("token-1"))
    assert kept_by(server).token(CREDENTIAL) == "token-1"
    (request,) = server.requests
    assert (request.method, request.target) == ("POST", "/oauth/token")
    assert request.json == {
        "grant_type": "client_credentials",
        "audience": AUDIENCE,
        "client_id": "abc",
        "client_secret": "hunter2",
    }
    assert "authorization" not in request.headers


def test_many_threads_cost_one_request(peer: Start, kept_by: Callable[[Peer], Tokens]) -> None:
    kept, server = kept_by(ours := peer(given("token-1"))), ours
    start, found = threading.Barrier(16), []

    def ask() -> None:
        start.wait()
        found.append(kept.token(CREDENTIAL))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["token-1"] * 16
    assert len(server.requests) == 1


def test_each_application_has_a_token_of_its_own(peer: Start, kept_by: Callable[[Peer], Tokens]) -> None:
    server = peer(given("token-1"), given("token-2"))
    kept = kept_by(server)
    for _ in range(2):
        assert kept.token(CREDENTIAL) == "token-1"
        assert kept.token(ADMIN) == "token-2"
    assert [request.json["client_id"] for request in server.requests] == ["abc", "admin"]


@pytest.mark.parametrize(
    ("more", "good_for"),
    [
        ({"expires_in": 86400}, 86340),
        ({"expires_in": 100}, 50),
        ({"expires_in": None}, 240),
        ({"expires_in": "soon"}, 240),
        ({"expires_in": []}, 240),
    ],
)
def test_a_token_is_kept_until_a_margin_before_it_expires(
    peer: Start, kept_by: Callable[[Peer], Tokens], clock: Clock, more: dict[str, Any], good_for: float
) -> None:
    kept = kept_by(peer(given("token-1", **more), given("token-2")))
    assert kept.token(CREDENTIAL) == "token-1"
    clock.now = good_for - 1
    assert kept.token(CREDENTIAL) == "token-1"
    clock.now = good_for + 1
    assert kept.token(CREDENTIAL) == "token-2"


@pytest.mark.parametrize("lifetime", [0, -5, 0.001, True, 10**400 - 1, 1e400, float("nan")])
def test_a_strange_lifetime_still_gives_a_token(
    peer: Start, kept_by: Callable[[Peer], Tokens], lifetime: float
) -> None:
    assert kept_by(peer(given("token-1", expires_in=lifetime))).token(CREDENTIAL) == "token-1"


def test_a_token_that_was_refused_is_renewed_once_however_many_threads_say_so(
    peer: Start, kept_by: Callable[[Peer], Tokens]
) -> None:
    server = peer(given("token-1"), given("token-2"), given("token-3"))
    kept = kept_by(server)
    assert kept.token(CREDENTIAL) == "token-1"
    start, found = threading.Barrier(8), []

    def renew() -> None:
        start.wait()
        found.append(kept.token(CREDENTIAL, instead_of="token-1"))

    threads = [threading.Thread(target=renew) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["token-2"] * 8
    assert len(server.requests) == 2


def test_a_changed_grant_makes_all_tokens_old(peer: Start, kept_by: Callable[[Peer], Tokens]) -> None:
    server = peer(given("token-1"), given("token-2"), given("token-3"), given("token-4"))
    kept = kept_by(server)
    assert (kept.token(CREDENTIAL), kept.token(ADMIN)) == ("token-1", "token-2")
    kept.grant_changed()
    assert (kept.token(CREDENTIAL), kept.token(ADMIN)) == ("token-3", "token-4")


def test_a_grant_that_was_just_made_is_waited_for(peer: Start, kept_by: Callable[[Peer], Tokens], clock: Clock) -> None:
    kept = kept_by(server := peer(NO_GRANT, NO_GRANT, NO_GRANT, given("token-1")))
    kept.grant_changed()
    assert kept.token(CREDENTIAL) == "token-1"
    assert len(server.requests) == 4
    assert len(clock.slept) == 3


def test_the_wait_for_a_new_grant_ends(peer: Start, kept_by: Callable[[Peer], Tokens], clock: Clock) -> None:
    kept = kept_by(peer(NO_GRANT))
    kept.grant_changed()
    with pytest.raises(NotGranted):
        kept.token(CREDENTIAL)
    assert sum(clock.slept) <= GRANT_SETTLES_SECONDS + 1


def test_a_missing_grant_is_not_waited_for_where_none_was_made(
    peer: Start, kept_by: Callable[[Peer], Tokens], clock: Clock
) -> None:
    server = peer(NO_GRANT)
    with pytest.raises(NotGranted) as caught:
        kept_by(server).token(CREDENTIAL)
    assert AUDIENCE in str(caught.value)
    assert len(server.requests) == 1
    assert clock.slept == []


def test_a_wrong_secret_is_not_waited_for_even_after_a_new_grant(
    peer: Start, kept_by: Callable[[Peer], Tokens], clock: Clock
) -> None:
    kept = kept_by(server := peer(reply(401, {"error": "access_denied", "error_description": "Unauthorized"})))
    kept.grant_changed()
    with pytest.raises(WrongCredential) as caught:
        kept.token(CREDENTIAL)
    assert "hunter2" not in str(caught.value)
    assert len(server.requests) == 1


def test_a_refusal_is_not_kept(peer: Start, kept_by: Callable[[Peer], Tokens]) -> None:
    kept = kept_by(peer(NO_GRANT, given("token-1")))
    with pytest.raises(NotGranted):
        kept.token(CREDENTIAL)
    assert kept.token(CREDENTIAL) == "token-1"


def test_an_exceeded_quota_is_waited_for_and_then_told(peer: Start, kept_by: Callable[[Peer], Tokens]) -> None:
    limited = reply(429, {"error": "too_many_requests"}, {"Retry-After": "1"})
    assert kept_by(peer(limited, given("token-1"))).token(CREDENTIAL) == "token-1"
    with pytest.raises(RateLimited, match="/oauth/token"):
        kept_by(peer(limited)).token(CREDENTIAL)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>hunter2</html>", b"[]", b"null", b'"hunter2"', b"{}", b'{"access_token": null}',
     b'{"access_token": ""}', b'{"access_token": ["hunter2"]}', b'{"access_token": 5}', b'{"token": "hunter2"}',
     b'{"access_token": "hun'],
)  # fmt: skip
def test_a_success_without_a_token_is_told_without_its_body(
    peer: Start, kept_by: Callable[[Peer], Tokens], body: bytes
) -> None:
    with pytest.raises(AnswerUnusable, match=HOST) as caught:
        kept_by(peer(reply(200, body))).token(CREDENTIAL)
    assert "hun" not in str(caught.value)


@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "t\u0435n", "a b"])
def test_a_token_that_no_header_can_carry_is_not_accepted(
    peer: Start, kept_by: Callable[[Peer], Tokens], token: str
) -> None:
    with pytest.raises(AnswerUnusable) as caught:
        kept_by(peer(given(token))).token(CREDENTIAL)
    assert token not in str(caught.value)


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_other_refusals_of_a_token_are_errors_of_ours(
    peer: Start, kept_by: Callable[[Peer], Tokens], status: int
) -> None:
    with pytest.raises(ToldNo) as caught:
        kept_by(peer(reply(status, b"<html></html>"))).token(CREDENTIAL)
    assert caught.value.status == status


def test_a_tenants_own_domain_is_asked_for_a_token_for_itself_and_nothing_is_kept(
    peer: Start, kept_by: Callable[[Peer], Tokens]
) -> None:
    server = peer(given("token-1"))
    kept, host = kept_by(server), "customer-1.appliance.test"
    for _ in range(2):
        assert kept.request(host, f"https://{host}/api/v2/", CREDENTIAL)["access_token"] == "token-1"
    assert [request.headers["host"] for request in server.requests] == [host, host]
    assert server.requests[0].json["audience"] == f"https://{host}/api/v2/"


def jwt(claims: Any) -> str:
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.c2ln"


def test_the_scopes_of_a_token_are_read_where_it_says_them() -> None:
    assert tokens.scopes(jwt({"scope": "create:tenants read:tenants"})) == {"create:tenants", "read:tenants"}
    assert tokens.scopes(jwt({"scope": ""})) == frozenset()
    for silent in ("opaque", jwt({}), jwt({"scope": ["create:tenants"]}), jwt([]), "a.b.c", ""):
        assert tokens.scopes(silent) is None
