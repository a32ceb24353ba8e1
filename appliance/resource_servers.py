"""The APIs that tokens are for: each tenant's own Management API, and any others. Knows scopes; knows no grant."""

import json
import re
import sqlite3
from collections.abc import Mapping

from starlette.responses import Response

from appliance import paging, scopes
from appliance.call import Call, no_content, reply
from appliance.errors import conflict, not_found, system_object
from appliance.identifiers import new_id
from appliance.names import Tenant
from appliance.shapes import (
    ANY_OBJECT,
    Anything,
    Flag,
    Many,
    Nullable,
    Record,
    Shape,
    Text,
    Whole,
    check_body,
    check_query,
    each,
)
from appliance.store import Row

TOKEN_LIFETIME_SECONDS = 86_400
SCOPE = Record({"value": Text(1, 280), "description": Text(maximum=500)}, required=("value",))
NAME = re.compile(r"[^<>]{1,200}")

MUTABLE: Mapping[str, Shape] = {
    "name": Text(1, 200, NAME),
    "scopes": Many(SCOPE),
    "token_lifetime": Whole(0, 2_592_000),
    "allow_offline_access": Flag(),
    "signing_alg": Text(choices=("HS256", "RS256", "RS512", "PS256")),
    "skip_consent_for_verifiable_first_party_clients": Flag(),
    "enforce_policies": Flag(),
    "token_dialect": Text(choices=("access_token", "access_token_authz", "rfc9068_profile", "rfc9068_profile_authz")),
    "allow_online_access": Flag(),
    "authorization_details": Nullable(Many(Anything())),
    "signing_secret": Text(16),
    "subject_type_authorization": ANY_OBJECT,
    **each("authorization_policy proof_of_possession token_encryption", Nullable(ANY_OBJECT)),
    "consent_policy": Nullable(Text(choices=("transactional-authorization-with-mfa",))),
}
CREATE = Record({**MUTABLE, "identifier": Text(1, 600)}, required=("identifier",))
UPDATE = Record(MUTABLE, minimum=1)
# All that can be changed of a Management API.
UPDATE_SYSTEM = Record({name: MUTABLE[name] for name in ("token_lifetime", "subject_type_authorization")}, minimum=1)


def create(call: Call) -> Response:
    asked = check_body(call.json(), CREATE)
    identifier = str(asked.pop("identifier"))
    server_id = new_id(length=24).lower()
    properties = {"name": identifier, "token_lifetime": TOKEN_LIFETIME_SECONDS, **asked}
    row = {"tenant": call.tenant.name, "id": server_id, "identifier": identifier}
    try:
        call.appliance.store.insert("resource_servers", {**row, "properties": json.dumps(properties)})
    except sqlite3.IntegrityError:
        raise conflict("A resource server with the same identifier already exists.") from None
    return reply(201, _shown(found(call, server_id), call.tenant))


def search(call: Call) -> Response:
    query = paging.query_of(call, {"include_fields": Flag()})
    listing = paging.Listing(
        "resource_servers",
        "resource_servers",
        lambda row: _shown(row, call.tenant),
        "tenant = ?",
        (call.tenant.name,),
    )
    return paging.answer(call, query, listing)


def read(call: Call) -> Response:
    check_query(call.query, {"include_fields": Flag()})
    return reply(200, _shown(found(call, call.path["id"]), call.tenant))


def update(call: Call) -> Response:
    server = found(call, call.path["id"])
    asked = check_body(call.json(), UPDATE_SYSTEM if server["is_system"] else UPDATE)
    properties = json.loads(server["properties"]) | asked
    call.appliance.store.update("resource_servers", server["n"], {"properties": json.dumps(properties)})
    # 201 is what the API's description says for this PATCH.
    return reply(201, _shown(found(call, server["id"]), call.tenant))


def delete(call: Call) -> Response:
    server = _row(call, call.path["id"])
    if server is None:
        return no_content()
    if server["is_system"]:
        raise system_object("A system API can't be deleted")
    store = call.appliance.store
    with store.transaction():
        grant = (call.tenant.name, server["identifier"])
        store.run("DELETE FROM client_grants WHERE tenant = ? AND audience = ?", grant)
        store.run("DELETE FROM resource_servers WHERE n = ?", (server["n"],))
    return no_content()


def found(call: Call, id_or_identifier: str) -> Row:
    row = _row(call, id_or_identifier)
    if row is None:
        raise not_found("Resource server not found", code="inexistent_resource_server")
    return row


def known_scopes(server: Row, tenant: Tenant) -> list[str]:
    """The scopes that an API defines; a Management API's are given, those of others are kept with them."""
    if server["is_system"]:
        return list(scopes.of_management_api(is_root=tenant.is_root))
    return [scope["value"] for scope in json.loads(server["properties"]).get("scopes", [])]


def _row(call: Call, id_or_identifier: str) -> Row | None:
    sql = "SELECT * FROM resource_servers WHERE tenant = ? AND (id = ? OR identifier = ?)"
    return call.appliance.store.one(sql, (call.tenant.name, id_or_identifier, id_or_identifier))


def _shown(server: Row, tenant: Tenant) -> dict[str, object]:
    properties = json.loads(server["properties"])
    if server["is_system"]:
        properties["scopes"] = [{"value": value} for value in known_scopes(server, tenant)]
    return {
        "id": server["id"],
        "identifier": server["identifier"],
        "is_system": bool(server["is_system"]),
        "signing_alg": "RS256",
        "allow_offline_access": False,
        **properties,
    }
