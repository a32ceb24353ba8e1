"""What became of every POST of a tenant, by the tenant's name, for whoever must judge a client afterwards.

Knows counts and times, never a secret. It is kept with the tenants, so it survives whatever they survive; whether a
tenant was made is written in the same transaction that makes it. A POST counts once its name was read, which is after
its token was found good; a name that no tenant may have is not counted at all.
"""

import json

from appliance.names import LABEL, Names
from appliance.requests_log import Entry
from appliance.store import Store

COUNTS = ("posts_carried_out", "posts_refused", "posts_failed", "answers_delivered", "credentials_delivered")


def posted_name(entry: Entry, body: bytes, names: Names) -> str | None:
    """The name in the body of a tenant POST; None for any other call, and where no tenant may have that name."""
    if entry.method != "POST" or entry.path != "/api/v2/tenants" or not names.is_rta(entry.host):
        return None
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return None
    name = asked.get("name") if isinstance(asked, dict) else None
    return name if isinstance(name, str) and LABEL.fullmatch(name) else None


def carried_out(store: Store, name: str) -> None:
    """To be called inside the transaction that makes the tenant."""
    _count(store, name, "posts_carried_out")


def ended(store: Store, entry: Entry) -> None:
    """A tenant POST is over: note whether it was refused, or whether its answer left whole.

    Refused is what was told so by a 4xx; failed is what neither was carried out nor clearly refused.
    """
    if entry.posted is None:
        return
    if not entry.made:
        refused = entry.status is not None and 400 <= entry.status < 500
        _count(store, entry.posted, "posts_refused" if refused else "posts_failed")
    elif entry.delivered:
        _count(store, entry.posted, "answers_delivered", *(["credentials_delivered"] if entry.credential_left else []))


def listed(store: Store) -> list[dict[str, object]]:
    """Every name ever posted, in the order of creation; after them those that never became a tenant."""
    sums = ", ".join(f"coalesce({count}, 0) AS {count}" for count in COUNTS)
    made = store.all(
        f"SELECT tenants.name AS name, {sums}, created_at, deleted_at FROM tenants"  # noqa: S608
        " LEFT JOIN ledger ON ledger.name = tenants.name WHERE NOT is_root ORDER BY n"
    )
    never = store.all(
        f"SELECT name, {sums}, NULL AS created_at, NULL AS deleted_at FROM ledger"  # noqa: S608
        " WHERE name NOT IN (SELECT name FROM tenants WHERE NOT is_root) ORDER BY name"
    )
    return [dict(row) for row in (*made, *never)]


def _count(store: Store, name: str, *counts: str) -> None:
    ones = ", ".join("1" for _ in counts)
    more = ", ".join(f"{count} = {count} + 1" for count in counts)
    store.run(
        f"INSERT INTO ledger (name, {', '.join(counts)}) VALUES (?, {ones})"  # noqa: S608
        f" ON CONFLICT (name) DO UPDATE SET {more}",
        (name,),
    )
