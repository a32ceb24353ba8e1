"""Client grants: which application may ask which API for which scopes. Knows the rules of a grant; knows no token."""

import json
import sqlite3
from collections.abc import Mapping

from starlette.responses import Response

from appliance import clients, paging, resource_servers
from appliance.call import Call, no_content, reply
from appliance.errors import ManagementError, conflict, invalid_body, invalid_query, not_found, system_object
from appliance.identifiers import new_id
from appliance.shapes import Flag, Many, Nullable, Record, Shape, Text, check_body
from appliance.store import Row, Value

SCOPES = Many(Text(1, 280))
DETAILS = Many(Text(1, 255))
USAGE = Text(choices=("deny", "allow", "require"))
SUBJECT = Text(choices=("client", "user"))
GROUPS = Text(choices=("third_party_clients",))

CREATE = Record(
    {
        "audience": Text(1),
        "client_id": Text(),
        "default_for": GROUPS,
        "scope": SCOPES,
        "subject_type": SUBJECT,
        "organization_usage": USAGE,
        "allow_any_organization": Flag(),
        "authorization_details_types": DETAILS,
        "allow_all_scopes": Flag(),
    },
    required=("audience",),
)
# What is missing here can't be changed: client_id, default_for, audience, subject_type.
UPDATE = Record(
    {
        "scope": Nullable(SCOPES),
        "organization_usage": Nullable(USAGE),
        "allow_any_organization": Nullable(Flag()),
        "authorization_details_types": DETAILS,
        "allow_all_scopes": Nullable(Flag()),
    },
    minimum=1,
)
FILTERS: Mapping[str, Shape] = {
    "audience": Text(),
    "client_id": Text(),
    "allow_any_organization": Flag(),
    "subject_type": SUBJECT,
    "default_for": GROUPS,
}


def create(call: Call) -> Response:
    asked = check_body(call.json(), CREATE)
    if ("client_id" in asked) == ("default_for" in asked):
        raise invalid_body("'Exactly one of client_id and default_for must be given'.")
    server = resource_servers.found(call, str(asked["audience"]))
    _check_client(call, asked)
    _check_scopes(call, server, asked, allows_all=bool(asked.get("allow_all_scopes")))
    columns: dict[str, Value] = {
        "tenant": call.tenant.name,
        "id": new_id("cgr_"),
        "client_id": _text(asked, "client_id"),
        "default_for": _text(asked, "default_for"),
        "audience": str(asked["audience"]),
        "subject_type": _text(asked, "subject_type") or "client",
        "scope": "[]",
        **_columns(asked),
    }
    try:
        call.appliance.store.insert("client_grants", columns)
    except sqlite3.IntegrityError:
        whose = columns["client_id"] or columns["default_for"]
        raise conflict(f"A client grant already exists between {whose} and {columns['audience']}") from None
    return reply(201, shown(_found(call, str(columns["id"]))))


def search(call: Call) -> Response:
    query = paging.query_of(call, FILTERS)
    chosen = {name: query[name] for name in FILTERS if name in query}
    if chosen.get("allow_any_organization") is False:
        raise invalid_query("'No enum match for: false' on property allow_any_organization.")
    where = " AND ".join(["tenant = ?", *(f"{column} = ?" for column in chosen)])
    values = (call.tenant.name, *(value if isinstance(value, str) else 1 for value in chosen.values()))
    return paging.answer(call, query, paging.Listing("client_grants", "client_grants", shown, where, values))


def read(call: Call) -> Response:
    return reply(200, shown(_found(call, call.path["id"])))


def update(call: Call) -> Response:
    grant = _found(call, call.path["id"])
    asked = check_body(call.json(), UPDATE)
    _refuse_system(grant)
    allowed_all = bool(grant["allow_all_scopes"])
    if allowed_all and asked.get("scope"):
        raise invalid_body("'scope can be set only once allow_all_scopes is false'.")
    allows_all = bool(asked.get("allow_all_scopes", allowed_all))
    _check_scopes(call, resource_servers.found(call, grant["audience"]), asked, allows_all=allows_all)
    if allows_all:
        asked["scope"] = []
    call.appliance.store.update("client_grants", grant["n"], _columns(asked))
    return reply(200, shown(_found(call, grant["id"])))


def delete(call: Call) -> Response:
    """The API documents no 404 here: what isn't there is as gone as what was deleted."""
    grant = _row(call, call.path["id"])
    if grant is not None:
        _refuse_system(grant)
        call.appliance.store.run("DELETE FROM client_grants WHERE n = ?", (grant["n"],))
    return no_content()


def shown(grant: Row) -> dict[str, object]:
    """A grant as the API tells it: what was never set is left out."""
    answer: dict[str, object] = {"id": grant["id"]}
    for name in ("client_id", "default_for", "audience"):
        if grant[name] is not None:
            answer[name] = grant[name]
    answer |= {"scope": json.loads(grant["scope"]), "subject_type": grant["subject_type"]}
    if grant["organization_usage"] is not None:
        answer["organization_usage"] = grant["organization_usage"]
    if grant["allow_any_organization"] is not None:
        answer["allow_any_organization"] = bool(grant["allow_any_organization"])
    if grant["authorization_details_types"] is not None:
        answer["authorization_details_types"] = json.loads(grant["authorization_details_types"])
    for name in ("allow_all_scopes", "is_system"):
        if grant[name]:
            answer[name] = True
    return answer


def _columns(asked: Mapping[str, object]) -> dict[str, Value]:
    """The mutable properties as columns; a scope named twice is kept once."""
    columns: dict[str, Value] = {}
    if "scope" in asked:
        columns["scope"] = json.dumps(list(dict.fromkeys(_texts(asked, "scope"))))
    if "organization_usage" in asked:
        columns["organization_usage"] = _text(asked, "organization_usage")
    for name in ("allow_any_organization", "allow_all_scopes"):
        if name in asked:
            columns[name] = int(bool(asked[name]))
    if "authorization_details_types" in asked:
        columns["authorization_details_types"] = json.dumps(asked["authorization_details_types"])
    return columns


def _check_client(call: Call, asked: Mapping[str, object]) -> None:
    if "client_id" in asked and not clients.exists(call, str(asked["client_id"])):
        raise not_found("Client not found", code="inexistent_client")


def _check_scopes(call: Call, server: Row, asked: Mapping[str, object], *, allows_all: bool) -> None:
    # Seen on the public cloud: even `false` is refused for the Management API, so clients must not send it unasked.
    if asked.get("allow_all_scopes") is not None and server["is_system"]:
        raise ManagementError(400, "`allow_all_scopes` cannot be provided when `audience` is a system API")
    if allows_all and asked.get("scope"):
        raise invalid_body("'scope must be empty where allow_all_scopes is true'.")
    known = set(resource_servers.known_scopes(server, call.tenant))
    unknown = [scope for scope in _texts(asked, "scope") if scope not in known]
    if unknown:
        names = ", ".join(unknown)[:1000]
        raise invalid_body(f"'The API {server['identifier']} does not define: {names}' on property scope.")


def _row(call: Call, grant_id: str) -> Row | None:
    sql = "SELECT * FROM client_grants WHERE tenant = ? AND id = ?"
    return call.appliance.store.one(sql, (call.tenant.name, grant_id))


def _found(call: Call, grant_id: str) -> Row:
    row = _row(call, grant_id)
    if row is None:
        raise not_found("The grant does not exist.")
    return row


def _refuse_system(grant: Row) -> None:
    if grant["is_system"]:
        raise system_object("A system client grant can't be changed or deleted")


def _text(asked: Mapping[str, object], name: str) -> str | None:
    value = asked.get(name)
    return value if isinstance(value, str) else None


def _texts(asked: Mapping[str, object], name: str) -> list[str]:
    value = asked.get(name)
    return value if isinstance(value, list) else []
