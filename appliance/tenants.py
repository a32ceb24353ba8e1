"""Tenants, as the root tenant authority makes and unmakes them. Knows what a name may be; knows no client of theirs.

This call is real but described nowhere in full: the answer's shape is a plausible one. The credential of a new tenant
is in the answer to its POST and in no other.
"""

import json
import re
from hashlib import sha256

from starlette.responses import Response

from appliance import ledger, paging, seed
from appliance.call import Call, no_content, reply
from appliance.errors import conflict, invalid_body, not_found
from appliance.names import Names
from appliance.shapes import Many, Record, Text, check_body, email
from appliance.store import Row, now

NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
# The names that the DNS page of the product reserves, those that its private cloud adds, and `settings`, `owners` and
# `invitations`, which are paths under /tenants already.
_RESERVED = (
    "login admin app manage blog ftp mail pop pop3 imap smtp stage stats status dev logs www docs sdk ci docker"
    " styleguide ask it cdn api releases release spf feedback help support int config webtask settings owners"
    " invitations"
)
RESERVED = frozenset(_RESERVED.split())
CREATE = Record({"name": Text(3, 63, NAME), "owners": Many(Text(form=email), 1)}, required=("name",))


def create(call: Call) -> Response:
    body = call.json()
    call.entry.posted = ledger.posted_name(call.entry, call.body, call.appliance.names)
    asked = check_body(body, CREATE)
    name, owners = str(asked["name"]), asked.get("owners", [])
    assert isinstance(owners, list)
    _refuse_reserved(name, call.appliance.names)
    store = call.appliance.store
    with store.transaction():
        taken = store.one("SELECT deleted_at FROM tenants WHERE name = ?", (name,))
        if taken is not None:
            _refuse_taken(taken)
        credential = seed.tenant(store, call.appliance.names, name, owners)
        ledger.carried_out(store, name)
    call.entry.made = True
    shown = _shown(_found(call, name), call.appliance.names)
    once = {"client_id": credential.client_id, "client_secret": credential.client_secret}
    return reply(201, {**shown, **once}, {"cache-control": "no-store"})


def search(call: Call) -> Response:
    query = paging.query_of(call, {})
    where = "NOT is_root AND deleted_at IS NULL"
    names = call.appliance.names
    listing = paging.Listing("tenants", "tenants", lambda row: _shown(row, names), where, ())
    return paging.answer(call, query, listing)


def read(call: Call) -> Response:
    return reply(200, _shown(_found(call, call.path["name"]), call.appliance.names))


def delete(call: Call) -> Response:
    """Everything of the tenant goes, except its name, which is used up for good."""
    tenant = _found(call, call.path["name"])
    store, name = call.appliance.store, (tenant["name"],)
    with store.transaction():
        store.run("DELETE FROM client_grants WHERE tenant = ?", name)
        store.run("DELETE FROM clients WHERE tenant = ?", name)
        store.run("DELETE FROM connections WHERE tenant = ?", name)
        store.run("DELETE FROM resource_servers WHERE tenant = ?", name)
        store.run("DELETE FROM tenant_invitations WHERE tenant = ?", name)
        store.update("tenants", tenant["n"], {"deleted_at": now(), "owners": "[]", "settings": "{}"})
    return no_content()


def owners(call: Call) -> Response:
    """The administrators of the tenant whose domain is asked. Not documented either; scripts of users show it."""
    row = call.appliance.store.one("SELECT owners FROM tenants WHERE name = ?", (call.tenant.name,))
    emails = json.loads(row["owners"]) if row is not None else []
    return reply(200, [{"user_id": f"auth0|{_fingerprint(email)}", "email": email} for email in emails])


def _shown(tenant: Row, names: Names) -> dict[str, object]:
    return {
        "id": tenant["id"],
        "name": tenant["name"],
        "domain": names.tenant_domain(tenant["name"]),
        "owners": json.loads(tenant["owners"]),
        "created_at": tenant["created_at"],
    }


def _fingerprint(email: str) -> str:
    return sha256(email.encode()).hexdigest()[:24]


def _found(call: Call, name: str) -> Row:
    sql = "SELECT * FROM tenants WHERE name = ? AND NOT is_root AND deleted_at IS NULL"
    row = call.appliance.store.one(sql, (name,))
    if row is None:
        raise not_found("The tenant does not exist.", code="inexistent_tenant")
    return row


def _refuse_reserved(name: str, names: Names) -> None:
    if name in RESERVED or name in (names.rta_label, "rta"):
        raise invalid_body(f"'The name {name} is reserved' on property name.")


def _refuse_taken(taken: Row) -> None:
    if taken["deleted_at"] is None:
        raise conflict("A tenant with the same name already exists", code="tenant_already_exists")
    message = "A tenant with the same name existed before; the name of a deleted tenant can't be used again"
    raise conflict(message, code="tenant_already_exists")
