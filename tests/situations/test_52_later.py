"""Situations 52 to 60: tenants that vanish, leave, are taken over or posted by two, and secrets in what people see."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from psaas_resources import readiness
from psaas_resources.errors import NameTaken, PsaasError, Refused, ToldNo, WrongCredential
from psaas_resources.settings import Credential
from psaas_resources.tenant_state import TenantState
from tests.situations import situation
from tests.situations.faults import CANARY, DELETE_TENANT, LIST_TENANTS, POST_TENANT, RTA_TOKEN, on, refusal
from tests.situations.world import World

DAY = 86_400


@situation(52)
def test_a_tenant_that_was_deleted_by_hand_stays_in_the_state_and_its_credential_in_the_escrow(world: World) -> None:
    made = world.run().create(world.name())
    world.run().settle(made)
    world.deleted_behind_our_back(made.name)

    seen = world.run().tenants.read(made)

    assert seen.vanished_at
    assert not seen.ready
    assert seen.credential == made.credential
    assert any("not made again by itself" in warning for warning in world.warnings)
    entry = world.run().escrow.find(made.name)
    assert entry
    assert (entry.reason, entry.credential) == ("vanished", made.credential)
    assert world.run().update(seen).vanished_at == seen.vanished_at
    assert world.posts() == [201]


@situation(52)
def test_only_the_explicit_wish_posts_a_vanished_tenant_again_and_the_used_name_is_told(world: World) -> None:
    made = world.run().create(world.name())
    world.deleted_behind_our_back(made.name)
    seen = world.run().tenants.read(made)

    with world.fails(NameTaken, made.name, "can't be used again"):
        world.run().update(seen, recreate=True)

    assert world.posts() == [201, 409]


@situation(53)
@pytest.mark.parametrize(
    "do",
    [refusal(403, "Insufficient scope", "insufficient_scope"), refusal(404, "Not Found"), refusal(405, "No")],
    ids=["403", "404", "405"],
)
def test_where_the_appliance_offers_no_list_the_state_is_kept(world: World, do: dict[str, Any]) -> None:
    made = world.run().create(world.name())
    world.goes_wrong(on(LIST_TENANTS, **do))

    assert world.run().tenants.read(made) == made

    assert world.happened() == 1


@situation(53)
def test_without_the_scope_no_list_is_asked_for(blind: World) -> None:
    made = blind.run().create(blind.name())

    assert blind.run().tenants.read(made) == made

    assert blind.calls("GET", "/api/v2/tenants") == []


@situation(53)
def test_an_appliance_that_can_only_create_tenants_is_enough(start: Callable[..., World]) -> None:
    world = start("--no-tenant-reads").with_application("create:tenants", "read:tenants", "delete:tenants")

    made = world.run().create(world.name(), deletion="delete")

    assert world.run().tenants.read(made) == made


@situation(54)
@pytest.mark.parametrize("do", [{}, refusal(404, "The tenant does not exist.", "inexistent_tenant")])
def test_deleting_a_tenant_that_is_gone_is_a_success_and_keeps_its_credential(world: World, do: dict[str, Any]) -> None:
    made = world.run().create(world.name(), deletion="delete")
    if do:
        world.goes_wrong(on(DELETE_TENANT, **do))

    world.run(PSAAS_ALLOW_DELETE=made.name).tenants.delete(made)

    assert len(world.calls("DELETE", "/api/v2/tenants")) == 1
    entry = world.run().escrow.find(made.name)
    assert entry
    assert (entry.reason, entry.credential) == ("deleted", made.credential)


@situation(55)
@pytest.mark.parametrize("status", [403, 405, 409])
def test_a_refused_deletion_names_the_two_other_ways(world: World, status: int) -> None:
    made = world.run().create(world.name(), deletion="delete")
    world.goes_wrong(on(DELETE_TENANT, **refusal(status, "Not allowed here")))

    with world.fails(ToldNo, str(status), made.name, "in the dashboard", "`deletion: forget`"):
        world.run(PSAAS_ALLOW_DELETE=made.name).tenants.delete(made)

    assert world.ledger()[made.name]["deleted_at"] is None


@situation(56)
def test_without_the_switch_that_names_it_a_tenant_is_not_deleted(world: World) -> None:
    made = world.run().create(world.name(), deletion="delete")

    for allowed in ("", "customer-0", made.name + "0"):
        with world.fails(Refused, f"PSAAS_ALLOW_DELETE={made.name}", "can't be brought back"):
            world.run(PSAAS_ALLOW_DELETE=allowed).tenants.delete(made)

    assert world.calls("DELETE", "/api/v2/tenants") == []


@situation(56)
def test_a_tenant_whose_deletion_is_refused_says_what_lets_it_go(world: World) -> None:
    made = world.run().create(world.name(), deletion="refuse")

    with world.fails(Refused, made.name, "Set it to forget (or delete)"):
        world.run(PSAAS_ALLOW_DELETE=made.name).tenants.delete(made)

    assert world.calls("DELETE", "/api/v2/tenants") == []


@situation(57)
def test_of_two_runs_with_the_same_name_one_makes_it_and_the_other_is_told(
    world: World, world_on: Callable[..., World]
) -> None:
    """Two machines, two escrows."""
    second = world_on(world.appliance)
    second.uses(Credential(world.config["clientId"], world.environment["PSAAS_CLIENT_SECRET"]))
    name = world.name()
    world.goes_wrong(on(POST_TENANT, latency_ms=100))
    runs = [world.run(), second.run()]

    def creates(number: int) -> Any:
        try:
            return runs[number].create(name)
        except PsaasError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(creates, range(2)))

    taken = [outcome for outcome in outcomes if isinstance(outcome, NameTaken)]
    made = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
    assert len(taken) == len(made) == 1
    assert "`adopt: true`" in str(taken[0])
    assert made[0].ready
    assert sorted(world.posts()) == [201, 409]
    world.lost_on_purpose.add(name)  # it is in the escrow of whoever made it
    assert [w.run().escrow.find(name) is not None for w in (world, second)].count(True) == 1


@situation(58)
def test_adopting_with_a_wrong_credential_or_that_of_another_tenant_is_refused(world: World) -> None:
    name, other = world.name(), world.run().create(world.name())
    real = world.somebody_else_makes(name)
    for given in (Credential(real.client_id, "canary-of-a-wrong-secret"), other.credential):
        assert given
        world.known_secrets.add(given.client_secret)
        with world.fails(Refused, name, "is not taken over", world.domain(name)):
            world.run(**world.gives(name, given)).create(name, adopt=True)

    adopted = world.run(**world.gives(name, real)).create(name, adopt=True)

    assert (adopted.ready, adopted.credential) == (True, real)
    assert world.made(name) == 1


@situation(58)
def test_a_token_of_another_domain_is_no_proof_for_an_adoption(world: World) -> None:
    name, other = world.name(), world.run().create(world.name())
    real = world.somebody_else_makes(name)
    token = world.appliance.tenant_token(other.domain, client_id=other.client_id, client_secret=other.client_secret)
    world.known_secrets.add(token)
    route = {"path": "/oauth/token", "host": world.domain(name)}
    world.goes_wrong(on(route, status=200, body={"access_token": token, "expires_in": DAY}))

    with world.fails(Refused, name, other.domain, "another issuer"):
        world.run(**world.gives(name, real)).create(name, adopt=True)


@situation(59)
def test_while_a_rotation_is_under_way_both_secrets_of_our_application_work(start: Callable[..., World]) -> None:
    world = start("--rotation-overlap", "30").with_application("create:tenants", "read:tenants")
    old = world.environment["PSAAS_CLIENT_SECRET"]
    world.known_secrets.add(old)
    new = world.api("POST", f"clients/{world.config['clientId']}/rotate-secret")["client_secret"]
    keys = {"PSAAS_ESCROW_KEY": f"{new} {old}"}

    for secret in (old, new):
        assert world.run(PSAAS_CLIENT_SECRET=secret, **keys).create(world.name()).ready


@situation(59)
def test_while_nobody_knows_which_secret_is_accepted_both_are_tried(world: World) -> None:
    """Given together, the new one first: before the rotation, and after it, when the old one is refused."""
    old, next_one = world.environment["PSAAS_CLIENT_SECRET"], "canary-of-a-secret-that-is-not-set-yet"
    world.known_secrets |= {old, next_one}
    world.forget_calls()
    run = world.run(PSAAS_CLIENT_SECRET=f"{next_one} {old}")
    assert run.create(world.name()).ready
    assert run.create(world.name()).ready
    assert world.calls("POST", "/oauth/token", "rta.") == [401, 200]

    new = world.api("POST", f"clients/{world.config['clientId']}/rotate-secret")["client_secret"]
    world.run(PSAAS_CLIENT_SECRET=f"{new} {old}")

    assert world.run().create(world.name()).ready
    with world.fails(WrongCredential, world.config["clientId"], "2 secrets were tried"):
        world.run(PSAAS_CLIENT_SECRET=f"{next_one} {old}", PSAAS_ESCROW_KEY=f"{new} {old}").create(world.name())


@situation(59)
def test_a_new_credential_of_a_tenant_that_is_not_accepted_at_once_is_tried_for_half_a_minute(world: World) -> None:
    made = world.run().create(world.name())
    new = world.owner_makes_a_credential(made.name)
    world.goes_wrong(on({"path": "/oauth/token", "host": made.domain}, first=4, status=401))

    replaced = world.run(**world.gives(made.name, new)).update(made, adopt=True)

    assert (replaced.ready, replaced.credential) == (True, new)
    assert world.happened() == 4
    assert 25 <= 100 * sum(readiness.ROTATION_WAITS_SECONDS) <= 35  # see conftest


@situation(59)
def test_a_new_credential_of_a_tenant_that_is_not_accepted_yet_leaves_the_old_one_in_the_state(world: World) -> None:
    made = world.run().create(world.name())
    new = world.owner_makes_a_credential(made.name)
    world.goes_wrong(on({"path": "/oauth/token", "host": made.domain}, first=5, status=401))
    given = world.gives(made.name, new)

    with world.fails(Refused, made.name, "is not taken over"):
        world.run(**given).update(made, adopt=True)

    assert world.run(PSAAS_CREDENTIALS="").update(made) == made
    replaced = world.run(**given).update(made, adopt=True)
    assert (replaced.ready, replaced.credential) == (True, new)


@situation(60)
@pytest.mark.parametrize("route", [RTA_TOKEN, POST_TENANT, LIST_TENANTS, {"path": "/api/v2/client-grants*"}])
@pytest.mark.parametrize("status", [200, 201, 400, 401, 403, 404, 409, 500])
def test_an_answer_that_holds_secrets_is_in_no_message_and_no_log(
    world: World, caplog: pytest.LogCaptureFixture, route: dict[str, Any], status: int
) -> None:
    """Whatever fails and however: the log is at its most talkative, and everything is searched when the test ends."""
    caplog.set_level(logging.DEBUG)
    secret = world.environment["PSAAS_CLIENT_SECRET"]
    made = world.run().create(world.name())
    body = {"details": [CANARY, secret, made.client_secret], "client_secret": CANARY, "message": "No"}
    world.goes_wrong(on(route, status=status, body=body))

    tries(world, made)

    assert secret not in repr(made)
    assert made.client_secret not in repr(made)
    assert world.happened()


@situation(60)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
def test_an_answer_that_repeats_what_it_was_sent_is_told_without_it(world: World, status: int) -> None:
    secret = world.environment["PSAAS_CLIENT_SECRET"]
    token = world.appliance.tenant_token(world.appliance.rta, client_id=world.config["clientId"], client_secret=secret)
    made = world.run().create(world.name())
    given = {"access_token": token, "expires_in": DAY}
    for rules in (
        [on(RTA_TOKEN, status=status, body={"error": "access_denied", "error_description": f"Not {secret}"})],
        [on(RTA_TOKEN, status=200, body=given), on(POST_TENANT, **refusal(status, f"Not {token}", token))],
        [on(RTA_TOKEN, status=200, body=given), on(LIST_TENANTS, **refusal(status, f"Not {token}", token))],
    ):
        world.goes_wrong(*rules)
        tries(world, made, grants=False)

    assert any("Not [secret]" in said for said in world.said)


@situation(60)
def test_a_secret_that_the_request_did_not_carry_is_not_repeated_either(world: World) -> None:
    """Of another application, of a tenant, or one that nobody knew: by its value, its name or its form."""
    made, admin = world.run().create(world.name()), world.settings().admin
    assert admin
    unknown = "k7Jq2vX9sB4tYpLw0ZrN5mGhTdCfAe8UiOoPqRsTuVwXyZ1234567890abcdEFGH"
    token = world.appliance.tenant_token(made.domain, client_id=made.client_id, client_secret=made.client_secret)
    world.known_secrets |= {unknown, token, "opaque-token-of-nobody"}
    heard = [admin.client_secret, made.client_secret, unknown, token, "access_token=opaque-token-of-nobody"]
    for secret in heard:
        world.goes_wrong(on(POST_TENANT, **refusal(400, f"Not {secret}", secret)))
        with world.fails(ToldNo, "Not ", "[secret]"):
            world.run().create(world.name())


def tries(world: World, made: TenantState, *, grants: bool = True) -> None:
    """Does what can fail, and collects what was said."""
    attempts: list[Callable[[], object]] = [
        lambda: world.run().create(world.name()),
        lambda: world.run().tenants.read(made),
    ]
    if grants:
        attempts.append(lambda: world.run().grants.create(world.declared_grant()))
    for attempt in attempts:
        try:
            attempt()
        except PsaasError as error:
            world.said += [str(error), repr(error), repr(error.__cause__), repr(error.__context__)]
