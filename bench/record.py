"""The appliance's own record of requests, counted by kind. Knows the API's paths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

RTA_TOKEN = "RTA token"  # noqa: S105 - the words of a table
TENANT_TOKEN = "tenant token"  # noqa: S105
TENANT_POST = "tenant POST"
GRANT_POST = "grant POST"
TENANT_PAGE = "page of tenants"
_OF_THE_RTA = {
    ("POST", "/oauth/token"): RTA_TOKEN,
    ("POST", "/api/v2/tenants"): TENANT_POST,
    ("GET", "/api/v2/tenants"): TENANT_PAGE,
    ("POST", "/api/v2/client-grants"): GRANT_POST,
}


def counted(calls: Iterable[Mapping[str, Any]], *, rta: str) -> dict[str, int]:
    """How many requests of each kind; what the bench itself asked of the appliance is left out."""
    kinds = Counter(_kind(call, rta) for call in calls if not str(call["path"]).startswith("/__appliance/"))
    return dict(sorted(kinds.items()))


def _kind(call: Mapping[str, Any], rta: str) -> str:
    method, path = str(call["method"]), str(call["path"]).partition("?")[0]
    if str(call["host"]) != rta:
        return TENANT_TOKEN if path == "/oauth/token" else f"{method} of a tenant"
    if known := _OF_THE_RTA.get((method, path)):
        return known
    return f"{method} {'/'.join(path.split('/')[:4])}"
