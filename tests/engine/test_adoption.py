"""Taking over tenants that exist, with a credential or without, and finding the way back to one that was lost."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from tests.engine.snapshots import Made
from tests.engine.stack import Stack


@pytest.fixture
def stack(made: Made) -> Stack:
    """A stack that has its client grant and no tenant."""
    return made()


@pytest.fixture
def existing(stack: Stack) -> dict[str, str]:
    """A tenant that somebody else has made, and its credential."""
    body = {"name": "customer-7", "owners": ["someone@email.com"]}
    answer = stack.appliance.api("POST", "tenants", body, application="provisioning")
    stack.appliance.forget_calls()
    return {"clientId": answer["client_id"], "clientSecret": answer["client_secret"]}


def adopted(name: str, how: Any = True) -> dict[str, Any]:
    return {"name": name, "adopt": how}


def test_a_tenant_is_taken_over_with_a_given_credential_and_no_request_that_changes_anything(
    stack: Stack, existing: dict[str, str]
) -> None:
    stack.declare(adopted("customer-7"))

    stack.up(PSAAS_CREDENTIALS=json.dumps({"customer-7": existing})).ok()

    assert stack.outputs()["customer-7"] == {
        "domain": "customer-7.appliance.test", "clientId": existing["clientId"], "ready": True, "problem": "",
    }  # fmt: skip
    assert stack.resources()["customer-7"]["outputs"]["created_at"] == ""
    assert stack.posts() == []
    assert stack.up().ok().summary.startswith("3 unchanged")  # the credential is in the state now


def test_credentials_may_lie_encrypted_in_the_stack_file(stack: Stack, existing: dict[str, str]) -> None:
    for key, value in existing.items():
        stack.pulumi("config", "set", "--secret", "--path", f'psaas:credentials["customer-7"].{key}', "--", value).ok()
    text = stack.file.read_text(encoding="utf-8")
    entry = "  psaas:tenants:\n  - name: customer-7\n    adopt: true\n"
    stack.file.write_text(text.replace("  psaas:tenants: []\n", entry), encoding="utf-8")

    stack.up().ok()

    assert existing["clientSecret"] not in stack.file.read_text(encoding="utf-8")
    assert stack.credential("customer-7")["client_secret"] == existing["clientSecret"]


@pytest.mark.long
def test_a_wrong_credential_is_not_taken_over(stack: Stack, existing: dict[str, str]) -> None:
    wrong = existing | {"clientSecret": "canary-wrong"}

    ran = stack.declare(adopted("customer-7")).up(PSAAS_CREDENTIALS=json.dumps({"customer-7": wrong}))

    ran.failed("the credential given for tenant customer-7 is not taken over")
    assert "canary-wrong" not in ran.output
    assert "customer-7" not in stack.resources()


@pytest.mark.long
def test_adopting_without_a_credential_says_where_to_put_one(stack: Stack, existing: dict[str, str]) -> None:
    stack.declare(adopted("customer-7")).up().failed("psaas:credentials", "adopt: inventory")


def test_a_tenant_whose_credential_nobody_holds_is_managed_as_inventory_and_may_get_one_later(
    stack: Stack, existing: dict[str, str]
) -> None:
    stack.declare(adopted("customer-7", "inventory")).up().ok()
    assert stack.outputs()["customer-7"]["ready"] is True
    assert stack.outputs()["customer-7"]["clientId"] == ""
    assert stack.up().ok().summary.startswith("3 unchanged")
    assert stack.refresh().ok().summary.startswith("3 unchanged")

    stack.declare(adopted("customer-7"))
    assert "~ 1 updated" in stack.up(PSAAS_CREDENTIALS=json.dumps({"customer-7": existing})).ok().summary

    assert stack.credential("customer-7") == {
        "client_id": existing["clientId"], "client_secret": existing["clientSecret"],
    }  # fmt: skip
    assert stack.posts() == []


@pytest.mark.long
def test_inventory_of_a_tenant_that_does_not_exist_is_refused(stack: Stack) -> None:
    stack.declare(adopted("customer-9", "inventory")).up().failed("the appliance has no tenant customer-9")


@pytest.mark.long
def test_a_legacy_tenant_with_a_reserved_name_can_be_taken_over(stack: Stack) -> None:
    stack.declare(adopted("dev", "inventory")).up().failed("the appliance has no tenant dev")
    stack.declare("dev").preview().failed('"dev" is a reserved name')


def test_when_the_state_is_lost_the_escrow_gives_every_credential_back_without_a_request(stack_of_two: Stack) -> None:
    stack = stack_of_two
    credential = stack.credential("customer-2")
    shutil.rmtree(stack.project / "state")
    (stack.project / "state").mkdir()
    stack.pulumi("stack", "init").ok()

    stack.declare("customer-1", "customer-2").up().ok()

    assert stack.posts() == []
    assert stack.credential("customer-2") == credential
    assert stack.outputs()["customer-2"]["ready"] is True
    assert stack.up().ok().summary.startswith("4 unchanged")
    assert list((stack.project / "escrow" / stack.appliance.rta).glob("customer-*.json")) == []


@pytest.mark.long
def test_an_escrow_entry_under_another_key_is_named_and_not_overwritten(stack: Stack) -> None:
    stack.declare("customer-1").up(PSAAS_ESCROW_KEY="a-first-key-of-at-least-thirty-two-characters").ok()
    entry = stack.project / "escrow" / stack.appliance.rta / "customer-1.json"
    before = entry.read_bytes()
    shutil.rmtree(stack.project / "state")
    (stack.project / "state").mkdir()
    stack.pulumi("stack", "init").ok()

    stack.declare("customer-1").up().failed(str(entry), "another key", "PSAAS_ESCROW_KEY")

    assert entry.read_bytes() == before
    assert stack.posts() == ["201"]
