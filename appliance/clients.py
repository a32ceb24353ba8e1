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
from typing import Any

from starlette.responses import Response

from appliance import fields, paging, public_keys
from appliance.call import Call, no_content, reply
from appliance.client_properties import APP_TYPES, CREATE, TELLABLE, UPDATE
from appliance.errors import insufficient_scope, invalid_body, invalid_query, not_found, system_object
from appliance.identifiers import fixed_client_id, new_id, new_secret
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
METHODS, WITH_A_KEY, SECRET_WAY = "client_authentication_methods", "private_key_jwt", "token_endpoint_auth_method"
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
    keys = _keys_given(asked)
    with call.appliance.store.transaction():
        add(call.appliance.store, call.tenant.name, credential, {"grant_types": default, **asked})
        if keys is not None:
            made = [public_keys.add(call.appliance.store, credential.client_id, key) for key in keys]
            _name_keys(call, found(call, credential.client_id), [{"id": key["id"]} for key in made])
    return reply(201, _shown(found(call, credential.client_id), secret=True))


def search(call: Call) -> Response:
    query = paging.query_of(call, FILTERS)
    fields.check(query, TELLABLE)
    if query.get("is_global"):
        return paging.few(query, "clients", [fields.chosen(_of_all(call), query)])
    where: list[str] = ["tenant = ?"]
    values: list[Value] = [call.tenant.name]
    if "is_first_party" in query:
        where.append("json_extract(properties, '$.is_first_party') = ?")
        values.append(int(bool(query["is_first_party"])))
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
    return reply(200, fields.chosen(_shown(found(call, call.path["id"]), secret=_sees_secrets(call)), query))


def update(call: Call) -> Response:
    client = found(call, call.path["id"])
    asked = check_body(call.json(), UPDATE)
    for name, scope in (("client_secret", "update:client_keys"), ("", "update:clients")):
        if (name in asked if name else set(asked) - {"client_secret"}) and scope not in call.scopes:
            raise insufficient_scope((scope,))
    columns: dict[str, Value] = {}
    if "client_secret" in asked:
        columns["client_secret"] = str(asked.pop("client_secret"))
        _accept_a_while_longer(call, client)
    properties = json.loads(client["properties"]) | asked
    _check_ways(call, client, properties)
    columns["properties"] = json.dumps({name: value for name, value in properties.items() if value is not None})
    call.appliance.store.update("clients", client["n"], columns)
    return reply(200, _shown(found(call, client["client_id"]), secret=_sees_secrets(call)))


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
    client = found(call, call.path["id"])
    _accept_a_while_longer(call, client)
    call.appliance.store.update("clients", client["n"], {"client_secret": new_secret()})
    return reply(200, _shown(found(call, client["client_id"]), secret=True))


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


def keys_in_use(client: Row) -> list[str]:
    """The IDs of the public keys with which an application may prove itself."""
    methods = json.loads(client["properties"]).get(METHODS) or {}
    return [key["id"] for key in methods.get(WITH_A_KEY, {}).get("credentials", [])]


def has_methods(client: Row) -> bool:
    """Whether an application proves itself in another way than by its secret, which then is worth nothing."""
    return bool(json.loads(client["properties"]).get(METHODS))


def _keys_given(asked: dict[str, Any]) -> list[dict[str, object]] | None:
    """The public keys that come whole with a new application, taken out of what it says of itself."""
    if METHODS not in asked:
        return None
    if asked.get(SECRET_WAY) is not None:
        raise invalid_body(f"'{SECRET_WAY} and {METHODS} exclude each other'.")
    asked[SECRET_WAY] = None
    if WITH_A_KEY not in asked[METHODS]:
        return None
    keys: list[dict[str, object]] = asked.pop(METHODS)[WITH_A_KEY]["credentials"]
    return keys


def _name_keys(call: Call, client: Row, keys: list[dict[str, str]]) -> None:
    properties = json.loads(client["properties"]) | {METHODS: {WITH_A_KEY: {"credentials": keys}}}
    properties.pop(SECRET_WAY, None)
    call.appliance.store.update("clients", client["n"], {"properties": json.dumps(properties)})


def _check_ways(call: Call, client: Row, properties: dict[str, Any]) -> None:
    """One way to prove itself at a time, and only keys that the application has."""
    methods = properties.get(METHODS)
    if methods and properties.get(SECRET_WAY) is not None:
        raise invalid_body(f"'{SECRET_WAY} must be null where {METHODS} is set'.")
    known = {key["id"] for key in public_keys.of(call.appliance.store, client["client_id"])}
    for key in (methods or {}).get(WITH_A_KEY, {}).get("credentials", []):
        if key["id"] not in known:
            raise invalid_body(f"'There is no credential {key['id'][:80]}' on property {METHODS}.")


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


def found(call: Call, client_id: str) -> Row:
    """An application of the tenant; raises the 404."""
    row = _row(call, client_id)
    if row is None:
        raise not_found("The client does not exist", code="inexistent_client")
    return row


def _of_all(call: Call) -> dict[str, object]:
    """The application that every tenant has for what is common to all; it is listed only where it is asked for."""
    client_id = fixed_client_id(call.tenant.name, "All Applications")
    return {"tenant": call.tenant.name, "global": True, "client_id": client_id, "name": "All Applications"}


def _sees_secrets(call: Call) -> bool:
    return not call.scopes.isdisjoint(SECRET_READERS)


def _shown(client: Row, *, secret: bool) -> dict[str, object]:
    told = {"tenant": client["tenant"], "global": False, "client_id": client["client_id"]}
    shown_secret = {"client_secret": client["client_secret"]} if secret and not has_methods(client) else {}
    return {**told, **shown_secret, **json.loads(client["properties"])}
