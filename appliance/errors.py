"""What the appliance says when it says no. Knows the two documented bodies of an error; knows no rule behind one.

The Management API answers `{"statusCode", "error", "message", "errorCode"}`, the token endpoint the OAuth body
`{"error", "error_description", "error_uri"}`. Whoever finds a mistake raises one of these; the gate turns it
into an answer, so no handler builds an error response by hand.
"""

from collections.abc import Mapping
from http import HTTPStatus


class ApiError(Exception):
    """An answer that is an error: its status, its JSON body and the headers that belong to it."""

    def __init__(self, status: int, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


class ManagementError(ApiError):
    """An error of the Management API, or of any path that is not the token endpoint."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        attributes: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        body: dict[str, object] = {
            "statusCode": status,
            "error": HTTPStatus(status).phrase,
            "message": message,
        }
        if code is not None:
            body["errorCode"] = code
        if attributes is not None:
            body["attributes"] = dict(attributes)
        super().__init__(status, body, headers)


class OAuthError(ApiError):
    """An error of the token endpoint."""

    def __init__(self, status: int, error: str, description: str, *, uri: str | None = None) -> None:
        body = {"error": error, "error_description": description}
        if uri is not None:
            body["error_uri"] = uri
        super().__init__(status, body)


def invalid_body(reason: str) -> ManagementError:
    return ManagementError(400, f"Payload validation error: {reason}", code="invalid_body")


def invalid_query(reason: str) -> ManagementError:
    return ManagementError(400, f"Query validation error: {reason}", code="invalid_query_string")


def unauthorized(message: str) -> ManagementError:
    return ManagementError(401, message, attributes={"error": message})


def insufficient_scope(expected: tuple[str, ...]) -> ManagementError:
    message = f"Insufficient scope, expected any of: {','.join(expected)}"
    return ManagementError(403, message, code="insufficient_scope")


def not_found(message: str = "Not Found", *, code: str | None = None) -> ManagementError:
    return ManagementError(404, message, code=code)


def system_object(message: str) -> ManagementError:
    """What the appliance made for itself can be read, and neither changed nor deleted."""
    return ManagementError(403, message, code="operation_not_supported")


def conflict(message: str, *, code: str | None = None) -> ManagementError:
    return ManagementError(409, message, code=code)
