"""Where every request passes, and every answer. Knows hosts, limits and what must never leave; knows no route.

This is the one place for what concerns each exchange alike: which tenant was asked, the log of requests, the rate
limits, faults where there is a plan, and the JSON of an error, the unexpected one included.
"""

import logging
import traceback
from ipaddress import ip_address

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from appliance import ledger, rate_limits
from appliance.call import reply
from appliance.connection import transport_of
from appliance.errors import ApiError, ManagementError, not_found
from appliance.fault_actions import FaultyExchange
from appliance.names import Tenant
from appliance.requests_log import Entry
from appliance.state import Appliance

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
            scope["entry"] = Entry(scope["method"], path, host, None, None, "")
            await self._answer(scope, receive, send)
            return
        scope["entry"] = entry = self._appliance.log.arrived(method=scope["method"], path=path, host=host)
        if self._appliance.faults.quiet:
            await self._answer(scope, receive, send)
        else:
            await FaultyExchange(self._appliance, entry, self._answer).run(scope, receive, send)
        if entry.posted is not None:
            ledger.ended(self._appliance.store, entry)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer honestly, an error included."""
        entry: Entry = scope["entry"]
        headers = rate_limits.headers()

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
                logger.info("%s %s%s %s", entry.method, entry.host, entry.path, entry.status)
                message["headers"] = [*message.get("headers", []), *headers]
            elif entry.made:
                entry.delivered = not transport_of(scope).is_closing()
            await send(message)

        try:
            tenant = self._tenant(scope, entry.host)
            scope.update(appliance=self._appliance, tenant=tenant)
            if self._appliance.limits is not None and not entry.path.startswith(INTERNAL):
                allowed, headers = self._appliance.limits.take(tenant.name)
                if not allowed:
                    raise rate_limits.refusal(entry.path)
            await self._routes(scope, receive, answer)
        except ClientDisconnect:
            return
        except ApiError as error:
            await reply(error.status, error.body, error.headers)(scope, receive, answer)
        except Exception as error:
            # Its text may quote a body or a secret, so only its kind and its place are logged.
            place = traceback.extract_tb(error.__traceback__)[-1]
            kind = type(error).__name__
            logger.error("%s %s: %s at %s:%s", entry.method, entry.path, kind, place.filename, place.lineno)
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
