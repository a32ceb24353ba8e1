"""How connections are made and trusted, and what their failures mean. Knows TLS and the HTTP library.

One trust for every host, optionally another address under the same names, and for each failure whether anything can
have reached the appliance.
"""

from __future__ import annotations

import ssl
from queue import LifoQueue
from typing import Any
from urllib.parse import urlsplit

import certifi
import requests
import urllib3.exceptions as low
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPSConnection

from . import rules
from .errors import CouldNotTalk, OutcomeUnknown, Unreachable, Untrusted


class _Connection(HTTPSConnection):
    """A connection whose failures say whether they came before any byte of a request."""

    def connect(self) -> None:
        try:
            super().connect()
        except Exception as error:
            error.__dict__["before_sending"] = True
            raise


class _Kept(LifoQueue[Any]):
    """The connections that a pool keeps. Empty at first: urllib3 would note each free place, for every new tenant."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        if item is not None:
            super().put(item, block, timeout)


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _Connection
    QueueCls = _Kept


_POOLS = {"https": _Pool, "http": HTTPConnectionPool}  # the second for plain proxies only


class Adapter(HTTPAdapter):
    """Our own trust for every host; optionally another address to connect to, under the same name."""

    def __init__(self, trusted: ssl.SSLContext, connect_to: tuple[str, int] | None) -> None:
        self._trust = trusted
        self._connect_to = connect_to
        super().__init__(pool_connections=64, pool_maxsize=64)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._trust)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs, ssl_context=self._trust)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        pool: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED"}
        if self._connect_to:
            pool |= {"server_hostname": host["host"]}  # OpenSSL checks the certificate against it
            host |= {"host": self._connect_to[0], "port": self._connect_to[1]}
        return host, pool

    def add_headers(self, request: Any, **_: Any) -> None:
        if self._connect_to:
            request.headers["Host"] = urlsplit(request.url).netloc

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """An answer without its cookies: each request stands for itself."""
        response = requests.Response()
        response.status_code, response.headers, response.raw = resp.status, CaseInsensitiveDict(resp.headers), resp
        response.request, response.url = req, str(req.url)
        return response

    def cert_verify(self, *_: Any) -> None:
        """Nothing to add per connection: the context has it all, and requests would load its own list again."""


def trust(ca_bundle: str) -> ssl.SSLContext:
    """TLS 1.2 or newer, names checked; `ca_bundle` alone, or the system's and the usual public authorities."""
    if ca_bundle:
        try:
            context = ssl.create_default_context(cafile=ca_bundle)
        except (OSError, ssl.SSLError):
            raise Untrusted(f"psaas:caBundle: {ca_bundle} holds no usable PEM certificates") from None
    else:
        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def translated(what: str, host: str, error: Exception) -> CouldNotTalk:
    """The HTTP library's failure in our words: above all, whether anything can have reached the appliance."""
    causes = list(_chain(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Untrusted(
                f"{what}: the certificate of {host} was not accepted: {cause.verify_message}; "
                "if the appliance has a CA of its own, name its PEM file in psaas:caBundle or PSAAS_CA_BUNDLE"
            )
    for cause in causes:
        if isinstance(cause, ssl.SSLError) and (cause.reason or "") in _NO_TLS:
            return Untrusted(f"{what}: {host} does not speak TLS 1.2 or newer there ({cause.reason})")
        if isinstance(cause, low.ProxyError | requests.exceptions.ProxyError):
            return Unreachable(f"{what}: the proxy refused or did not answer; check HTTPS_PROXY and NO_PROXY")
        if isinstance(cause, low.NameResolutionError):
            way = "check psaas:domain and DNS"
            if rules.is_local(host):
                way += '; where a local appliance is, PSAAS_CONNECT_TO says: eval "$(psaas appliance env)"'
            return Unreachable(f"{what}: the name {host} does not resolve; {way}")
        if isinstance(cause, low.NewConnectionError):  # before the time-out, whose kind it is too
            way = "is the appliance up and reachable from here?"
            if rules.is_local(host):
                way += " A local one is started by `make up` or `psaas appliance up`"
            return Unreachable(f"{what}: could not connect to {host}; {way}")
        if isinstance(cause, low.ConnectTimeoutError | requests.exceptions.ConnectTimeout):
            return Unreachable(f"{what}: {host} did not accept a connection in time")
    if any(getattr(cause, "before_sending", False) for cause in causes):
        hint = "does it speak TLS 1.2 or newer?"
        return Unreachable(f"{what}: {host} accepted a connection, and no TLS session came about; {hint}")
    kind = "no answer in time" if any("Timeout" in type(c).__name__ for c in causes) else "the connection broke"
    return OutcomeUnknown(f"{what}: {kind} after the request was sent")


_NO_TLS = frozenset(
    {"WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "UNKNOWN_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION",
     "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "NO_PROTOCOLS_AVAILABLE"}
)  # fmt: skip


def _chain(error: BaseException | None) -> Any:
    """An error and everything it was made from: `reason`s, causes and wrapped arguments."""
    seen: set[int] = set()
    todo = [error]
    while todo:
        current = todo.pop()
        if isinstance(current, BaseException) and id(current) not in seen:
            seen.add(id(current))
            yield current
            todo += [getattr(current, "reason", None), current.__cause__, current.__context__, *current.args]
