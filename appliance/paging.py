"""Lists, in the three shapes that the API answers with. Knows pages; knows no noun.

A bare array; with `include_totals=true` an object with the total; with `take` or `from` a checkpoint page, whose `next`
is there until the end. A checkpoint wins over `include_totals`, which some clients send along.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from appliance.call import Call, reply
from appliance.errors import invalid_query
from appliance.shapes import Flag, Shape, Text, Whole, check_query
from appliance.store import Row, Value

PAGING: Mapping[str, Shape] = {
    "page": Whole(maximum=2**31),
    "per_page": Whole(1, 100),
    "include_totals": Flag(),
    "from": Text(),
    "take": Whole(1, 100),
}
DEFAULT_LIMIT = 50


@dataclass(frozen=True)
class Listing:
    """What is listed: the rows of a table of one tenant, under the plural name that the page gives them."""

    noun: str
    table: str
    show: Callable[[Row], dict[str, object]]
    where: str
    values: tuple[Value, ...]


def query_of(call: Call, filters: Mapping[str, Shape]) -> dict[str, object]:
    return check_query(call.query, {**PAGING, **filters})


def answer(call: Call, query: Mapping[str, object], listing: Listing) -> Response:
    if "take" in query or "from" in query:
        return reply(200, checkpoint_page(call, query, listing))
    limit, page = _whole(query, "per_page", DEFAULT_LIMIT), _whole(query, "page", 0)
    sql = f"SELECT * FROM {listing.table} WHERE {listing.where} ORDER BY n LIMIT ? OFFSET ?"  # noqa: S608
    rows = call.appliance.store.all(sql, (*listing.values, limit, page * limit))
    items = [listing.show(row) for row in rows]
    if not query.get("include_totals"):
        return reply(200, items)
    count = f"SELECT count(*) AS total FROM {listing.table} WHERE {listing.where}"  # noqa: S608
    total = call.appliance.store.all(count, listing.values)[0]["total"]
    return reply(200, {"total": total, "start": page * limit, "limit": limit, listing.noun: items})


def few(query: Mapping[str, object], noun: str, items: list[dict[str, object]]) -> Response:
    """A list that no page needs to cut."""
    if "take" in query or "from" in query:
        return reply(200, {noun: items})
    if not query.get("include_totals"):
        return reply(200, items)
    page = {"total": len(items), "start": 0, "limit": _whole(query, "per_page", DEFAULT_LIMIT)}
    return reply(200, {**page, noun: items})


def checkpoint_page(call: Call, query: Mapping[str, object], listing: Listing) -> dict[str, object]:
    take, start = _whole(query, "take", DEFAULT_LIMIT), _position(query.get("from"))
    sql = f"SELECT * FROM {listing.table} WHERE {listing.where} AND n > ? ORDER BY n LIMIT ?"  # noqa: S608
    rows = call.appliance.store.all(sql, (*listing.values, start, take + 1))
    page: dict[str, object] = {listing.noun: [listing.show(row) for row in rows[:take]]}
    if len(rows) > take:
        page["next"] = _checkpoint(rows[take - 1]["n"])
    return page


def _checkpoint(position: int) -> str:
    return base64.urlsafe_b64encode(f"after:{position}".encode()).decode()


FIRST_PAGE = _checkpoint(0)


def _position(checkpoint: object) -> int:
    if not isinstance(checkpoint, str) or not checkpoint:
        return 0
    try:
        word, _, number = base64.b64decode(checkpoint, b"-_", validate=True).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        word, number = "", ""
    if word != "after" or not number.isdigit() or len(number) > 18:
        raise invalid_query("'Not a checkpoint of this list' on property from.")
    return int(number)


def _whole(query: Mapping[str, object], name: str, default: int) -> int:
    value = query.get(name, default)
    assert isinstance(value, int)
    return value
