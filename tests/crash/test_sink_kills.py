"""`kill -9` in the middle of a rotation that a team reads from a Vault: what lies there works at every moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crash.conftest import Start
from tests.crash.running import CLI, EVERYTHING, PROVIDER, Running, wait_for
from tests.engine.stack import Stack
from tests.sinks.https import Answer
from tests.sinks.vault import TOKEN, VaultStandIn
from tests.unit.peer import Authority

DOMAIN, PATH = "customer-1.appliance.test", "psaas/customer-1"
NOT_ANSWERED = "written, and never answered"
POINTS = (
    "before an application is made", "application made, without its grant", "before the sink is written", NOT_ANSWERED,
)  # fmt: skip
ENDS = "before the old application goes"


class SlowVault(VaultStandIn):
    """Keeps what it is given and, while `silent`, answers no write."""

    silent = False
    kept: threading.Event
    go_on: threading.Event

    def answer(self, method: str, path: str, headers: dict[str, str], body: Any) -> Answer:
        answer = super().answer(method, path, headers, body)
        if method == "POST" and self.silent:
            self.kept.set()
            self.go_on.wait(60)
        return answer


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[SlowVault]:
    authority = Authority(tmp_path)
    server = SlowVault(ca=authority.pem)
    server.kept, server.go_on = threading.Event(), threading.Event()
    stop = server.start(authority)
    yield server
    server.go_on.set()
    stop()


def declared(stack: Stack, vault: SlowVault, marker: str) -> Stack:
    stack.environment |= {"PSAAS_SINK_TOKEN": TOKEN, "PSAAS_SINK_CA_BUNDLE": vault.ca}
    sink = {"kind": "vault", "address": vault.address}
    return stack.declare("customer-1", sink=sink, managementClient={"scopes": ["read:clients"], "rotate": marker})


def works(stack: Stack, held: dict[str, Any]) -> bool:
    body = {"grant_type": "client_credentials", "audience": held["AUTH0_AUDIENCE"]}
    body |= {"client_id": held["AUTH0_CLIENT_ID"], "client_secret": held["AUTH0_CLIENT_SECRET"]}
    return stack.appliance.request("POST", "/oauth/token", host=DOMAIN, body=body)[0] == 200


def lies_there(vault: SlowVault) -> dict[str, Any]:
    held, _ = vault.get(PATH)
    assert held
    return held


def killed(start: Start, vault: SlowVault, point: str, whom: str) -> None:
    """A run that is killed at a point."""
    vault.silent = point == NOT_ANSWERED
    run: Running = start() if vault.silent else start(point=point, first=1)
    if vault.silent:
        wait_for("the write", vault.kept.is_set, why=run.output)
    else:
        run.stopped(1)
    run.kill(whom)
    run.end_leftovers()
    vault.silent = False
    vault.go_on.set()


def applications(stack: Stack) -> list[str]:
    """Those of the team."""
    own = stack.credential("customer-1")
    token = stack.appliance.tenant_token(DOMAIN, **own)
    status, found = stack.appliance.request("GET", "/api/v2/clients", host=DOMAIN, token=token)
    assert status == 200
    return sorted(one["client_id"] for one in found if one["client_id"] != own["client_id"])


@pytest.mark.parametrize(
    ("point", "whom"),
    [
        pytest.param(point, whom, marks=() if (point, whom) == (NOT_ANSWERED, PROVIDER) else pytest.mark.long)
        for point in POINTS
        for whom in (EVERYTHING, CLI, PROVIDER)
    ],
)
def test_after_a_kill_the_team_reads_a_credential_that_works_and_the_next_update_finishes_the_rotation(
    stack: Stack, vault: SlowVault, start: Start, point: str, whom: str
) -> None:
    declared(stack, vault, "a").up().ok()
    first = lies_there(vault)

    declared(stack, vault, "b")
    killed(start, vault, point, whom)
    assert works(stack, lies_there(vault))
    assert works(stack, first)

    stack.pulumi("cancel", "--yes")
    stack.up().ok()

    second = lies_there(vault)
    state = stack.resources()
    assert second["AUTH0_CLIENT_ID"] == state["customer-1-client"]["outputs"]["client_id"]
    assert state["customer-1-sink"]["outputs"]["ready"] is True
    assert second["AUTH0_CLIENT_ID"] != first["AUTH0_CLIENT_ID"]
    assert works(stack, second)
    assert works(stack, first)
    assert applications(stack) == sorted([first["AUTH0_CLIENT_ID"], second["AUTH0_CLIENT_ID"]])
    assert "5 unchanged" in stack.up().ok().summary


@pytest.mark.long
@pytest.mark.parametrize("whom", [EVERYTHING, CLI, PROVIDER])
def test_the_old_application_goes_only_after_the_vault_holds_the_new_credential_whenever_the_run_is_killed(
    stack: Stack, vault: SlowVault, start: Start, whom: str
) -> None:
    for marker in ("a", "b"):
        declared(stack, vault, marker).up().ok()
    second = lies_there(vault)

    declared(stack, vault, "c")
    killed(start, vault, ENDS, whom)
    third = lies_there(vault)
    assert third["AUTH0_CLIENT_ID"] != second["AUTH0_CLIENT_ID"], "the old one would have gone first"
    assert works(stack, third)
    assert works(stack, second)

    stack.pulumi("cancel", "--yes")
    stack.up().ok()

    assert lies_there(vault) == third
    assert applications(stack) == sorted([second["AUTH0_CLIENT_ID"], third["AUTH0_CLIENT_ID"]])
    assert "5 unchanged" in stack.up().ok().summary
