"""Situations 46 to 51: the run dies after the POST, or the new tenant's domain does not work yet, or no longer."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import Any

import pytest

from psaas_resources import tenant_state
from psaas_resources.errors import NameTaken
from psaas_resources.settings import Credential
from tests.situations import situation
from tests.situations.faults import POST_TENANT, on
from tests.situations.world import World

CREATES = """
import json, sys
from psaas_resources import escrow, management, posting, settings
from psaas_resources.tenant_handler import TenantHandler
from psaas_resources.tenant_state import TenantState
given = json.load(sys.stdin)
found = settings.read(given["config"].get, given["environment"])
handler = TenantHandler(management.Management(found), escrow.of(found), posting.Posting(1), warn=print)
handler.create(TenantState(**given["tenant"]))
"""


def child_creates(world: World, name: str) -> subprocess.Popen[str]:
    """Another process makes the tenant, as a provider process would."""
    given, wanted = world.settings(), world.tenant(name)
    document = {
        "config": {"domain": given.rta, "clientId": given.client_id},
        "environment": {
            "PSAAS_CONNECT_TO": world.appliance.address,
            "PSAAS_CA_BUNDLE": world.appliance.ca,
            "PSAAS_CLIENT_SECRET": given.require_provisioning().client_secret,
            "PSAAS_ESCROW_DIR": str(world.directory),
        },
        "tenant": {"rta": wanted.rta, "tenant_domain": wanted.tenant_domain, "name": name, "owners": wanted.owners},
    }
    process = subprocess.Popen(
        [sys.executable, "-c", CREATES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    process.stdin.write(json.dumps(document))
    process.stdin.close()
    return process


def wait_until(holds: Any) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come about within 30 s")


@situation(46)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_run_that_dies_after_the_post_leaves_its_credential_to_the_next_one(
    world: World, how: signal.Signals
) -> None:
    name = world.name()
    world.goes_wrong(on({"path": "/oauth/token", "host": f"{name}.*"}, hang=60))
    with child_creates(world, name) as process:
        wait_until(lambda: world.happened())
        os.kill(process.pid, how)
        assert process.wait(30) != 0
    world.goes_well()
    posts = len(world.posts())

    found = world.run().create(name)

    assert found.ready
    assert found.created_at
    assert len(world.posts()) == posts == 1


@situation(46)
def test_a_run_that_dies_before_the_answer_came_is_an_unknown_outcome_that_the_next_run_names(world: World) -> None:
    name = world.name()
    world.goes_wrong(on(POST_TENANT, hang=60, carried_out=True))
    with child_creates(world, name) as process:
        wait_until(lambda: world.happened())
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
    world.goes_well()
    with world.fails(NameTaken, name, "`adopt: true`"):
        world.run().create(name)

    assert world.made(name) == 1


@situation(47)
def test_a_credential_that_never_reached_the_state_comes_from_the_escrow_until_a_state_has_it(world: World) -> None:
    made = world.run().create(world.name())

    for _ in range(2):
        assert world.run().create(made.name).credential == made.credential
    assert world.run().escrow.tenants() == [made.name]
    world.run().settle(made)

    assert world.run().escrow.tenants() == []
    assert world.run().create(made.name).credential == made.credential  # the state may be lost even later
    assert world.posts() == [201]


def late(world: World, name: str, **do: Any) -> None:
    world.goes_wrong(on({**POST_TENANT, "tenant": name}, domain_ready_after_seconds=3600, **do))


def is_not_ready_and_mends(world: World, name: str, *words: str) -> None:
    """The tenant is made, with its credential and a problem; the update after its domain works has none."""
    made = world.run().create(name)

    assert not made.ready
    assert made.credential
    for word in words:
        assert word in made.problem
    assert any(f"tenant {name} is not ready" in warning for warning in world.warnings)
    assert "ready" in tenant_state.diff(made, made.outputs(), None, warn=world.warnings.append)
    still = world.run().update(made)
    assert (still.ready, still.credential) == (False, made.credential)

    world.goes_well()
    mended = world.run().update(still)

    assert (mended.ready, mended.problem, mended.credential) == (True, "", made.credential)
    assert world.posts() == [201]


@situation(48)
def test_a_domain_that_no_connection_reaches_yet_is_a_problem_until_it_does(world: World) -> None:
    name = world.name()
    late(world, name, **{"as": "dns"})

    is_not_ready_and_mends(world, name, world.domain(name))


@situation(48)
def test_a_domain_that_does_not_resolve_yet_is_named_and_mends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    name = world.name()
    known = {world.appliance.rta}
    host, port = world.appliance.address.split(":")
    real = socket.getaddrinfo

    def resolve(asked: Any, *rest: Any, **more: Any) -> Any:
        """Stands in for DNS, which has the new name later than the others."""
        if asked in known:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, int(port)))]
        if str(asked).endswith(".test"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(asked, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    for variable in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)

    made = world.run(PSAAS_CONNECT_TO="").create(name)

    assert not made.ready
    assert f"the name {world.domain(name)} does not resolve" in made.problem
    known.add(world.domain(name))
    mended = world.run().update(made)
    assert (mended.ready, mended.problem, mended.credential) == (True, "", made.credential)
    world.environment["PSAAS_CONNECT_TO"] = world.appliance.address


@situation(49)
def test_a_certificate_that_lacks_the_new_name_is_a_problem_that_says_which(world: World) -> None:
    name = world.name()
    late(world, name, **{"as": "certificate"})

    is_not_ready_and_mends(world, name, f"the certificate of {world.domain(name)} was not accepted")


@situation(50)
@pytest.mark.parametrize("answer", ["404", "503", "html", "access_denied"])
def test_a_token_endpoint_that_does_not_work_yet_is_looked_at_several_times_and_then_a_problem(
    world: World, answer: str
) -> None:
    name = world.name()
    late(world, name, answer=answer)

    is_not_ready_and_mends(world, name, world.domain(name))

    asked = world.calls("POST", "/oauth/token", host=world.domain(name))
    assert len(asked) == 7  # five looks after the POST, one in each update


@situation(50)
def test_a_domain_that_becomes_ready_in_the_meantime_is_ready_in_the_same_run(world: World) -> None:
    name = world.name()
    said = {"error": "access_denied", "error_description": f"Service not enabled within domain: {world.domain(name)}"}
    world.goes_wrong(on({"path": "/oauth/token", "host": f"{name}.*"}, first=3, status=403, body=said))

    made = world.run().create(name)

    assert (made.ready, made.problem) == (True, "")
    assert world.warnings == []


@situation(51)
def test_a_credential_that_was_rotated_by_hand_is_drift_and_not_a_deleted_tenant(blind: World) -> None:
    made = blind.run().create(blind.name())
    rotated = rotates(blind, made)

    seen = blind.run().tenants.read(made)

    assert not seen.ready
    assert made.client_id in seen.problem
    assert "or its secret is wrong there" in seen.problem
    assert seen.credential == made.credential
    assert seen.vanished_at == ""
    given = blind.run(**blind.gives(made.name, rotated))
    mended = given.update(seen, adopt=True)
    assert (mended.ready, mended.credential) == (True, rotated)


@situation(51)
@pytest.mark.parametrize(("liveness", "noticed", "asked"), [("none", False, 0), ("oidc", False, 0), ("token", True, 1)])
def test_beside_a_list_a_rotated_credential_is_noticed_where_liveness_asks_for_a_token(
    world: World, liveness: str, noticed: bool, asked: int
) -> None:
    made = world.run().create(world.name())
    rotates(world, made)
    world.config["liveness"] = liveness
    world.forget_calls()

    seen = world.run().tenants.read(made)

    assert seen.ready is not noticed
    assert ("or its secret is wrong there" in seen.problem) is noticed
    assert (seen.credential, seen.vanished_at) == (made.credential, "")
    assert len(world.calls("POST", "/oauth/token", made.domain)) == asked
    assert len(world.calls("GET", "/.well-known/openid-configuration", made.domain)) == (liveness == "oidc")


@situation(51)
@pytest.mark.parametrize("liveness", ["oidc", "token"])
def test_a_listed_tenant_whose_domain_is_not_served_is_a_warning_and_keeps_its_state(
    world: World, liveness: str
) -> None:
    made = world.run().create(world.name())
    world.goes_wrong(on({"host": f"{made.name}.*"}, status=503, html=True))

    assert world.run(PSAAS_LIVENESS=liveness).tenants.read(made) == made

    assert any("could not be looked at, its state is kept" in warning for warning in world.warnings)


def rotates(world: World, made: tenant_state.TenantState) -> Credential:
    """The owner rotates a credential through the tenant's own Management API."""
    token = world.appliance.tenant_token(made.domain, client_id=made.client_id, client_secret=made.client_secret)
    path = f"/api/v2/clients/{made.client_id}/rotate-secret"
    status, answer = world.appliance.request("POST", path, host=made.domain, token=token)
    assert status == 200, answer
    world.known_secrets.add(made.client_secret)
    return Credential(answer["client_id"], answer["client_secret"])


@situation(51)
def test_a_domain_that_fails_for_another_reason_leaves_the_state_as_it_is(blind: World) -> None:
    made = blind.run().create(blind.name())
    blind.goes_wrong(on({"path": "/oauth/token", "host": f"{made.name}.*"}, status=503, html=True))

    assert blind.run().tenants.read(made) == made

    assert any("could not be looked at, its state is kept" in warning for warning in blind.warnings)
