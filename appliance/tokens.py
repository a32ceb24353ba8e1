"""The token endpoint and the public keys. Knows client credentials and every reason to refuse one.

Knows nothing of the Management API but that it is an API like others, which clients are granted.
"""

import base64
import binascii
import json
from urllib.parse import unquote

from starlette.responses import Response

from appliance import assertions, bearer, clients, public_keys
from appliance.call import Call, reply
from appliance.errors import ManagementError, OAuthError
from appliance.public_keys import ALGORITHMS
from appliance.resource_servers import known_scopes

GRANT_TYPE = "client_credentials"
ASSERTED = ("client_assertion", "client_assertion_type")
GRANT_TYPES_PAGE = "https://auth0.com/docs/clients/client-grant-types"
GRANTS_PAGE = "https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants"
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}


async def issue(call: Call) -> Response:
    parameters = _parameters(call)
    if parameters["grant_type"] != GRANT_TYPE:
        raise OAuthError(403, "unsupported_grant_type", f"Unsupported grant type: {parameters['grant_type'][:80]}")
    client_id = _proven_client(call, parameters)
    audience = _required(parameters, "audience")
    granted, lifetime = _granted(call, client_id, audience)
    scope = " ".join(_narrowed(granted, parameters.get("scope", "")))
    key = await call.appliance.keys.of(call.tenant.name)
    token = bearer.sign(
        key, call.tenant, client_id=client_id, audience=audience, scope=scope, lifetime_seconds=lifetime
    )
    answer: dict[str, object] = {"access_token": token, "token_type": "Bearer", "expires_in": lifetime}
    if scope:
        answer["scope"] = scope
    return reply(200, answer, NO_STORE)


async def jwks(call: Call) -> Response:
    await call.appliance.keys.of(call.tenant.name)
    return reply(200, {"keys": [key.jwk for key in call.appliance.keys.published(call.tenant.name)]})


def openid_configuration(call: Call) -> Response:
    issuer = call.tenant.issuer
    return reply(
        200,
        {
            "issuer": issuer,
            "token_endpoint": f"{issuer}oauth/token",
            "jwks_uri": f"{issuer}.well-known/jwks.json",
            "grant_types_supported": [GRANT_TYPE],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
            "id_token_signing_alg_values_supported": ["RS256"],
        },
    )


def _parameters(call: Call) -> dict[str, str]:
    try:
        body = call.json()
    except ManagementError as error:
        raise OAuthError(400, "invalid_request", str(error.body["message"])) from None
    if not isinstance(body, dict):
        raise OAuthError(400, "invalid_request", "The request body must be an object")
    # `organization: null` is what some clients send for "none"; any null is read as absent.
    present = {name: value for name, value in body.items() if value is not None}
    for name in (*ASSERTED, "grant_type", "client_id", "client_secret", "audience", "scope"):
        if not isinstance(present.get(name, ""), str):
            raise OAuthError(400, "invalid_request", f"Parameter {name} must be a single string")
    _required(present, "grant_type")
    return present


def _required(parameters: dict[str, str], name: str) -> str:
    if not parameters.get(name):
        raise OAuthError(400, "invalid_request", f"Missing required parameter: {name}")
    return parameters[name]


def _credential(call: Call, parameters: dict[str, str]) -> tuple[str, str]:
    scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return _required(parameters, "client_id"), _required(parameters, "client_secret")
    if "client_secret" in parameters:
        raise OAuthError(400, "invalid_request", "The client credential must come in one way only")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise OAuthError(400, "invalid_request", "The Authorization header is not valid") from None
    client_id, _, secret = text.partition(":")
    client_id, secret = unquote(client_id), unquote(secret)
    if parameters.get("client_id", client_id) != client_id:
        raise OAuthError(400, "invalid_request", "Two different client_ids were given")
    return client_id, secret


def _proven_client(call: Call, parameters: dict[str, str]) -> str:
    """The client_id, once the request has proved that it comes from that client, in the one way that is set for it."""
    asserted = "client_assertion" in parameters
    client_id, secret = _asserted(parameters) if asserted else _credential(call, parameters)
    call.entry.client_id = client_id
    sql = "SELECT client_id, client_secret, properties FROM clients WHERE client_id = ? AND tenant = ?"
    client = call.appliance.store.one(sql, (client_id, call.tenant.name))
    if asserted:
        in_use = clients.keys_in_use(client) if client is not None else []
        keys = [key for key in public_keys.of(call.appliance.store, client_id) if key["id"] in in_use]
        assertion, used = parameters["client_assertion"], call.appliance.used_assertions
        assertions.check(assertion, call.tenant, client_id, keys, used)
    elif not clients.has_secret(call, client, secret) or (client is not None and clients.has_methods(client)):
        raise OAuthError(401, "access_denied", "Unauthorized")
    if client is None or GRANT_TYPE not in json.loads(client["properties"]).get("grant_types", []):
        reason = f"Grant type '{GRANT_TYPE}' not allowed for the client."
        raise OAuthError(403, "unauthorized_client", reason, uri=GRANT_TYPES_PAGE)
    return client_id


def _asserted(parameters: dict[str, str]) -> tuple[str, str]:
    if "client_secret" in parameters:
        raise OAuthError(400, "invalid_request", "The client credential must come in one way only")
    if _required(parameters, "client_assertion_type") != assertions.TYPE:
        raise OAuthError(400, "invalid_request", f"client_assertion_type must be {assertions.TYPE}")
    client_id = assertions.client_id_of(parameters["client_assertion"])
    if parameters.get("client_id", client_id) != client_id:
        raise assertions.refused("'iss' and 'sub' claims must be the client_id")
    return client_id, ""


def _granted(call: Call, client_id: str, audience: str) -> tuple[list[str], int]:
    """The scopes that the client was granted on an API, and how many seconds its tokens live."""
    store, tenant = call.appliance.store, call.tenant
    sql = "SELECT is_system, properties FROM resource_servers WHERE tenant = ? AND identifier = ?"
    server = store.one(sql, (tenant.name, audience))
    if server is None:
        raise OAuthError(403, "access_denied", f"Service not enabled within domain: {audience[:600]}")
    grant = store.one(
        "SELECT scope, allow_all_scopes FROM client_grants"
        " WHERE tenant = ? AND client_id = ? AND audience = ? AND subject_type = 'client'",
        (tenant.name, client_id, audience),
    )
    if grant is None:
        reason = f'Client is not authorized to access "{audience}". You need to create a "client-grant" '
        raise OAuthError(403, "access_denied", f"{reason}associated to this API. See: {GRANTS_PAGE}")
    properties = json.loads(server["properties"])
    lifetime = int(properties["token_lifetime"])
    if grant["allow_all_scopes"]:
        return known_scopes(server, tenant), lifetime
    return json.loads(grant["scope"]), lifetime


def _narrowed(granted: list[str], asked: str) -> list[str]:
    wanted = asked.split()
    missing = [scope for scope in wanted if scope not in granted]
    if missing:
        raise OAuthError(403, "access_denied", f"Client has not been granted scopes: {', '.join(missing)}"[:1000])
    return [scope for scope in granted if scope in wanted] if wanted else granted
