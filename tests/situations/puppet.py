"""A stand-in that answers each call with exactly the bytes that a test made up, over real TLS. Knows no rules."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from psaas_resources import escrow as escrow_module
from psaas_resources import settings as settings_module
from psaas_resources.client_grant_handler import ClientGrantHandler
from psaas_resources.client_grant_state import Grant
from psaas_resources.management import Management
from psaas_resources.posting import Posting
from psaas_resources.tenant_handler import TenantHandler
from psaas_resources.tenant_state import TenantState
from tests import hurried
from tests.unit.peer import Authority, Peer, Request, reply

RTA = "rta.appliance.test"
NAME = "customer-1"
DOMAIN = f"{NAME}.appliance.test"
SECRET = "canary-of-a-provisioning-secret"
DELIVERED = "canary-of-a-delivered-secret"


@dataclass(frozen=True)
class Told:
    """An answer: a status, a body and headers."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def document(self) -> Any:
        try:
            return None if self.status == 204 else json.loads(self.body)  # which has no body, whatever was sent
        except (ValueError, RecursionError):
            return None


def told(document: Any, status: int = 200) -> Told:
    return Told(status, json.dumps(document).encode())


HONEST: dict[tuple[str, str], Told] = {
    ("POST", "/oauth/token"): told({"access_token": "an-opaque-token", "expires_in": 3600}),
    ("GET", "/.well-known/jwks.json"): told({"keys": []}),
    ("GET", "/.well-known/openid-configuration"): told({}, 404),
    ("GET", "/api/v2/tenants"): told([{"name": NAME}]),
    ("POST", "/api/v2/tenants"): told({"name": NAME, "client_id": "abc", "client_secret": DELIVERED}, 201),
}


class Puppet:
    """Answers honestly but where `lies` has another answer for a route (method, path)."""

    def __init__(self, authority: Authority, folder: Path) -> None:
        self.lies: dict[tuple[str, str], Told] = {}
        self.said: list[str] = []
        self._folder, self._authority, self._examples = folder, authority, 0
        self.peer = Peer(self._act, context=authority.context())

    def begin(self) -> None:
        """Another example: an empty escrow, nothing asked yet, honest answers."""
        self._examples += 1
        self.lies, self.said = {}, []
        self.peer.requests.clear()

    def handlers(self) -> tuple[TenantHandler, ClientGrantHandler, escrow_module.Escrow]:
        """A run of its own."""
        config = {"domain": RTA, "clientId": "provisioning", "adminClientId": "admin"}
        address, port = self.peer.address
        environment = {
            "PSAAS_CONNECT_TO": f"{address}:{port}",
            "PSAAS_CA_BUNDLE": self._authority.pem,
            "PSAAS_CLIENT_SECRET": SECRET,
            "PSAAS_ADMIN_CLIENT_SECRET": SECRET,
            "PSAAS_ESCROW_DIR": str(self._folder / str(self._examples)),
        }
        settings = settings_module.read(config.get, environment)
        escrow_module.of.cache_clear()
        escrow = escrow_module.of(settings)
        transport = hurried.transport(ca_bundle=settings.ca_bundle, connect_to=settings.connect_to, timeout_seconds=5)
        api = Management(settings, transport=transport)
        warn = self.said.append
        return TenantHandler(api, escrow, Posting(1), warn=warn), ClientGrantHandler(api, escrow, warn=warn), escrow

    def asked(self, *methods: str, path: str = "/api/") -> list[Request]:
        return [r for r in self.peer.requests if r.method in methods and r.target.startswith(path)]

    def _act(self, stream: Any, request: Request) -> bool:
        key = (request.method, request.target.partition("?")[0])
        answer = self.lies.get(key) or HONEST.get(key) or told({"message": "Not Found"}, 404)
        return reply(answer.status, answer.body, answer.headers)(stream, request)


def wanted() -> TenantState:
    return TenantState(rta=RTA, tenant_domain="appliance.test", name=NAME, owners=("me@email.com",))


def known() -> TenantState:
    """A tenant as an earlier run left it in the state."""
    return TenantState(
        rta=RTA, tenant_domain="appliance.test", name=NAME, owners=("me@email.com",), deletion="delete",
        applied_owners=("me@email.com",), domain=DOMAIN, audience=f"https://{DOMAIN}/api/v2/", client_id="abc",
        client_secret=DELIVERED, ready=True, managed_since="2026-01-01T00:00:00+00:00",
    )  # fmt: skip


def grant() -> Grant:
    return Grant(RTA, "provisioning", f"https://{RTA}/api/v2/", ("create:tenants",))


# -- made-up answers --------------------------------------------------------------------------------------------

_TEXTS = st.sampled_from(
    [NAME, DOMAIN, "customer-2", "evil.example.com", "abc", "cgr_1", "provisioning",
     f"https://{RTA}/api/v2/", f"https://{DOMAIN}/", "create:tenants", "client", "user", "",
     "a.b.c", "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2V2aWwvIn0.", "x\r\ny: z", "\x1b[31m", "ü" * 300]
)  # fmt: skip
_KEYS = st.sampled_from(
    "client_id client_secret clientId clientSecret name tenant_name domain tenant client management_client "
    "credentials tenants client_grants keys next id audience scope is_system subject_type allow_all_scopes "
    "access_token expires_in token_type error error_description message errorCode statusCode issuer kid "
    "total start limit".split()
)
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS | st.text(max_size=20)


def _delivering(document: Any) -> Any:
    """The document with the one secret that is searched for wherever it has room for a secret, and nowhere else."""
    if isinstance(document, list):
        return [_delivering(item) for item in document]
    if not isinstance(document, dict):
        return document
    secret = ("client_secret", "clientSecret")
    return {
        key: DELIVERED if key in secret and isinstance(value, str) and value else _delivering(value)
        for key, value in document.items()
    }


documents = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6),
    max_leaves=20,
).map(_delivering)
bodies = (
    documents.map(lambda document: json.dumps(document).encode())
    | st.binary(max_size=200)
    | documents.map(lambda document: json.dumps(document).encode()[:-1])
    | st.sampled_from([b"", b"<html>Log in</html>", b"[" * 100_000, b"{}", b"[]", b"null", b"\xff\xfe{}", b"NaN"])
)
statuses = st.sampled_from(
    [200, 200, 200, 201, 202, 204, 206, 301, 302, 304, 400, 401, 403, 404, 405, 409, 418, 422, 429, 500, 503, 599]
)
headers = st.dictionaries(
    st.sampled_from(["Retry-After", "X-RateLimit-Reset", "Content-Type", "Location", "Set-Cookie", "Content-Encoding"]),
    st.sampled_from(["0", "-1", "soon", "9" * 400, "Thu, 01 Jan 1970 00:00:00 GMT", "text/html", "identity", "gzip"]),
    max_size=3,
)
answers = st.builds(Told, statuses, bodies, headers)
