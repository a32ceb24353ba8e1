"""Invitations of administrators of a tenant. Knows who is invited; sends no mail, and knows no way to accept.

No page of the vendor describes the calls. Held to what is known: what users' scripts send (`owners`), what a published
log entry of the dashboard shows besides (`roles`; the answer, whose invitations end after three days), and the scopes.
That invitations can be listed follows from a scope's name alone, and the list's shape is a plausible one.
"""

from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from appliance.call import Call, reply
from appliance.errors import conflict
from appliance.identifiers import new_id
from appliance.shapes import Many, Record, Text, check_body, check_query, email
from appliance.store import Row

CREATE = Record({"owners": Many(Text(form=email), 1), "roles": Many(Text(), 1)}, required=("owners",))
GOOD_FOR = timedelta(days=3)
_TABLE = "tenant_invitations"


def create(call: Call) -> Response:
    asked = check_body(call.json(), CREATE)
    owners = asked["owners"]
    assert isinstance(owners, list)
    addresses = list(dict.fromkeys(owner.lower() for owner in owners))
    store, tenant = call.appliance.store, call.tenant.name
    with store.transaction():
        if already := {row["email"] for row in _pending(call)} & set(addresses):
            raise conflict(f"{min(already)} is invited already", code="invitation_exists")
        until = _text(datetime.now(UTC) + GOOD_FOR)
        for address in addresses:
            store.insert(_TABLE, {"tenant": tenant, "id": new_id("inv_"), "email": address, "expires_at": until})
    return reply(201, [_shown(row) for row in _pending(call) if row["email"] in addresses])


def search(call: Call) -> Response:
    check_query(call.query, {})
    return reply(200, [_shown(row) for row in _pending(call)])


def _pending(call: Call) -> list[Row]:
    sql = "SELECT * FROM tenant_invitations WHERE tenant = ? AND expires_at > ? ORDER BY n"
    return call.appliance.store.all(sql, (call.tenant.name, _text(datetime.now(UTC))))


def _shown(row: Row) -> dict[str, object]:
    return {"email": row["email"], "expires_at": row["expires_at"], "invitation_id": row["id"]}


def _text(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
