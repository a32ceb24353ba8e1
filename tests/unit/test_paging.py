"""Lists are read to their end and not beyond, whatever an appliance's release makes of our paging."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from psaas_resources.errors import AnswerUnusable
from psaas_resources.paging import pages
from psaas_resources.transport import Answer

Shown = Callable[[list[dict[str, Any]], int, int], Any]


def totals(rows: list[dict[str, Any]], start: int, limit: int) -> Any:
    return {"total": len(rows), "start": start, "limit": limit, "tenants": rows[start : start + limit]}


def bare(rows: list[dict[str, Any]], start: int, limit: int) -> Any:
    return rows[start : start + limit]


def everything(rows: list[dict[str, Any]], start: int, limit: int) -> Any:
    return rows


class Appliance:
    """Lists `count` tenants in one of the API's shapes, at most `most` a page."""

    def __init__(self, count: int, shape: Shown, *, most: int = 100) -> None:
        self.rows = [{"id": f"ten_{n}", "name": f"customer-{n}"} for n in range(count)]
        self.shape, self.most = shape, most
        self.requests = 0

    def get(self, method: str, path: str, *, query: dict[str, Any]) -> Answer:
        self.requests += 1
        limit = min(query["per_page"], self.most)
        body = json.dumps(self.shape(self.rows, query["page"] * limit, limit)).encode()
        return Answer(method, f"https://rta.appliance.test/api/v2/{path}", 200, {}, body)

    def listed(self) -> list[str]:
        return [row["name"] for row in pages(self.get, "tenants", "tenants", {})]


@pytest.mark.parametrize("most", [100, 50, 7])
@pytest.mark.parametrize("shape", [totals, bare, everything])
@pytest.mark.parametrize("count", [0, 1, 49, 50, 99, 101, 150, 250])
def test_every_tenant_is_listed_once_however_few_an_appliance_gives_a_page(count: int, shape: Shown, most: int) -> None:
    appliance = Appliance(count, shape, most=most)

    assert appliance.listed() == [row["name"] for row in appliance.rows]


@pytest.mark.parametrize(
    ("count", "shape", "requests"),
    [(0, totals, 1), (40, totals, 1), (100, totals, 1), (250, totals, 3), (0, bare, 1), (40, bare, 2), (250, bare, 4)],
)
def test_a_page_that_says_it_is_the_last_costs_no_further_request(count: int, shape: Shown, requests: int) -> None:
    appliance = Appliance(count, shape)
    appliance.listed()

    assert appliance.requests == requests


def test_a_list_that_ends_before_its_own_total_proves_nothing() -> None:
    def half(rows: list[dict[str, Any]], start: int, limit: int) -> Any:
        return totals(rows, start, limit) | {"tenants": [] if start else rows[:limit]}

    with pytest.raises(AnswerUnusable, match="nothing follows from it"):
        Appliance(150, half).listed()


def test_a_full_page_that_comes_again_proves_nothing() -> None:
    with pytest.raises(AnswerUnusable, match="nothing follows from it"):
        Appliance(100, everything).listed()


def test_things_that_move_between_two_pages_are_listed_once() -> None:
    def shifted(rows: list[dict[str, Any]], start: int, limit: int) -> Any:
        return totals(rows, max(0, start - 3), limit) if start < 200 else totals(rows, start - 3, limit)

    appliance = Appliance(250, shifted)

    assert appliance.listed() == [row["name"] for row in appliance.rows]
