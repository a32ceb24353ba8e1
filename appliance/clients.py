"""Applications. Knows their properties and who may see a secret; knows neither grants nor tokens.

A secret is in the answer to the POST and to a rotation, and in a GET only for who may read client keys. After a
rotation the old secret is refused at once, or after the overlap that the appliance was started with; the real thing may
accept either for half a minute.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from appliance import fields, paging
from appliance.call import Call, no_content, reply
from appliance.client_properties import APP_TYPES, CREATE, TELLABLE, UPDATE
from appliance.errors import insufficient_scope, invalid_query, not_found, system_object
from appliance.identifiers import new_id, new_secret
from appliance.shapes import Flag, Shape, Text, Whole, check_body, check_query
from appliance.store import Row, Store, Value

FILTERS: Mapping[str, Shape] = {
    **fields.SELECTION,
    "per_page": Whole(0, 100),
    "is_first_party": Flag(),
    "is_global": Flag(),
    "app_type": Text(1),
}

INTERACTIVE = ["authorization_code", "implicit", "refresh_token"]
GRANT_TYPES = {"non_interactive": ["client_credentials"], "native": INTERACTIVE, "spa": INTERACTIVE}
DEFAULTS: Mapping[str, object] = {
    "is_first_party": True,
    "oidc_conformant": False,
    "sso_disabled": False,
    "cross_origin_authentication": False,
    "token_endpoint_auth_method": "client_secret_post",
}
SECRET_READERS = ("read:client_keys", "read:client_credentials")


@dataclass(frozen=True)
class Credential:
    client_id: str
    client_secret: str


def add(store: Store, tenant: str, credential: Credential, properties: Mapping[str, object]) -> None:
    """Add an application, enabled on every connection of its tenant that new applications start on."""
    row: dict[str, Value] = {"tenant": tenant, "properties": json.dumps({**DEFAULTS, **properties})}
    store.insert("clients", {**row, **vars(credential)})
    store.run(
        "INSERT INTO enabled_clients (connection_id, client_id) SELECT id, ? FROM connections"
        " WHERE tenant = ? AND for_new_clients",
        (credential.client_id, tenant),
    )


def create(call: Call) -> Response:
    asked = check_body(call.json(), CREATE)
    default = GRANT_TYPES.get(str(asked.get("app_type")), [*INTERACTIVE, "client_credentials"])
    credential = Credential(new_id(length=32), new_secret())
    with call.appliance.store.transaction():
        add(call.appliance.store, call.tenant.name, credential, {"grant_types": default, **asked})
    return reply(201, _shown(_found(call, credential.client_id), secret=True))


def search(call: Call) -> Response:
    query = paging.query_of(call, FILTERS)
    fields.check(query, TELLABLE)
    where: list[str] = ["tenant = ?"]
    values: list[Value] = [call.tenant.name]
    if "is_first_party" in query:
        where.append("json_extract(properties, '$.is_first_party') = ?")
        values.append(int(bool(query["is_first_party"])))
    if query.get("is_global"):
        where.append("0")
    if "app_type" in query:
        types = str(query["app_type"]).split(",")
        if not set(types) <= set(APP_TYPES):
            raise invalid_query(f"'String {query['app_type']} does not match pattern' on property app_type."[:300])
        where.append(f"json_extract(properties, '$.app_type') IN ({', '.join('?' * len(types))})")
        values.extend(types)
    secret = _sees_secrets(call)
    listing = paging.Listing(
        "clients",
        "clients",
        lambda row: fields.chosen(_shown(row, secret=secret), query),
        " AND ".join(where),
        tuple(values),
    )
    return paging.answer(call, query, listing)


def read(call: Call) -> Response:
    query = check_query(call.query, fields.SELECTION)
    fields.check(query, TELLABLE)
    return reply(200, fields.chosen(_shown(_found(call, call.path["id"]), secret=_sees_secrets(call)), query))


def update(call: Call) -> Response:
    client = _found(call, call.path["id"])
    asked = check_body(call.json(), UPDATE)
    for name, scope in (("client_secret", "update:client_keys"), ("", "update:clients")):
        if (name in asked if name else set(asked) - {"client_secret"}) and scope not in call.scopes:
            raise insufficient_scope((scope,))
    columns: dict[str, Value] = {}
    if "client_secret" in asked:
        columns["client_secret"] = str(asked.pop("client_secret"))
        _accept_a_while_longer(call, client)
    properties = json.loads(client["properties"]) | asked
    columns["properties"] = json.dumps({name: value for name, value in properties.items() if value is not None})
    call.appliance.store.update("clients", client["n"], columns)
    return reply(200, _shown(_found(call, client["client_id"]), secret=_sees_secrets(call)))


def delete(call: Call) -> Response:
    """An application goes with its grants; one that never was is as gone as it."""
    store, mine = call.appliance.store, (call.tenant.name, call.path["id"])
    if store.one("SELECT 1 FROM client_grants WHERE tenant = ? AND client_id = ? AND is_system", mine):
        raise system_object("An application with a system grant can't be deleted")
    with store.transaction():
        store.run("DELETE FROM client_grants WHERE tenant = ? AND client_id = ?", mine)
        store.run("DELETE FROM clients WHERE tenant = ? AND client_id = ?", mine)
    return no_content()


def rotate_secret(call: Call) -> Response:
    client = _found(call, call.path["id"])
    _accept_a_while_longer(call, client)
    call.appliance.store.update("clients", client["n"], {"client_secret": new_secret()})
    return reply(200, _shown(_found(call, client["client_id"]), secret=True))


def has_secret(call: Call, client: Row | None, secret: str) -> bool:
    """Whether a secret is a client's own, or was it until a rotation that is not long ago."""
    known = "" if client is None else str(client["client_secret"])
    if hmac.compare_digest(known.encode(), secret.encode()):
        return client is not None
    if client is None or not call.appliance.rotation_overlap_seconds:
        return False
    sql = "SELECT digest FROM old_secrets WHERE client_id = ? AND until_ms > ?"
    old = call.appliance.store.all(sql, (client["client_id"], int(time.time() * 1000)))
    return any(hmac.compare_digest(row["digest"], _digest(secret)) for row in old)


def _accept_a_while_longer(call: Call, client: Row) -> None:
    overlap = call.appliance.rotation_overlap_seconds
    if overlap:
        until = int((time.time() + overlap) * 1000)
        row: dict[str, Value] = {"client_id": client["client_id"], "until_ms": until}
        call.appliance.store.insert("old_secrets", {**row, "digest": _digest(client["client_secret"])})


def _digest(secret: str) -> str:
    """A plain hash does: a secret is long and random, or its owner chose it for a stand-in."""
    return hashlib.sha256(secret.encode()).hexdigest()


def exists(call: Call, client_id: str) -> bool:
    return _row(call, client_id) is not None


def _row(call: Call, client_id: str) -> Row | None:
    sql = "SELECT * FROM clients WHERE tenant = ? AND client_id = ?"
    return call.appliance.store.one(sql, (call.tenant.name, client_id))


def _found(call: Call, client_id: str) -> Row:
    row = _row(call, client_id)
    if row is None:
        raise not_found("The client does not exist", code="inexistent_client")
    return row


def _sees_secrets(call: Call) -> bool:
    return not call.scopes.isdisjoint(SECRET_READERS)


def _shown(client: Row, *, secret: bool) -> dict[str, object]:
    told = {"tenant": client["tenant"], "global": False, "client_id": client["client_id"]}
    shown_secret = {"client_secret": client["client_secret"]} if secret else {}
    return {**told, **shown_secret, **json.loads(client["properties"])}
