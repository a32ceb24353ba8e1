"""Where every request passes, and every answer. Knows hosts, limits and what must never leave; knows no route.

This is the one place for what concerns each exchange alike: which tenant was asked, the log of requests, the
rate-limit headers, and the JSON of an error, the unexpected one included.
"""

import logging
import time
import traceback
from ipaddress import ip_address

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from appliance.call import reply
from appliance.errors import ApiError, ManagementError, not_found
from appliance.names import Tenant
from appliance.requests_log import Entry
from appliance.state import Appliance

RATE_LIMIT = 50
INTERNAL = "/__appliance/"

logger = logging.getLogger("appliance")


class Gate:
    def __init__(self, appliance: Appliance, routes: ASGIApp) -> None:
        self._appliance = appliance
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = _host(scope)
        path: str = scope["path"]
        if path.startswith(INTERNAL):
            entry = Entry(scope["method"], path, host, None, None, "")
        else:
            entry = self._appliance.log.arrived(method=scope["method"], path=path, host=host)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
                logger.info("%s %s%s %s", entry.method, host, path, entry.status)
                message["headers"] = [*message.get("headers", []), *_rate_limit_headers()]
            await send(message)

        try:
            tenant = self._tenant(scope, host)
            scope.update(appliance=self._appliance, tenant=tenant, entry=entry)
            await self._routes(scope, receive, answer)
        except ClientDisconnect:
            return
        except ApiError as error:
            await reply(error.status, error.body, error.headers)(scope, receive, answer)
        except Exception as error:
            # Its text may quote a body or a secret, so only its kind and its place are logged.
            place = traceback.extract_tb(error.__traceback__)[-1]
            kind = type(error).__name__
            logger.error("%s %s: %s at %s:%s", scope["method"], path, kind, place.filename, place.lineno)
            failure = ManagementError(500, "An internal server error occurred")
            await reply(failure.status, failure.body)(scope, receive, answer)

    def _tenant(self, scope: Scope, host: str) -> Tenant:
        """Who is asked; what the appliance tells about itself it tells under any host, but to loopback only."""
        if scope["path"].startswith(INTERNAL):
            if scope["client"] is None or not ip_address(scope["client"][0]).is_loopback:
                raise not_found()
            return self._appliance.root
        tenant = self._appliance.tenant(host)
        if tenant is None:
            raise not_found(f"Unknown domain: {host[:255]}")
        return tenant


def _host(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"host":
            return str(value.decode("latin-1"))
    return ""


def _rate_limit_headers() -> list[tuple[bytes, bytes]]:
    """The headers without the enforcement: nothing is counted down, so nobody is slowed by them."""
    reset = str(int(time.time()) + 1).encode()
    limit = str(RATE_LIMIT).encode()
    remaining = str(RATE_LIMIT - 1).encode()
    return [
        (b"x-ratelimit-limit", limit),
        (b"x-ratelimit-remaining", remaining),
        (b"x-ratelimit-reset", reset),
    ]
