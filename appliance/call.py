"""One call, read and authorised before a handler sees it. Knows HTTP bodies and who may ask; knows no noun."""

import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from appliance.errors import ManagementError, insufficient_scope, not_found
from appliance.names import Tenant
from appliance.requests_log import Entry
from appliance.state import Appliance

BODY_LIMIT_BYTES = 1024 * 1024
# A client that is still sending would see a reset instead of the 413, so a little more is read and thrown away.
DISCARD_LIMIT_BYTES = 16 * BODY_LIMIT_BYTES


@dataclass(frozen=True)
class Call:
    """What a handler works with. `client_id` and `scopes` are the token's, empty where no token was needed."""

    appliance: Appliance
    tenant: Tenant
    entry: Entry
    headers: Headers
    path: Mapping[str, str]
    query: list[tuple[str, str]]
    body: bytes
    client_id: str
    scopes: frozenset[str]

    def json(self) -> object:
        """The body as JSON, or as the form that the API accepts in its place; raises the 400."""
        content_type = self.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if content_type == "application/x-www-form-urlencoded":
            return self.form()
        if content_type != "application/json" and not content_type.endswith("+json"):
            raise ManagementError(415, f"Unsupported content type: {content_type[:80]}")
        try:
            value: object = json.loads(self.body, parse_constant=_no_constant)
            if b"\\u" in self.body:
                json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
        except (ValueError, RecursionError):
            raise ManagementError(400, "The request body is not valid JSON", code="invalid_body") from None
        return value

    def form(self) -> dict[str, object]:
        """A form's fields, all of them text; a field that comes twice becomes a list."""
        fields: dict[str, list[str]] = {}
        try:
            for name, value in parse_qsl(self.body.decode(), keep_blank_values=True, errors="strict"):
                fields.setdefault(name, []).append(value)
        except ValueError:
            raise ManagementError(400, "The request body is not a valid form", code="invalid_body") from None
        return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


Handler = Callable[[Call], Response | Awaitable[Response]]


@dataclass(frozen=True)
class Operation:
    """A handler and the scopes of which a token needs any one; no scopes, no token."""

    handler: Handler
    scopes: tuple[str, ...]


class Resource:
    """One path and its methods, as an ASGI application."""

    def __init__(self, operations: Mapping[str, Operation], *, root_only: bool, hides_others: bool) -> None:
        self._operations = operations
        self._root_only = root_only
        self._hides_others = hides_others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        appliance: Appliance = scope["appliance"]
        tenant: Tenant = scope["tenant"]
        entry: Entry = scope["entry"]
        operation = self._operation(scope["method"], tenant)
        headers = Headers(scope=scope)
        client_id, granted = "", frozenset[str]()
        if operation.scopes:
            bearer = appliance.bearers.read(tenant, headers.get("authorization"))
            entry.client_id = client_id = bearer.client_id
            granted = bearer.scopes
            if granted.isdisjoint(operation.scopes):
                raise insufficient_scope(operation.scopes)
        body = await _read_body(headers, receive) if scope["method"] != "GET" else b""
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        path: Mapping[str, str] = scope["path_params"]
        call = Call(appliance, tenant, entry, headers, path, query, body, client_id, granted)
        response = operation.handler(call)
        if inspect.isawaitable(response):
            response = await response
        await response(scope, receive, send)

    def _operation(self, method: str, tenant: Tenant) -> Operation:
        if self._root_only and not tenant.is_root:
            raise not_found()
        operation = self._operations.get(method)
        if operation is None:
            if self._hides_others:
                raise not_found()
            raise ManagementError(405, "Method Not Allowed", headers={"allow": ", ".join(sorted(self._operations))})
        return operation


async def _read_body(headers: Headers, receive: Receive) -> bytes:
    """The whole body; raises the 413 without ever holding more than the limit."""
    chunks: list[bytes] = []
    size, more = 0, True
    declared = headers.get("content-length", "0")
    too_big = declared.isdecimal() and int(declared[:18]) > DISCARD_LIMIT_BYTES
    while more and not too_big:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= BODY_LIMIT_BYTES:
            chunks.append(chunk)
        else:
            chunks.clear()
            too_big = size > DISCARD_LIMIT_BYTES
        more = message.get("more_body", False)
    if size > BODY_LIMIT_BYTES or too_big:
        reason = f"The request body is larger than {BODY_LIMIT_BYTES} bytes"
        raise ManagementError(413, reason, headers={"connection": "close"})
    return b"".join(chunks)


def reply(status: int, body: object, headers: Mapping[str, str] | None = None) -> Response:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, status, headers, "application/json; charset=utf-8")


def no_content() -> Response:
    return Response(None, 204)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
