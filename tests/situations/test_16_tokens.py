"""Situations 16 to 25: no token, a token that is not good enough, a token that is no longer good."""

from __future__ import annotations

from typing import Any

import pytest

from psaas_resources import tokens
from psaas_resources.errors import AnswerUnusable, NotGranted, RateLimited, ToldNo, WrongAppliance, WrongCredential
from psaas_resources.settings import Credential
from psaas_resources.transport import ATTEMPTS, MAX_WAIT_SECONDS
from tests.situations import situation
from tests.situations.faults import CANARY, POST_TENANT, RTA_TOKEN, on, refusal, token_refusal
from tests.situations.world import World

DAY = 86_400


def token_requests(world: World) -> list[int]:
    return world.calls("POST", "/oauth/token", host=world.appliance.rta)


@situation(16)
@pytest.mark.parametrize("code", ["", "invalid_client"])
def test_a_wrong_secret_is_told_with_the_client_id_and_asked_for_once(world: World, code: str) -> None:
    world.uses(Credential(world.config["clientId"], "canary-of-a-wrong-secret"))
    world.known_secrets.add("canary-of-a-wrong-secret")
    if code:
        world.goes_wrong(on(RTA_TOKEN, **token_refusal(401, code, "Unauthorized")))
    world.forget_calls()

    with world.fails(WrongCredential, world.config["clientId"], "or its secret is wrong there", world.appliance.rta):
        world.run().create(world.name())

    assert world.requests() == [("POST", "/oauth/token")]


@situation(17)
def test_a_missing_client_grant_is_told_with_its_audience(world: World) -> None:
    world.with_application()

    with world.fails(NotGranted, world.audience, world.config["clientId"], "client grant", "missing or too narrow"):
        world.run().create(world.name())

    assert world.posts() == []


@situation(17)
def test_a_grant_that_this_run_has_just_made_is_given_a_moment(world: World) -> None:
    world.with_application()
    run = world.run()
    run.grants.create(world.declared_grant("create:tenants"))
    said = f'Client is not authorized to access "{world.audience}". You need to create a "client-grant".'
    world.goes_wrong(on(RTA_TOKEN, first=1, **token_refusal(403, "access_denied", said)))

    assert run.create(world.name()).ready
    assert world.happened() == 1


@situation(17)
def test_that_moment_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "GRANT_SETTLES_SECONDS", 0.5)
    world.with_application()
    run = world.run()
    run.grants.create(world.declared_grant("create:tenants"))
    said = f'Client is not authorized to access "{world.audience}".'
    world.goes_wrong(on(RTA_TOKEN, **token_refusal(403, "access_denied", said)))

    with world.fails(NotGranted, world.audience, "missing or too narrow"):
        run.create(world.name())

    assert world.happened() <= 3


@situation(18)
def test_an_api_that_the_domain_does_not_have_asks_whether_it_is_the_root_tenant_authority(world: World) -> None:
    said = f"Service not enabled within domain: {world.audience}"
    world.goes_wrong(on(RTA_TOKEN, **token_refusal(403, "access_denied", said)))

    with world.fails(ToldNo, world.audience, "is psaas:domain the RTA's own host?"):
        world.run().create(world.name())

    assert world.happened() == 1


@situation(19)
def test_scopes_that_were_not_granted_are_told_with_the_grant_that_lacks_them(world: World) -> None:
    said = "Client has not been granted scopes: create:tenants"
    world.goes_wrong(on(RTA_TOKEN, **token_refusal(403, "access_denied", said)))

    with world.fails(NotGranted, "create:tenants", world.config["clientId"], "too narrow"):
        world.run().create(world.name())

    assert world.happened() == 1


@situation(20)
def test_an_application_of_another_kind_is_told_what_to_allow(world: World) -> None:
    world.uses(world.application(name="Of a browser", app_type="spa"))

    with world.fails(ToldNo, "allow the client_credentials grant", world.config["clientId"]):
        world.run().create(world.name())

    assert world.posts() == []


@situation(21)
@pytest.mark.parametrize("do", [{"retry_after": 7}, {"reset_seconds": 9}, {}])
def test_a_quota_of_tokens_is_waited_for_as_long_as_it_asks(world: World, do: dict[str, Any]) -> None:
    body = {"error": "too_many_requests", "error_description": "Client quota exceeded", "details": CANARY}
    world.goes_wrong(on(RTA_TOKEN, first=2, status=429, body=body, **do))

    assert world.run().create(world.name()).ready

    least, most = {"retry_after": (7, 9), "reset_seconds": (6, 12)}.get(next(iter(do), ""), (0.5, 1.3))
    assert len(world.sleeps) == 2
    assert all(least <= pause <= most for pause in world.sleeps)


@situation(21)
def test_a_quota_that_never_comes_back_ends_in_time_and_makes_nothing(world: World) -> None:
    world.goes_wrong(on(RTA_TOKEN, status=429, retry_after=25))

    with world.fails(RateLimited, "429", "/oauth/token"):
        world.run().create(world.name())

    assert sum(world.sleeps) <= MAX_WAIT_SECONDS
    assert world.happened() <= ATTEMPTS
    assert world.posts() == []


@situation(22)
@pytest.mark.parametrize(
    ("do", "words"),
    [
        ({"not_a_token": True}, "no usable access_token"),
        ({"not_json": True}, "is not JSON"),
        ({"empty_body": True}, "is not JSON"),
        ({"status": 200, "body": {"access_token": 7, "note": CANARY}}, "no usable access_token"),
        ({"status": 200, "body": {"access_token": "", "note": CANARY}}, "no usable access_token"),
        ({"status": 200, "body": {"access_token": f"{CANARY}\r\nX-Evil: 1"}}, "no usable access_token"),
        ({"status": 200, "body": {"id_token": CANARY}}, "no usable access_token"),
    ],
)
def test_an_answer_without_a_token_is_told_without_its_contents(world: World, do: dict[str, Any], words: str) -> None:
    world.goes_wrong(on(RTA_TOKEN, **do))

    with world.fails(AnswerUnusable, words, world.appliance.rta):
        world.run().create(world.name())

    assert world.posts() == []


@situation(23)
def test_a_token_from_before_the_grant_was_widened_is_replaced_once(world: World) -> None:
    world.goes_wrong(on(RTA_TOKEN, first=1, token_scope=["read:tenants"]))
    world.forget_calls()

    assert world.run().create(world.name()).ready

    assert token_requests(world) == [200, 200]
    assert world.posts() == [201]


@situation(23)
def test_a_token_that_lacks_the_scope_for_good_is_found_before_anything_is_posted(world: World) -> None:
    world.goes_wrong(on(RTA_TOKEN, token_scope=["read:tenants"]))
    world.forget_calls()

    with world.fails(NotGranted, "lacks the scope create:tenants", world.audience, "psaas:scopes"):
        world.run().create(world.name())

    assert token_requests(world) == [200, 200]
    assert world.posts() == []


@situation(24)
@pytest.mark.parametrize(
    "do", [{"expires_in": {"claimed": DAY, "real": 0}}, {"clock_skew_seconds": -2 * DAY}, {"expires_in": 0}]
)
def test_a_token_that_has_expired_before_its_time_is_replaced_once(world: World, do: dict[str, Any]) -> None:
    world.goes_wrong(on(RTA_TOKEN, first=1, **do))
    run = world.run()

    made = run.create(world.name())

    assert made.ready
    assert world.made(made.name) == 1
    assert world.posts()[-1] == 201
    assert len(world.posts()) <= 2


@situation(24)
def test_a_token_that_expires_in_the_middle_of_a_run_is_replaced_for_looks_too(world: World) -> None:
    made = world.run().create(world.name())
    world.goes_wrong(on(RTA_TOKEN, first=1, expires_in={"claimed": DAY, "real": 0}))

    assert world.run().tenants.read(made) == made

    assert world.calls("GET", "/api/v2/tenants") == [401, 200]


@situation(24)
def test_clocks_that_differ_for_good_end_in_a_refusal_after_one_replacement(world: World) -> None:
    world.goes_wrong(on(RTA_TOKEN, clock_skew_seconds=-2 * DAY))

    with world.fails(WrongCredential, "401", "Expired token", world.appliance.rta):
        world.run().create(world.name())

    assert world.posts() == [401, 401]


@situation(25)
def test_a_token_of_another_domain_is_told_with_both_hosts_and_never_used(world: World) -> None:
    other = world.run().create(world.name())
    foreign = world.appliance.tenant_token(other.domain, client_id=other.client_id, client_secret=other.client_secret)
    world.known_secrets.add(foreign)
    world.goes_wrong(on(RTA_TOKEN, status=200, body={"access_token": foreign, "expires_in": DAY}))

    with world.fails(WrongAppliance, world.appliance.rta, f"https://{other.domain}/", "psaas:domain"):
        world.run().create(world.name())

    assert world.posts() == [201]


@situation(25)
def test_a_token_that_the_management_api_does_not_know_is_refused_with_the_host_it_was_sent_to(world: World) -> None:
    world.goes_wrong(on(POST_TENANT, **refusal(401, "Invalid token")))

    with world.fails(WrongCredential, "401", "Invalid token", f"a token of {world.appliance.rta} was sent"):
        world.run().create(world.name())

    assert world.happened() == 2
