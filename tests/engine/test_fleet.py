"""`psaas fleet` on a real state and a real appliance: what it shows is what stands, and looking changes nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.command.operator_shell import Ran, psaas
from tests.engine.stack import Stack


def fleet(stack: Stack, *options: str, **environment: str) -> Ran:
    ran = psaas(stack.project, "fleet", *options, **(stack.environment | environment))
    assert "Traceback" not in ran.err
    return ran


def document(ran: Ran) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    told = json.loads(ran.out)
    return told, {tenant["name"]: tenant for tenant in told["tenants"]}


def test_the_fleet_is_what_the_state_says_and_a_look_finds_what_has_changed_since(stack_of_two: Stack) -> None:
    stack = stack_of_two
    ran = fleet(stack)
    assert (ran.status, ran.out.count("\n")) == (0, 3)
    assert "customer-1  test   me@email.com  customer-1.appliance.test  yes    today" in ran.out
    assert re.search(
        r"test on rta\.appliance\.test: read: stack file, state of 20\d\d-\d\d-\d\d \d\d:\d\d UTC\n", ran.err
    )
    assert "2 tenants in 1 stack; none needs a look" in ran.err

    secrets = [stack.credential(name)["client_secret"] for name in ("customer-1", "customer-2")]
    stack.appliance.api("POST", "tenants", {"name": "by-hand", "owners": ["me@email.com"]}, application="provisioning")
    grants = stack.appliance.api("GET", "client-grants")
    for grant in grants:
        if grant["client_id"] == stack.appliance.described["provisioning"]["client_id"]:
            scopes = {"scope": [*grant["scope"], "delete:tenants"]}
            stack.appliance.api("PATCH", f"client-grants/{grant['id']}", scopes)
    stack.appliance.api("DELETE", "tenants/customer-2", application="provisioning")
    stack.appliance.forget_calls()
    page = stack.project / "fleet.html"

    looked = fleet(stack, "--look", "--json", "--html", str(page))

    whole, tenants = document(looked)
    assert looked.status == 1
    assert whole["stacks"][0]["read"][2:] == ["the appliance's list"]
    assert tenants["customer-1"]["needsALook"] is False
    assert tenants["customer-2"]["drift"] == ["the appliance does not list it", "its domain is not served"]
    assert (tenants["by-hand"]["status"], tenants["by-hand"]["stack"]) == ("unknown", "")
    asked = [c["path"] for m in ("POST", "PATCH", "DELETE") for c in stack.appliance.calls(m, "/")]
    assert set(asked) == {"/oauth/token"}
    text = page.read_text(encoding="utf-8")
    assert "its domain is not served" in text
    assert not any(secret in text + looked.out + looked.err for secret in secrets)


def test_without_the_states_key_it_says_so_and_shows_what_the_files_and_inventories_say(stack_of_two: Stack) -> None:
    stack = stack_of_two
    published = Path(stack.project) / "inventories"
    published.mkdir()
    closed = fleet(stack, PULUMI_BACKEND_URL=(stack.project / "nowhere").as_uri())
    assert closed.status == 0
    assert "customer-1  test   me@email.com  customer-1.appliance.test  not known" in closed.out
    assert "read: stack file; state: " in closed.err
    assert "of 2 only the entry in a stack file is known" in closed.err

    from review import inventory
    from review.engine_run import Engine

    export = Engine(stack.project, "test", stack.environment).export()
    text = inventory.render(
        inventory.of_state(export, stack="test", stack_file=stack.file.read_text(), commit="abc123")
    )
    (published / "test.json").write_text(text)

    ran = fleet(stack, "--no-state", "--inventory", "inventories", "--json")

    whole, tenants = document(ran)
    assert whole["stacks"][0]["read"] == ["stack file", "inventory of abc123"]
    assert (tenants["customer-2"]["ready"], tenants["customer-2"]["credentialDays"]) == ("yes", 0)


@pytest.mark.long
def test_an_appliance_that_can_not_be_asked_is_a_gap_and_status_1(stack_of_two: Stack) -> None:
    ran = fleet(stack_of_two, "--no-state", "--look", "--json", PSAAS_CLIENT_SECRET="wrong")
    whole, _ = document(ran)
    assert ran.status == 1
    assert whole["stacks"][0]["gaps"][0].startswith("look: ")
    assert "1 stack could not be looked at" in ran.err
