"""Connections, and which applications are enabled on them. Knows both generations of that; knows no identity provider.

The older generation reads and replaces the whole list as `enabled_clients` on the connection, so that two writers lose
each other's changes. The newer one has `/connections/{id}/clients`, where each application is switched by itself.
"""

import json
import re
import sqlite3
from collections.abc import Mapping

from starlette.responses import Response

from appliance import clients, fields, paging
from appliance.call import Call, no_content, reply
from appliance.errors import conflict, invalid_body, not_found
from appliance.identifiers import new_id
from appliance.shapes import (
    ANY_OBJECT,
    Flag,
    Many,
    Nullable,
    Record,
    Shape,
    Text,
    Whole,
    check_body,
    check_list,
    check_query,
)
from appliance.store import Row, Value

_STRATEGIES = (
    "ad adfs amazon apple dropbox bitbucket auth0-oidc auth0 baidu bitly box custom daccount dwolla email"
    " evernote-sandbox evernote exact facebook fitbit github google-apps google-oauth2 instagram ip line linkedin"
    " oauth1 oauth2 office365 oidc okta paypal paypal-sandbox pingfederate planningcenter salesforce-community"
    " salesforce-sandbox salesforce samlp sharepoint shopify shop sms soundcloud thirtysevensignals twitter untappd"
    " vkontakte waad weibo windowslive wordpress yahoo yandex"
)
STRATEGY = Text(choices=tuple(_STRATEGIES.split()))
IDS = Many(Text(1))
MUTABLE: Mapping[str, Shape] = {
    "authentication": ANY_OBJECT,
    "connected_accounts": ANY_OBJECT,
    "display_name": Text(maximum=128),
    "enabled_clients": IDS,
    "is_domain_connection": Flag(),
    "metadata": Record({}, others=Nullable(Text(maximum=255))),
    "options": ANY_OBJECT,
    "realms": IDS,
    "show_as_button": Flag(),
}
NAME = Text(1, 128, re.compile(r"[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*"))
CREATE = Record({**MUTABLE, "name": NAME, "strategy": STRATEGY}, required=("name", "strategy"))
UPDATE = Record({**MUTABLE, "enabled_clients": Nullable(IDS)}, minimum=1)
SWITCHES = Many(Record({"client_id": Text(1), "status": Flag()}, required=("client_id", "status")), 1, 50)
FILTERS: Mapping[str, Shape] = {**fields.SELECTION, "strategy": Many(STRATEGY), "name": Text()}
_TELLABLE_ONLY = "id provisioning_ticket_url clients cross_app_access_requesting_app cross_app_access_resource_app"
TELLABLE = frozenset(CREATE.properties) | frozenset(_TELLABLE_ONLY.split())


def create(call: Call) -> Response:
    asked = check_body(call.json(), CREATE)
    enabled = _clients_named(call, asked.pop("enabled_clients", []))
    row: dict[str, Value] = {"tenant": call.tenant.name, "id": new_id("con_")}
    row |= {"name": str(asked.pop("name")), "strategy": str(asked.pop("strategy"))}
    try:
        with call.appliance.store.transaction():
            call.appliance.store.insert("connections", {**row, "properties": json.dumps({"options": {}, **asked})})
            _replace_enabled(call, str(row["id"]), enabled)
    except sqlite3.IntegrityError:
        raise conflict("A connection with the same name already exists") from None
    return reply(201, _shown(call, _found(call, str(row["id"])), enabled=True))


def search(call: Call) -> Response:
    query = paging.query_of(call, FILTERS)
    fields.check(query, TELLABLE)
    where, values = ["tenant = ?"], [call.tenant.name]
    if "name" in query:
        where.append("name = ?")
        values.append(str(query["name"]))
    strategies = query.get("strategy", [])
    if isinstance(strategies, list) and strategies:
        where.append(f"strategy IN ({', '.join('?' * len(strategies))})")
        values.extend(strategies)
    # Today's lists leave the applications out; who comes from the older generation asks for the field.
    enabled = call.appliance.older_connections or "enabled_clients" in str(query.get("fields", ""))
    listing = paging.Listing(
        "connections",
        "connections",
        lambda row: fields.chosen(_shown(call, row, enabled=enabled), query),
        " AND ".join(where),
        tuple(values),
    )
    return paging.answer(call, query, listing)


def read(call: Call) -> Response:
    query = check_query(call.query, fields.SELECTION)
    fields.check(query, TELLABLE)
    return reply(200, fields.chosen(_shown(call, _found(call, call.path["id"]), enabled=True), query))


def update(call: Call) -> Response:
    connection = _found(call, call.path["id"])
    asked = check_body(call.json(), UPDATE)
    enabled = asked.pop("enabled_clients", None)
    properties = json.dumps(json.loads(connection["properties"]) | asked)
    with call.appliance.store.transaction():
        call.appliance.store.update("connections", connection["n"], {"properties": properties})
        if enabled is not None:
            _replace_enabled(call, connection["id"], _clients_named(call, enabled))
    return reply(200, _shown(call, _found(call, connection["id"]), enabled=True))


def delete(call: Call) -> Response:
    mine = (call.tenant.name, call.path["id"])
    call.appliance.store.run("DELETE FROM connections WHERE tenant = ? AND id = ?", mine)
    return no_content()


def search_clients(call: Call) -> Response:
    query = check_query(call.query, {"take": Whole(1, 1000), "from": Text(maximum=1000)})
    where, values = "connection_id = ?", (_found(call, call.path["id"])["id"],)
    listing = paging.Listing("clients", "enabled_clients", lambda row: {"client_id": row["client_id"]}, where, values)
    return reply(200, paging.checkpoint_page(call, query, listing))


def switch_clients(call: Call) -> Response:
    connection = _found(call, call.path["id"])
    switches = check_list(call.json(), SWITCHES)
    named = _clients_named(call, [switch["client_id"] for switch in switches])
    with call.appliance.store.transaction():
        for client_id, switch in zip(named, switches, strict=True):
            _switch(call, connection["id"], client_id, on=bool(switch["status"]))
    return no_content()


def _shown(call: Call, connection: Row, *, enabled: bool) -> dict[str, object]:
    told = {name: connection[name] for name in ("id", "name", "strategy")}
    answer = {**told, "realms": [connection["name"]], **json.loads(connection["properties"])}
    if enabled:
        sql = "SELECT client_id FROM enabled_clients WHERE connection_id = ? ORDER BY n"
        answer["enabled_clients"] = [row["client_id"] for row in call.appliance.store.all(sql, (connection["id"],))]
    return answer


def _replace_enabled(call: Call, connection_id: str, client_ids: list[str]) -> None:
    call.appliance.store.run("DELETE FROM enabled_clients WHERE connection_id = ?", (connection_id,))
    for client_id in client_ids:
        _switch(call, connection_id, client_id, on=True)


def _switch(call: Call, connection_id: str, client_id: str, *, on: bool) -> None:
    if on:
        sql = "INSERT OR IGNORE INTO enabled_clients (connection_id, client_id) VALUES (?, ?)"
    else:
        sql = "DELETE FROM enabled_clients WHERE connection_id = ? AND client_id = ?"
    call.appliance.store.run(sql, (connection_id, client_id))


def _clients_named(call: Call, client_ids: object) -> list[str]:
    named = [str(client_id) for client_id in client_ids] if isinstance(client_ids, list) else []
    for client_id in named:
        if not clients.exists(call, client_id):
            raise invalid_body(f"'There is no client {client_id[:80]}'.")
    return named


def _found(call: Call, connection_id: str) -> Row:
    sql = "SELECT * FROM connections WHERE tenant = ? AND id = ?"
    row = call.appliance.store.one(sql, (call.tenant.name, connection_id))
    if row is None:
        raise not_found("The connection does not exist", code="inexistent_connection")
    return row
