"""Rules of a fault plan in few words (docs/faults.md). Knows routes; sends nothing."""

from __future__ import annotations

from typing import Any

Rule = dict[str, Any]

POST_TENANT = {"method": "POST", "path": "/api/v2/tenants"}
OWNERS = {"method": "GET", "path": "/api/v2/tenants/owners"}
LIST_TENANTS = {"method": "GET", "path": "/api/v2/tenants"}
DELETE_TENANT = {"method": "DELETE", "path": "/api/v2/tenants/*"}
POST_GRANT = {"method": "POST", "path": "/api/v2/client-grants"}
PATCH_GRANT = {"method": "PATCH", "path": "/api/v2/client-grants/*"}
LIST_GRANTS = {"method": "GET", "path": "/api/v2/client-grants"}
DELETE_GRANT = {"method": "DELETE", "path": "/api/v2/client-grants/*"}
RTA_TOKEN = {"path": "/oauth/token", "host": "rta.*"}
CANARY = "canary-of-a-body"


def on(route: dict[str, Any], *, first: int = 0, after: int = 0, **do: Any) -> Rule:
    """A rule that fires on each call of a route, or on its `first` ones only, or `after` so many."""
    when = ({"first": first} if first else {}) | ({"after": after} if after else {})
    return {"route": route, "do": do} | ({"when": when} if when else {})


def refusal(status: int, message: str = "", code: str = "", **do: Any) -> dict[str, Any]:
    """What a rule does that answers like the Management API; the canary must never be repeated."""
    body = {"statusCode": status, "error": "Refused", "message": message, "errorCode": code, "details": CANARY}
    return {"status": status, "body": {name: value for name, value in body.items() if value}} | do


def token_refusal(status: int, error: str, description: str) -> dict[str, Any]:
    """What a rule does that answers like the token endpoint."""
    return {"status": status, "body": {"error": error, "error_description": description, "details": CANARY}}
