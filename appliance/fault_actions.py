"""Carries out what the fault plan says of one call, around or in place of the honest answer. Knows no rule of the API.

What is honest comes from the gate as one function; an answer is caught, changed and then sent, cut, held or dropped.
"""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import Message, Receive, Scope, Send

from appliance import connection, fault_pages
from appliance.call import BODY_LIMIT_BYTES
from appliance.clock import SKEW_SECONDS
from appliance.connection import ReadAhead
from appliance.fault_answers import Answer, Question, changed_answer, changed_question
from appliance.fault_state import Fired
from appliance.faults import (
    Asked,
    EmptyBody,
    Ending,
    Hang,
    NotJson,
    Redirect,
    RefuseConnections,
    Reset,
    SlowBody,
    Status,
    Truncate,
)
from appliance.ledger import posted_name
from appliance.requests_log import Entry
from appliance.state import Appliance

Honest = Callable[[Scope, Receive, Send], Awaitable[None]]


class FaultyExchange:
    """One call that may meet faults."""

    def __init__(self, appliance: Appliance, entry: Entry, honest: Honest) -> None:
        self._appliance = appliance
        self._faults = appliance.faults
        self._entry = entry
        self._honest = honest

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._run(scope, receive, send)
        except asyncio.CancelledError:
            await connection.reset(scope, receive)  # the appliance ends while a fault still holds the call

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        ahead = ReadAhead(receive, limit_bytes=BODY_LIMIT_BYTES)
        body = await ahead.body() if self._entry.method != "GET" else b""
        asked = self._asked(body)
        if await self._kept_from_late_domain(asked, send):
            return
        fired = self._faults.fire(asked)
        if not fired:
            await self._honest(scope, ahead.receive, send)
            return
        self._entry.fault = ", ".join(each.rule.name for each in fired)
        ending = next(((each.rule.name, each.rule.action.ending) for each in fired if each.rule.action.ending), None)
        happened = [self._faults.note(each, asked, ending) for each in fired]
        SKEW_SECONDS.set(sum(each.rule.action.clock_skew_seconds for each in fired))
        await _wait(fired, before_answering=False)
        answer = None
        if ending is None or ending[1].carried_out:
            answer = await self._carried_out(scope, ahead, body, fired)
            if answer is None:
                return  # the client left before it had said all
            for each in happened:
                each.carried_out = self._entry.status is not None and self._entry.status < 400
        await _wait(fired, before_answering=True)
        left = await self._end(scope, ahead.receive, send, answer, ending[1] if ending else None)
        for each in happened:
            each.status = left

    def _asked(self, body: bytes) -> Asked:
        entry = self._entry
        name = posted_name(entry, body, self._appliance.names)
        if entry.path.startswith("/api/v2/tenants/") and self._appliance.names.is_rta(entry.host):
            name = entry.path.rpartition("/")[2]
        entry.posted = name if entry.method == "POST" and entry.path == "/api/v2/tenants" else None
        return Asked(entry.method, entry.path, entry.host, name or self._appliance.names.tenant_label(entry.host))

    async def _kept_from_late_domain(self, asked: Asked, send: Send) -> bool:
        late = self._faults.late(self._appliance.names.tenant_label(asked.host))
        answer = None if late is None else fault_pages.not_ready(asked, late.domain)
        if late is None or answer is None:
            return False
        self._entry.fault, self._entry.status = late.rule, answer.status
        self._faults.kept_from(late, asked, status=answer.status)
        await _send(answer, send)
        return True

    async def _carried_out(self, scope: Scope, ahead: ReadAhead, body: bytes, fired: list[Fired]) -> Answer | None:
        """The answer that the honest appliance gives, changed as the fired rules say."""
        entry, names = self._entry, self._appliance.names
        tenant = self._appliance.tenant(entry.host)
        key = await self._appliance.keys.of(tenant.name) if tenant and entry.path == "/oauth/token" else None
        question = Question(scope["query_string"].decode("latin-1"), body, names.tenant_domain, key)
        changed = changed_question(question, tuple(edit for each in fired for edit in each.rule.action.edits))
        if changed.body != body:
            ahead.replace(changed.body)
        caught = _Caught()
        query_string = changed.query.encode("latin-1")
        await self._honest({**scope, "query_string": query_string}, ahead.receive, caught.send)
        entry.delivered = False
        answer = caught.answer()
        if answer is None:
            return None
        for each in fired:
            if entry.made and entry.posted and each.rule.action.late_domain:
                self._faults.delay(entry.posted, each, each.rule.action.late_domain)
            answer = changed_answer(answer, each.rule.action.edits, question, each.chance)
        entry.credential_left = b'"client_secret"' in answer.body or b'"clientSecret"' in answer.body
        return answer

    async def _end(
        self, scope: Scope, receive: Receive, send: Send, answer: Answer | None, ending: Ending | None
    ) -> int | None:
        """Let the exchange end as the plan says; the status that left, if one did."""
        status = None if answer is None else answer.status
        match ending:
            case Reset():
                await connection.reset(scope, receive)
                return None
            case Hang():
                await connection.hold(scope, receive, seconds=ending.seconds)
                return None
            case RefuseConnections():
                self._faults.refuse_connections(ending.seconds)
                await connection.reset(scope, receive)
                return None
            case Truncate() if answer is not None:
                await _send_head(answer, send)
                await send({"type": "http.response.body", "body": answer.body[: ending.size], "more_body": True})
                await connection.cut(scope, receive)
                return status
            case SlowBody() if answer is not None:
                await _send_head(answer, send)
                pause = ending.every_ms / 1000
                await connection.dribble(self._watched(scope, send), answer.body, size=ending.size, every_seconds=pause)
                return status
            case Status() | Redirect() | NotJson() | EmptyBody():
                answer = fault_pages.in_place_of(answer, ending, self._entry.path)
                self._entry.credential_left = False
                if not ending.carried_out:
                    self._entry.status = answer.status
        assert answer is not None
        await _send(answer, self._watched(scope, send))
        return answer.status

    def _watched(self, scope: Scope, send: Send) -> Send:
        """Notes, with the last piece of an answer, whether there was still somebody to take it."""

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                self._entry.delivered = not connection.transport_of(scope).is_closing()
            await send(message)

        return watched


class _Caught:
    """Takes an answer in place of the connection."""

    def __init__(self) -> None:
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._body += message.get("body", b"")

    def answer(self) -> Answer | None:
        if self._start is None:
            return None
        return Answer(self._start["status"], tuple(self._start["headers"]), self._body)


async def _wait(fired: list[Fired], *, before_answering: bool) -> None:
    for each in fired:
        latency = each.rule.action.latency
        if latency is not None and latency.before_answering == before_answering:
            await asyncio.sleep(latency.seconds(each.chance))


async def _send(answer: Answer, send: Send) -> None:
    await _send_head(answer, send)
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


async def _send_head(answer: Answer, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": list(answer.headers)})
