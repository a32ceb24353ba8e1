"""What is answered in place of an honest answer: errors, a load balancer's pages, redirects. Knows no connection."""

import json
from http import HTTPStatus

from appliance import rate_limits
from appliance.clock import seconds
from appliance.fault_answers import Answer, Header
from appliance.faults import Asked, EmptyBody, LateDomain, NotJson, Redirect, Status

JSON_TYPE = b"application/json; charset=utf-8"
HTML_TYPE = b"text/html; charset=utf-8"
STANDARD = frozenset(status.value for status in HTTPStatus)
MESSAGES = {429: rate_limits.MESSAGE, 500: "An internal server error occurred", 524: "A timeout occurred"}


def in_place_of(honest: Answer | None, ending: Status | Redirect | NotJson | EmptyBody, path: str) -> Answer:
    match ending:
        case Status():
            return _status(ending, path)
        case Redirect():
            return _answer(302, HTML_TYPE, _page(302, "Found"), [(b"location", ending.to.encode())])
        case NotJson():
            return _answer(200, HTML_TYPE, _page(200, "Log in"), [])
        case EmptyBody():
            return (honest or _answer(200, JSON_TYPE, b"", [])).with_body(b"")


def not_ready(asked: Asked, domain: LateDomain) -> Answer | None:
    """What a domain answers that is not ready yet; None where this call is answered all the same."""
    if domain.how != "token_endpoint":
        return None  # it fails before there is a call, see `tls`
    if domain.answer == "access_denied":
        denied = _json(401, {"error": "access_denied", "error_description": "Unauthorized"}, [])
        return denied if asked.path == "/oauth/token" else None
    if domain.answer == "html":
        return _answer(503, HTML_TYPE, _page(503, _phrase(503)), [])
    return _status(Status(int(domain.answer)), asked.path)


def _status(fault: Status, path: str) -> Answer:
    headers: list[Header] = []
    if fault.reset_seconds is not None:
        given = fault.reset_seconds
        reset = given if isinstance(given, str) else int(seconds()) + given
        headers += rate_limits.limit_headers(rate_limits.LIMIT, 0, reset)
    if fault.retry_after is not None:
        headers.append((b"retry-after", str(fault.retry_after).encode()))
    elif fault.retry_after_date is not None:
        headers.append((b"retry-after", rate_limits.http_date(int(seconds()) + fault.retry_after_date)))
    if fault.html:
        return _answer(fault.status, HTML_TYPE, _page(fault.status, _phrase(fault.status)), headers)
    return _json(fault.status, fault.body if fault.body is not None else _error(fault.status, path), headers)


def _error(status: int, path: str) -> dict[str, object]:
    message = MESSAGES.get(status, _phrase(status))
    if path == "/oauth/token":
        error = {401: "access_denied", 403: "access_denied", 429: "too_many_requests"}.get(status, "server_error")
        return {"error": error, "error_description": message}
    body: dict[str, object] = {"statusCode": status, "error": _phrase(status), "message": message}
    return {**body, "errorCode": "too_many_requests"} if status == 429 else body


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in STANDARD else "A Timeout Occurred"


def _page(status: int, title: str) -> bytes:
    heading = f"{status} {title}"
    return (
        f"<html>\r\n<head><title>{heading}</title></head>\r\n<body>\r\n<center><h1>{heading}</h1></center>\r\n"
        "<hr><center>load balancer</center>\r\n</body>\r\n</html>\r\n"
    ).encode()


def _json(status: int, body: object, headers: list[Header]) -> Answer:
    return _answer(status, JSON_TYPE, json.dumps(body, ensure_ascii=False).encode(), headers)


def _answer(status: int, content_type: bytes, body: bytes, headers: list[Header]) -> Answer:
    standing = [rate_limits.date(), (b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    return Answer(status, (*standing, *headers), body)
