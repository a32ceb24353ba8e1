"""The calls for an application's public keys: `/clients/{id}/credentials`. Knows no assertion.

A key counts once the application's `client_authentication_methods` names it, and can't be deleted while it does.
"""

from starlette.responses import Response

from appliance import clients, public_keys
from appliance.call import Call, no_content, reply
from appliance.errors import conflict, not_found
from appliance.shapes import Nullable, Record, Text, check_body
from appliance.store import Row, Value, now

UPDATE = Record({"expires_at": Nullable(Text(form=public_keys.date_time))}, minimum=1)


def create(call: Call) -> Response:
    client = clients.found(call, call.path["id"])
    asked = check_body(call.json(), public_keys.PUBLIC_KEY)
    with call.appliance.store.transaction():
        made = public_keys.add(call.appliance.store, client["client_id"], asked)
    return reply(201, public_keys.shown(made))


def search(call: Call) -> Response:
    client = clients.found(call, call.path["id"])
    return reply(200, [public_keys.shown(row) for row in public_keys.of(call.appliance.store, client["client_id"])])


def read(call: Call) -> Response:
    return reply(200, public_keys.shown(_found(call)))


def update(call: Call) -> Response:
    asked = check_body(call.json(), UPDATE)
    expires_at = None if asked["expires_at"] is None else str(asked["expires_at"])
    changes: dict[str, Value] = {"expires_at": expires_at, "updated_at": now()}
    call.appliance.store.update("client_credentials", _found(call)["n"], changes)
    return reply(200, public_keys.shown(_found(call)))


def delete(call: Call) -> Response:
    credential = _found(call)
    if credential["id"] in clients.keys_in_use(clients.found(call, call.path["id"])):
        raise conflict("The credential is in use by client_authentication_methods; take it out there first")
    call.appliance.store.run("DELETE FROM client_credentials WHERE id = ?", (credential["id"],))
    return no_content()


def _found(call: Call) -> Row:
    client = clients.found(call, call.path["id"])
    sql = "SELECT * FROM client_credentials WHERE client_id = ? AND id = ?"
    row = call.appliance.store.one(sql, (client["client_id"], call.path["credential"]))
    if row is None:
        raise not_found("The credential does not exist", code="inexistent_credential")
    return row
