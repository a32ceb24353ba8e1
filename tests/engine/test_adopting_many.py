"""Many existing tenants taken over at once: the ledger of the appliance shows that nothing there was changed."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from psaas_resources import adoption
from psaas_resources.adoption import Plan, Request, Wanted
from tests.engine.snapshots import Made
from tests.engine.stack import NAME, Stack

MANY = [20, pytest.param(300, marks=pytest.mark.long)]


@pytest.fixture
def stack(made: Made) -> Stack:
    """A stack that has its client grant and no tenant."""
    return made()


def exist(stack: Stack, number: int) -> list[dict[str, str]]:
    """So many tenants that somebody else has made, with their credentials."""

    def make(name: str) -> dict[str, str]:
        body = {"name": name, "owners": ["someone@email.com"]}
        status, answer = stack.appliance.request("POST", "/api/v2/tenants", body=body, token=token)
        assert status == 201, answer
        return {"name": name, "clientId": answer["client_id"], "clientSecret": answer["client_secret"]}

    token = stack.appliance.token("provisioning")
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make, [f"customer-{n}" for n in range(1, number + 1)]))
    stack.appliance.forget_calls()
    return made


def plan(stack: Stack, source: list[dict[str, str]] | None = None) -> Plan:
    given = (json.dumps(source), "tenants.json") if source else None
    request = Request(NAME, Wanted(everything=True), given, root=stack.project, environment=stack.environment)
    return adoption.plan(request)


def changing_requests(stack: Stack) -> list[Any]:
    """Everything that the appliance and its tenants were asked, but for looks and tokens."""
    calls = [c for method in ("POST", "PUT", "PATCH", "DELETE") for c in stack.appliance.calls(method, "/")]
    return [(call["method"], call["path"]) for call in calls if call["path"] != "/oauth/token"]


@pytest.mark.parametrize("number", MANY)
@pytest.mark.timeout(900)
def test_many_tenants_are_taken_over_at_once_and_no_request_changes_anything(stack: Stack, number: int) -> None:
    given = exist(stack, number)

    plan(stack, given).carry_out()
    stack.up("--continue-on-error").ok()

    outputs = stack.outputs()
    assert len(outputs) == number
    assert all(tenant["ready"] for tenant in outputs.values())
    resources = stack.resources(show_secrets=True)
    for tenant in given:
        kept = resources[tenant["name"]]["outputs"]["client_secret"]
        assert json.loads(kept["plaintext"]) == tenant["clientSecret"]
    assert changing_requests(stack) == []
    assert stack.up().ok().summary.startswith(f"{number + 2} unchanged")
    assert changing_requests(stack) == []
    waiting = list((stack.project / "escrow" / stack.appliance.rta).glob("customer-*.json"))
    assert waiting == []  # they are in the state now, and aside in the escrow
    assert not plan(stack, given).changes
    files = [file for file in (stack.project / "stacks").rglob("*") if file.is_file()]
    said = "".join(file.read_text(encoding="utf-8") for file in files) + "".join(ran.output for ran in stack.said)
    assert not any(tenant["clientSecret"] in said for tenant in given)


@pytest.mark.long
def test_many_tenants_whose_credentials_nobody_holds_are_listed_at_once(stack: Stack) -> None:
    exist(stack, 300)

    plan(stack).carry_out()
    stack.up().ok()

    assert len(stack.outputs()) == 300
    assert changing_requests(stack) == []
    assert plan(stack).unknown == ()


@pytest.mark.long  # a wrong credential is tried for half a minute
def test_a_wrong_credential_is_refused_and_the_others_are_taken_over(stack: Stack) -> None:
    given = exist(stack, 2)
    wrong = [given[0], given[1] | {"clientSecret": "canary-wrong"}]
    plan(stack, wrong).carry_out()

    ran = stack.up("--continue-on-error")

    ran.failed("the credential given for tenant customer-2 is not taken over")
    assert "canary-wrong" not in ran.output
    assert {"customer-1"} == set(stack.resources()) - {"provisioning"}

    plan(stack, given).carry_out()  # the right one takes the place of the wrong one
    stack.up().ok()
    assert stack.credential("customer-2")["client_secret"] == given[1]["clientSecret"]
    assert changing_requests(stack) == []


@pytest.mark.long
def test_an_inventory_gets_its_credentials_from_the_escrow(stack: Stack) -> None:
    given = exist(stack, 2)
    plan(stack).carry_out()
    stack.up().ok()
    assert stack.outputs()["customer-1"]["clientId"] == ""

    plan(stack, given).carry_out()
    assert "~ 2 updated" in stack.up().ok().summary

    assert stack.credential("customer-1")["client_secret"] == given[0]["clientSecret"]
    assert stack.up().ok().summary.startswith("4 unchanged")
    assert changing_requests(stack) == []
