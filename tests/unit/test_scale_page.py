"""The arithmetic of docs/scale.md, held to the code that it is about."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
import yaml

from pipeline import comment, inventory_branch
from psaas_resources import paging
from psaas_resources.config import Fleet

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
WORDS = " ".join(PAGE.split())
APPLIANCES, TENANTS = 100, 300
AT_ONCE = Fleet.model_fields["max_concurrent_creates"].default
MOST_NEW = json.loads((ROOT / "stacks" / "policy.json").read_text())["new-tenants-limit"]["maximum"]
STATE_KB = 620  # of 300 tenants, as bench.backends tells it
TENANT_BYTES = 50


def workflow(name: str) -> str:
    return (ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8")


def test_the_numbers_that_the_page_begins_with_are_those_of_the_code() -> None:
    deploy = yaml.safe_load(workflow("deploy.yml"))["jobs"]
    stacks_at_once = re.search(r"\|\| '(\d+)'", deploy["deploy"]["strategy"]["max-parallel"])
    assert stacks_at_once
    for row in (
        f"| tenants a page of the appliance's list | {paging.PAGE} |",
        f"| tenants made at once | {AT_ONCE}, the first of a run alone |",
        f"| new tenants in one review | {MOST_NEW} |",
        f"| stacks at once in a workflow | {stacks_at_once[1]} |",
        f"| a deploy's longest time | {deploy['deploy']['timeout-minutes']} minutes |",
        f"| the plan job's {deploy['plan']['timeout-minutes']} minutes |",
        f"| a comment of {comment.LIMIT:,} characters |",
        f"| the appliance's list | {paging.MOST_PAGES:,} pages of {paging.PAGE} | {TENANTS // paging.PAGE} pages |",
    ):
        assert row in PAGE
    assert f"tries again, up to {inventory_branch.TRIES} times" in WORDS
    entry = {"name": "customer-100", "owners": ["me@email.com"]}
    assert len(json.dumps(entry, separators=(",", ":"))) + 1 == TENANT_BYTES
    assert f"| one tenant in the engine's configuration | {TENANT_BYTES} bytes |" in PAGE


@pytest.mark.parametrize(
    ("liveness", "tokens_each", "others_each", "tokens_without_list"),
    [("none", 0, 0, 1), ("oidc", 0, 1, 0), ("token", 1, 0, 1)],
)
def test_a_night_costs_what_the_table_says(
    liveness: str, tokens_each: int, others_each: int, tokens_without_list: int
) -> None:
    """What is asked of each tenant: tests/situations/test_46_after_creation.py counts it."""
    every = APPLIANCES * TENANTS
    tokens, others = APPLIANCES * 2, APPLIANCES * (1 + math.ceil(TENANTS / paging.PAGE))
    row = (
        f"| `{liveness}` | {tokens + every * tokens_each:,} | {others + every * others_each:,} "
        f"| {tokens + every * tokens_without_list:,} |"
    )
    assert row in PAGE


def test_the_first_day_and_the_states_are_worked_out_right() -> None:
    turns = 1 + math.ceil((TENANTS - 1) / AT_ONCE)
    writes = 2 * (TENANTS + 3)
    requests = writes * 4 + 22
    for words in (
        f"300 ÷ {MOST_NEW} = {TENANTS // MOST_NEW} reviews",
        f"1 + ⌈299 ÷ {AT_ONCE}⌉ = {turns} turns",
        f"that is {turns * 2} s",
        f"up to {120 * 60 // turns} s for a tenant",
        f"2 × (300 tenants + 3) = {writes} times",
        f"{writes} × 4 + 22 = {requests:,} requests; at 10 ms each {requests // 100} s, at 50 ms {requests // 20} s",
        f"{writes} × {STATE_KB // 2} KB = {round(writes * STATE_KB / 2 / 1000, -1):.0f} MB",
        f"2,006 × 1,035 KB = {2006 * 1035 / 1000:,.0f} MB",
        f"100 × 250 × 1.24 MB = {100 * 250 * 2 * STATE_KB / 1e6:.0f} GB a year",
        f"131,072 ÷ {TENANT_BYTES} = {131_072 // TENANT_BYTES:,} tenants",
        f"300 × {TENANT_BYTES} = {TENANTS * TENANT_BYTES / 1000:g} KB",
        f"{APPLIANCES} × 2 = {APPLIANCES * 2} minutes a night, {APPLIANCES * 2 * 30:,} a month",
    ):
        assert words in WORDS
