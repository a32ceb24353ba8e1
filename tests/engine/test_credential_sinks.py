"""A team's credential in a Vault, on the real engine: written, rotated, seen to be missing, put right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from review import drift, preview
from tests.engine.stack import NAME, Stack
from tests.sinks.vault import TOKEN, VaultStandIn
from tests.unit.peer import Authority

CLIENT = {"scopes": ["read:clients"]}
PATH = "teams/billing/customer-1"
TENANT = {"name": "customer-1", "owners": ["me@email.com"], "labels": {"team": "billing"}}


@pytest.fixture
def vault(tmp_path: Any) -> Iterator[VaultStandIn]:
    authority = Authority(tmp_path)
    server = VaultStandIn(ca=authority.pem)
    stop = server.start(authority)
    yield server
    stop()


def declared(stack: Stack, vault: VaultStandIn, client: dict[str, Any] = CLIENT, **rest: Any) -> Stack:
    stack.environment |= {"PSAAS_SINK_TOKEN": TOKEN, "PSAAS_SINK_CA_BUNDLE": vault.ca}
    sink = {"kind": "vault", "address": vault.address, "path": "teams/{label:team}/{tenant}"}
    return stack.declare(TENANT | rest, managementClient=client, sink=sink)


def test_a_credential_is_in_its_vault_at_once_at_each_rotation_and_again_after_somebody_removed_it(
    stack: Stack, vault: VaultStandIn
) -> None:
    declared(stack, vault)
    assert stack.up().ok().summary.startswith("+ 5 created")
    assert stack.up().ok().summary.startswith("5 unchanged")
    first, version = vault.get(PATH)
    assert first
    assert version == 1
    assert in_tenant(stack, first)

    declared(stack, vault, CLIENT | {"rotate": "2026-11"})
    assert "~ 2 updated" in stack.up().ok().summary
    assert stack.up().ok().summary.startswith("5 unchanged")
    second, version = vault.get(PATH)
    assert second
    assert version == 2
    assert second["AUTH0_CLIENT_ID"] != first["AUTH0_CLIENT_ID"]
    assert in_tenant(stack, second)
    assert in_tenant(stack, first)

    vault.remove(PATH)
    assert "~ 1" in stack.preview("--refresh").ok().summary
    assert "~ 1 updated" in stack.up("--refresh").ok().summary
    assert vault.get(PATH) == (second, 3)
    vault.put(PATH, first)
    assert "~ 1 updated" in stack.up("--refresh").ok().summary
    assert vault.get(PATH) == (second, 5)
    assert stack.up("--refresh").ok().summary.startswith("5 unchanged")
    left = [file.read_text(errors="replace") for file in (stack.project / "state").rglob("*") if file.is_file()]
    everything = "".join([*left, *(ran.output for ran in stack.said)])
    assert not any(secret in everything for secret in (first["AUTH0_CLIENT_SECRET"], second["AUTH0_CLIENT_SECRET"]))
    assert TOKEN not in everything


@pytest.mark.long
def test_reviews_of_the_engine_tell_where_a_credential_goes_and_that_it_is_missing_there(
    stack: Stack, vault: VaultStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PSAAS_LONG", raising=False)
    stack.declare(TENANT).up().ok()
    declared(stack, vault)
    new = preview.preview(NAME, root=stack.project, environment=stack.environment)
    [row] = new.tenants
    changes = {change.name: change.after for change in row.changes if change.name.startswith("sink.")}
    assert changes == {
        "sink.address": vault.address, "sink.credential": "its team's", "sink.kind": "vault", "sink.mount": "secret",
        "sink.path": PATH,
    }  # fmt: skip
    assert (row.action, new.others) == ("change", ())

    stack.up().ok()
    declared(stack, vault, CLIENT | {"rotate": "2026-11"})
    rotation = preview.preview(NAME, root=stack.project, environment=stack.environment)
    assert [change.name for change in rotation.tenants[0].changes] == ["managementClient.rotate"]
    assert rotation.others == ()

    declared(stack, vault)
    vault.remove(PATH)
    found = drift.drift(NAME, root=stack.project, environment=stack.environment)
    [row] = found.tenants
    assert (row.action, found.others) == ("drift", ())
    assert "is missing where its team reads it" in row.note


@pytest.mark.long
def test_with_a_vault_that_is_down_everything_else_is_done_and_no_application_goes_before_the_vault_has_the_new_one(
    stack: Stack, vault: VaultStandIn
) -> None:
    declared(stack, vault).up().ok()
    first = vault.get(PATH)[0]
    assert first
    vault.fail_with = 503
    declared(stack, vault, CLIENT | {"rotate": "a"})
    ran = stack.up().ok()
    assert "each update tries again: could not read secret/teams/billing/customer-1" in ran.output
    sink = stack.resources()["customer-1-sink"]["outputs"]
    assert (sink["ready"], sink["problem"][:14]) == (False, "could not read")

    declared(stack, vault, CLIENT | {"rotate": "b"})
    ran = stack.up().ok()
    assert "the application before it stays, since the team can't read the new credential yet" in ran.output
    assert in_tenant(stack, first), "the credential that the team reads was ended"

    vault.fail_with = 0
    stack.up().ok()
    last = vault.get(PATH)[0]
    assert last
    assert in_tenant(stack, last)
    assert not in_tenant(stack, first)
    assert stack.up().ok().summary.startswith("5 unchanged")


@pytest.mark.long
def test_a_tenants_own_credential_is_written_where_that_is_wished_and_again_after_its_rotation(
    stack: Stack, vault: VaultStandIn
) -> None:
    declared(stack, vault, {}, sink={"ownCredential": True}).up().ok()
    own = stack.credential("customer-1")
    first = vault.get(PATH)[0]
    assert first
    assert (first["AUTH0_CLIENT_ID"], first["AUTH0_CLIENT_SECRET"]) == (own["client_id"], own["client_secret"])

    declared(stack, vault, {}, sink={"ownCredential": True}, rotate="2026-11")
    assert "~ 2 updated" in stack.up().ok().summary

    second = vault.get(PATH)[0]
    assert second
    assert second["AUTH0_CLIENT_SECRET"] == stack.credential("customer-1")["client_secret"]
    assert second["AUTH0_CLIENT_SECRET"] != first["AUTH0_CLIENT_SECRET"]
    assert in_tenant(stack, second)
    assert stack.up().ok().summary.startswith("4 unchanged")


def in_tenant(stack: Stack, held: dict[str, Any]) -> bool:
    """Whether what lies in the Vault is good for a token."""
    body = {
        "grant_type": "client_credentials", "audience": held["AUTH0_AUDIENCE"],
        "client_id": held["AUTH0_CLIENT_ID"], "client_secret": held["AUTH0_CLIENT_SECRET"],
    }  # fmt: skip
    return stack.appliance.request("POST", "/oauth/token", host=held["AUTH0_DOMAIN"], body=body)[0] == 200
