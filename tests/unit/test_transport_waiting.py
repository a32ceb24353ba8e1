"""How long the transport waits when an appliance asks it to slow down: what it is told, within bounds."""

from __future__ import annotations

import email.utils
from collections.abc import Callable

import pytest

from psaas_resources.errors import RateLimited, Unreachable
from psaas_resources.transport import ATTEMPTS, MAX_WAIT_SECONDS, Transport

from .peer import HOST, Peer, reply

URL = f"https://{HOST}/api/v2/tenants"
NOW = 1_000_000.0
Start = Callable[..., Peer]
Make = Callable[..., Transport]


def date(seconds_from_now: float) -> str:
    return email.utils.formatdate(NOW + seconds_from_now, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": " 7 "}, 7.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": date(9)}, 9.0),
        ({"Retry-After": date(-500)}, 0.0),
        ({"X-RateLimit-Reset": "1000004"}, 4.0),
        ({"x-ratelimit-reset": "999000"}, 0.0),
        ({"Retry-After": "3", "X-RateLimit-Reset": "1000020"}, 3.0),
        ({"Retry-After": "86400"}, 30.0),
        ({"Retry-After": "9" * 400}, 30.0),
        ({"X-RateLimit-Reset": "1000000000000"}, 30.0),
        ({}, 0.5),
        ({"Retry-After": "soon"}, 0.5),
        ({"Retry-After": "-5"}, 0.5),
        ({"Retry-After": ""}, 0.5),
        ({"X-RateLimit-Reset": "1e3"}, 0.5),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "1000004"}, 4.0),
    ],
)
def test_a_rate_limit_is_waited_for_as_long_as_the_appliance_asks_within_half_a_minute(
    peer: Start, transport_to: Make, sleeps: list[float], headers: dict[str, str], seconds: float
) -> None:
    server = peer(reply(429, headers=headers), reply(200, {"fine": True}))
    assert transport_to(server).send("GET", URL).json() == {"fine": True}
    assert sleeps == [seconds]


def test_a_rate_limited_once_only_request_is_sent_again_since_nothing_was_made(
    peer: Start, transport_to: Make, sleeps: list[float]
) -> None:
    server = peer(reply(429, headers={"Retry-After": "2"}), reply(201, {"client_id": "abc"}))
    answer = transport_to(server).send("POST", URL, body={"name": "customer-1"}, once=True)
    assert answer.status == 201
    assert [r.json for r in server.requests] == [{"name": "customer-1"}] * 2
    assert sleeps == [2.0]


def test_patience_with_a_rate_limit_ends_after_a_bounded_number_of_tries(
    peer: Start, transport_to: Make, sleeps: list[float]
) -> None:
    server = peer(reply(429, {"message": "secret-in-body"}, {"Retry-After": "1"}))
    with pytest.raises(RateLimited, match="429") as caught:
        transport_to(server).send("GET", URL, token="token-1")
    assert caught.value.status == 429
    assert len(server.requests) == ATTEMPTS
    assert sleeps == [1.0] * (ATTEMPTS - 1)
    assert "secret-in-body" not in str(caught.value)
    assert "token-1" not in str(caught.value)


def test_patience_with_a_rate_limit_ends_after_a_bounded_time(
    peer: Start, transport_to: Make, sleeps: list[float]
) -> None:
    with pytest.raises(RateLimited):
        transport_to(peer(reply(429, headers={"Retry-After": "30"}))).send("GET", URL)
    assert sum(sleeps) <= MAX_WAIT_SECONDS


def test_pauses_double_where_nothing_is_asked_for(peer: Start, transport_to: Make, sleeps: list[float]) -> None:
    with pytest.raises(RateLimited):
        transport_to(peer(reply(429))).send("GET", URL)
    assert sleeps == [0.5, 1.0, 2.0, 4.0]


def test_jitter_only_ever_lengthens_a_pause_and_by_a_quarter_at_most(
    peer: Start, transport_to: Make, sleeps: list[float]
) -> None:
    server = peer(reply(429, headers={"Retry-After": "8"}), reply())
    transport_to(server, jitter=lambda: 1.0).send("GET", URL)
    assert sleeps == [10.0]


def test_a_person_who_waits_is_told_soon_that_there_is_nobody(transport_to: Make, sleeps: list[float]) -> None:
    with pytest.raises(Unreachable):
        transport_to(None, connect_to=("127.0.0.1", 1), unreachable_seconds=2.0).send("GET", URL)
    assert sleeps == [0.5, 1.0]


def test_a_person_who_waits_still_gets_what_a_rate_limit_holds_back(
    peer: Start, transport_to: Make, sleeps: list[float]
) -> None:
    server = peer(reply(429, headers={"Retry-After": "7"}), reply(200, {"fine": True}))
    assert transport_to(server, unreachable_seconds=2.0).send("GET", URL).ok
    assert sleeps == [7.0]


@pytest.mark.parametrize(
    "nonsense",
    ["Fri, 31 Dec 99999 23:59:59 GMT", "Mon, 00 Jan 0000 00:00:00 GMT", "Mon, 99 Jan 2026 99:99:99 +9999"],
)
def test_a_date_that_cannot_be_is_no_crash(peer: Start, transport_to: Make, nonsense: str) -> None:
    server = peer(reply(429, headers={"Retry-After": nonsense}), reply(200, {"fine": True}))
    assert transport_to(server).send("GET", URL).ok
