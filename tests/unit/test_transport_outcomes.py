"""Which failures leave a request's outcome open. A request that may be sent once is received once at most."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

import pytest

from psaas_resources.errors import AnswerUnusable, CouldNotTalk, OutcomeUnknown, PsaasError, Unreachable
from psaas_resources.transport import ATTEMPTS, MAX_ANSWER_BYTES, MAX_WAIT_SECONDS, Transport

from .peer import HOST, Peer, Request, raw, reply, reset, silence

URL = f"https://{HOST}/api/v2/tenants"
HALF = b'HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{"client_id": "abc", "client_se'
Start = Callable[..., Peer]
Make = Callable[..., Transport]


def post_once(transport: Transport) -> None:
    transport.send("POST", URL, token="token-1", body={"name": "customer-1"}, once=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_refused_connection_is_tried_again_for_a_bounded_time(transport_to: Make, sleeps: list[float]) -> None:
    transport = transport_to(None, connect_to=("127.0.0.1", free_port()))
    with pytest.raises(Unreachable, match=HOST) as caught:
        post_once(transport)
    assert len(sleeps) == ATTEMPTS - 1
    assert sum(sleeps) <= MAX_WAIT_SECONDS
    assert "token-1" not in str(caught.value)


def hang_up(stream: socket.socket) -> None:
    stream.recv(1)


def break_off(stream: socket.socket) -> None:
    stream.recv(1)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def refuse_by_alert(stream: socket.socket) -> None:
    stream.recv(65536)
    stream.sendall(b"\x15\x03\x03\x00\x02\x02\x28")  # alert: fatal, handshake_failure


def say_nothing(stream: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while stream.recv(65536):
            pass


@pytest.mark.parametrize("greeting", [hang_up, break_off, refuse_by_alert, say_nothing])
def test_a_tls_handshake_that_fails_is_not_an_unknown_outcome_since_no_request_has_left(
    peer: Start, transport_to: Make, greeting: Callable[[socket.socket], None]
) -> None:
    server = peer(greeting=greeting)
    with pytest.raises(CouldNotTalk) as caught:
        post_once(transport_to(server, timeout_seconds=0.2))
    assert not isinstance(caught.value, OutcomeUnknown)


@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "t\u00f6k\u0435n", "a\nb"])
def test_a_token_that_no_header_can_carry_is_an_error_of_ours_and_nothing_is_sent(
    peer: Start, transport_to: Make, token: str
) -> None:
    server = peer()
    with pytest.raises(PsaasError) as caught:
        transport_to(server).send("POST", URL, token=token, body={}, once=True)
    assert server.requests == []
    assert not isinstance(caught.value, OutcomeUnknown)
    assert token not in str(caught.value)


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(reset, id="reset"),
        pytest.param(raw(b""), id="closed without an answer"),
        pytest.param(raw(HALF), id="half a body"),
        pytest.param(raw(HALF[:11]), id="half a status line"),
        pytest.param(raw(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"), id="half a chunk"),
        pytest.param(raw(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), id="no chunk"),
        pytest.param(raw(b"hello\r\n\r\n"), id="not HTTP"),
        pytest.param(
            raw(b"HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"), id="bad gzip"
        ),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 2000 + b"\r\n"), id="endless headers"),
    ],
)
def test_a_lost_answer_of_a_once_only_request_is_an_unknown_outcome_and_the_request_is_not_repeated(
    peer: Start, transport_to: Make, sleeps: list[float], act: Any
) -> None:
    server = peer(act)
    with pytest.raises(OutcomeUnknown, match=HOST) as caught:
        post_once(transport_to(server))
    assert len(server.requests) == 1
    assert sleeps == []
    assert "token-1" not in str(caught.value)


def test_no_answer_in_time_to_a_once_only_request_is_an_unknown_outcome(peer: Start, transport_to: Make) -> None:
    server = peer(silence)
    with pytest.raises(OutcomeUnknown, match="in time"):
        post_once(transport_to(server, timeout_seconds=0.3))
    assert len(server.requests) == 1


def test_an_answer_that_trickles_in_is_given_up_after_the_time_for_one_answer(peer: Start, transport_to: Make) -> None:
    trickled: list[int] = []
    pause = threading.Event()

    def trickle(stream: Any, _: Request) -> bool:
        stream.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 40\r\n\r\n")
        for number in range(40):
            trickled.append(number)
            stream.sendall(b"x")
            pause.wait(0.1)
        return False

    with pytest.raises(OutcomeUnknown):
        post_once(transport_to(peer(trickle), timeout_seconds=0.5))
    assert len(trickled) < 40


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 507, 520, 521, 522, 523, 524, 525, 530, 599])
def test_a_server_error_on_a_once_only_request_is_an_unknown_outcome(
    peer: Start, transport_to: Make, status: int
) -> None:
    server = peer(reply(status, b"<html>sorry</html>"))
    with pytest.raises(OutcomeUnknown, match=str(status)):
        post_once(transport_to(server))
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [200, 201, 204, 400, 401, 403, 404, 409, 413, 422])
def test_an_answer_is_handed_over_whatever_it_says(peer: Start, transport_to: Make, status: int) -> None:
    server = peer(reply(status, b"" if status == 204 else b'{"a": 1}'))
    answer = transport_to(server).send("POST", URL, once=True)
    assert answer.status == status
    assert answer.ok is (status < 300)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 524])
def test_a_passing_error_of_a_read_is_tried_again(
    peer: Start, transport_to: Make, sleeps: list[float], status: int
) -> None:
    server = peer(reply(status), reply(status), reply(200, {"fine": True}))
    assert transport_to(server).send("GET", URL).json() == {"fine": True}
    assert sleeps == [0.5, 1.0]


def test_a_lasting_server_error_of_a_read_is_handed_over_in_the_end(peer: Start, transport_to: Make) -> None:
    server = peer(reply(503))
    assert transport_to(server).send("GET", URL).status == 503
    assert len(server.requests) == ATTEMPTS


@pytest.mark.parametrize("act", [reset, raw(b""), raw(HALF)])
def test_a_broken_answer_to_a_read_is_tried_again(peer: Start, transport_to: Make, act: Any) -> None:
    server = peer(act, reply(200, {"fine": True}))
    assert transport_to(server).send("GET", URL).json() == {"fine": True}
    assert len(server.requests) == 2


def test_a_read_that_never_succeeds_ends_after_a_bounded_number_of_tries(
    peer: Start, transport_to: Make, sleeps: list[float]
) -> None:
    server = peer(reset)
    with pytest.raises(CouldNotTalk):
        transport_to(server).send("GET", URL)
    assert len(server.requests) == ATTEMPTS
    assert sum(sleeps) <= MAX_WAIT_SECONDS


def test_an_answer_beyond_the_limit_is_not_read_on(peer: Start, transport_to: Make) -> None:
    server = peer(reply(200, b"x" * (MAX_ANSWER_BYTES + 1)))
    with pytest.raises(AnswerUnusable, match="8 MiB"):
        transport_to(server).send("GET", URL)


def test_a_page_instead_of_json_is_no_crash_and_the_message_keeps_the_page_to_itself(
    peer: Start, transport_to: Make
) -> None:
    answer = transport_to(peer(reply(200, b"<html>secret-in-page</html>"))).send("GET", URL, query={"from": "x"})
    with pytest.raises(AnswerUnusable, match="not JSON") as caught:
        answer.json()
    assert "secret-in-page" not in str(caught.value)
    assert "secret-in-page" not in repr(answer)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 200_000, b'"\xff"', b"1" * 10_000])
def test_bodies_that_break_a_json_parser_are_no_crash(peer: Start, transport_to: Make, body: bytes) -> None:
    answer = transport_to(peer(reply(200, body))).send("GET", URL)
    with pytest.raises(AnswerUnusable):
        answer.json()


def test_connections_are_kept_and_used_again(peer: Start, transport_to: Make) -> None:
    server = peer()
    transport = transport_to(server)
    for _ in range(10):
        transport.send("GET", URL)
        transport.send("GET", "https://customer-1.appliance.test/oauth/token")
    assert len(server.requests) == 20
    assert len({r.connection for r in server.requests if r.headers["host"] == HOST}) == 1
    assert server.connections <= 2


def test_a_refusal_keeps_the_connection(peer: Start, transport_to: Make) -> None:
    server = peer(reply(409, b'{"message": "taken"}'))
    transport = transport_to(server)
    for _ in range(5):
        transport.send("POST", URL, body={}, once=True)
    assert server.connections == 1


def test_a_connection_that_was_closed_while_idle_does_not_cost_a_once_only_request(
    peer: Start, transport_to: Make
) -> None:
    def answer_and_leave(stream: Any, request: Request) -> bool:
        reply()(stream, request)
        return False

    server = peer(answer_and_leave, reply(201, {"client_id": "abc"}))
    transport = transport_to(server)
    transport.send("GET", URL)
    assert server.closed.acquire(timeout=20)
    assert transport.send("POST", URL, body={"name": "customer-1"}, once=True).status == 201


def test_many_threads_share_one_transport(peer: Start, transport_to: Make) -> None:
    server = peer(reply(200, {"fine": True}))
    transport = transport_to(server)
    answers: list[int] = []

    def send() -> None:
        for _ in range(5):
            answers.append(transport.send("GET", URL).status)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 40
    assert server.connections <= 8
