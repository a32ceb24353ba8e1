"""What goes wrong in which run, drawn from a seed. Knows the words of fault plans (docs/faults.md) and nothing else.

Some faults cost only time. Others end a run by design: an answer to a tenant POST that can't be used, or a second POST
whose outcome is unknown. Those are few and come late, else a thousand tenants would need hundreds of runs.
"""

from __future__ import annotations

import random
from typing import Any

POST = {"method": "POST", "path": "/api/v2/tenants"}
LIST = {"method": "GET", "path": "/api/v2/tenants"}
TENANT_TOKEN = {"method": "POST", "path": "/oauth/token", "host": "customer-*"}
RTA_TOKEN = {"method": "POST", "path": "/oauth/token", "host": "rta.*"}

# A route, how probable, and what: all of them are got over within the run or by the next one.
HARMLESS: tuple[tuple[dict[str, Any], float, dict[str, Any]], ...] = (
    (POST, 0.03, {"status": 429, "retry_after": 0}),
    (POST, 0.02, {"status": 429, "reset_seconds": 1}),
    (POST, 0.01, {"status": 429, "retry_after_date": 1}),
    (POST, 0.01, {"status": 429}),
    (POST, 0.04, {"slow_body": {"bytes": 100, "every_ms": 20}}),
    (POST, 0.05, {"latency_ms": [20, 300]}),
    (POST, 0.03, {"reshape": {"nested": "management_client", "camel_case": True, "status": 200}}),
    (POST, 0.03, {"domain_ready_after_seconds": 1, "answer": "503"}),
    (POST, 0.02, {"domain_ready_after_seconds": 1, "answer": "404"}),
    (POST, 0.01, {"domain_ready_after_seconds": 1, "as": "certificate"}),
    (POST, 0.01, {"domain_ready_after_seconds": 1, "as": "dns"}),
    (TENANT_TOKEN, 0.04, {"status": 500}),
    (TENANT_TOKEN, 0.03, {"status": 502, "html": True}),
    (TENANT_TOKEN, 0.02, {"status": 503}),
    (TENANT_TOKEN, 0.03, {"status": 429, "retry_after": 0}),
    (TENANT_TOKEN, 0.03, {"reset": "before"}),
    (TENANT_TOKEN, 0.02, {"reset": "after"}),
    (TENANT_TOKEN, 0.02, {"truncate": 20}),
    (TENANT_TOKEN, 0.01, {"not_a_token": True}),
    (TENANT_TOKEN, 0.01, {"redirect": "https://login.example.test/"}),
    (RTA_TOKEN, 0.2, {"status": 503}),
    (RTA_TOKEN, 0.2, {"expires_in": {"claimed": 86400, "real": 15}}),
    (LIST, 0.3, {"duplicate_items": 3}),
    (LIST, 0.3, {"reorder_pages": True}),
    (LIST, 0.1, {"repeat_page": True}),
    (LIST, 0.1, {"drop_items": 4}),
)
UNKNOWN: tuple[dict[str, Any], ...] = (
    {"reset": "after"}, {"reset": "before"}, {"hang": 1}, {"status": 503}, {"status": 504, "carried_out": True},
    {"status": 524, "carried_out": True, "html": True},
)  # fmt: skip
UNUSABLE: tuple[dict[str, Any], ...] = (
    {"without_secret": True}, {"truncate": 30}, {"other_tenant": "someone-else"}, {"not_json": True},
    {"empty_body": True}, {"redirect": "https://login.example.test/", "carried_out": True},
)  # fmt: skip


def of_run(run: int, *, seed: int, tenants: int) -> dict[str, Any]:
    """The fault plan of a run: everything harmless, one unknown outcome, and an end after a share of the tenants."""
    chance = random.Random(f"{seed} {run}")  # noqa: S311 - a plan that can be played again
    rules: list[dict[str, Any]] = [
        {"name": f"{number} {next(iter(do))}", "route": route, "when": {"probability": share}, "do": do}
        for number, (route, share, do) in enumerate(HARMLESS)
    ]
    end = chance.randint(max(2, tenants // 10), max(3, tenants // 4))
    deadly = [(chance.randint(1, end), chance.choice(UNKNOWN)), (end, chance.choice(UNKNOWN + UNUSABLE))]
    for number, (after, do) in enumerate(deadly):
        rules.insert(0, {"name": f"deadly {number}", "route": POST, "when": {"after": after}, "times": 1, "do": do})
    return {"seed": chance.randint(1, 10**6), "faults": rules}


def kills(*, seed: int, tenants: int, count: int) -> list[int]:
    """After how many tenants that were made a run shall be killed, ascending."""
    chance = random.Random(f"{seed} kills")  # noqa: S311
    return sorted(chance.sample(range(max(1, tenants // 20), max(count + 2, tenants * 9 // 10)), count))
