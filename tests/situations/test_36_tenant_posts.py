"""Situations 36 to 42: the appliance refuses to make a tenant."""

from __future__ import annotations

from typing import Any

import pytest

from psaas_resources.errors import (
    NameTaken,
    NotGranted,
    NotOffered,
    RateLimited,
    ToldNo,
)
from psaas_resources.transport import ATTEMPTS, MAX_WAIT_SECONDS
from tests.situations import situation
from tests.situations.faults import OWNERS, POST_TENANT, on, refusal
from tests.situations.world import World

WAYS_OUT = ("psaas:credentials", "`adopt: true`", "choose another name")


def refuses(world: World, kind: type[ToldNo], *words: str, **do: Any) -> str:
    """The appliance refuses the POST with this answer, which is told, and nothing is made."""
    name = world.name()
    world.goes_wrong(on(POST_TENANT, **do))
    with world.fails(kind, name, *words):
        world.run().create(name)
    assert world.made(name) == 0
    return name


@situation(36)
def test_what_the_appliances_own_rules_refuse_is_told_in_its_words(world: World) -> None:
    world.names.add("settings")

    with world.fails(ToldNo, "can't create tenant settings", "400", "The name settings is reserved"):
        world.run().create("settings")

    assert world.posts() == [400]


@situation(36)
def test_an_owner_that_the_appliance_refuses_is_told_in_its_words(world: World) -> None:
    said = "Payload validation error: 'Object didn't pass validation for format email' on property owners[0]."

    refuses(world, ToldNo, "400", "format email", "owners[0]", **refusal(400, said, "invalid_body"))

    assert world.happened() == 1


@situation(37)
def test_a_name_that_somebody_else_has_is_told_with_the_ways_out(world: World) -> None:
    name = world.name()
    world.somebody_else_makes(name)
    world.forget_calls()

    with world.fails(NameTaken, name, "409", "already exists", *WAYS_OUT):
        world.run().create(name)

    assert world.posts() == [409]


@situation(37)
def test_a_name_of_a_deleted_tenant_is_told_with_the_ways_out(world: World) -> None:
    name = world.name()
    world.run().create(name)
    world.deleted_behind_our_back(name)
    world.directory = world.directory.with_name("another-machine")  # whose escrow knows nothing of it
    world.lost_on_purpose.add(name)

    with world.fails(NameTaken, name, "can't be used again", *WAYS_OUT):
        world.run().create(name)

    assert world.posts() == [201, 409]


@situation(37)
@pytest.mark.parametrize("said", ["Tenant name already taken", "A tenant with this name already exists", "name in use"])
def test_a_taken_name_is_known_by_its_words_where_the_status_is_400(world: World, said: str) -> None:
    refuses(world, NameTaken, said, *WAYS_OUT, **refusal(400, said))


@situation(37)
def test_our_own_tenant_of_an_interrupted_run_comes_from_the_escrow_and_is_not_posted_again(world: World) -> None:
    made = world.run().create(world.name())

    found = world.run().create(made.name)

    assert found.credential == made.credential
    assert world.posts() == [201]


@situation(38)
@pytest.mark.parametrize(("status", "kind"), [(400, ToldNo), (404, NotOffered)])
def test_an_owner_who_is_unknown_to_the_appliance_is_told_in_its_words_and_is_no_taken_name(
    world: World, status: int, kind: type[ToldNo]
) -> None:
    said = "The user me@email.com does not exist in the root tenant authority"

    refuses(world, kind, str(status), said, **refusal(status, said, "inexistent_user"))


@situation(38)
def test_an_owner_who_is_accepted_in_silence_is_kept_as_the_one_that_was_asked_for(world: World) -> None:
    made = world.run().create(world.name(), owners=("nobody-there@email.com",))

    assert made.applied_owners == ("nobody-there@email.com",)


@situation(38)
def test_an_owner_that_is_accepted_in_silence_is_noted_where_the_tenant_is_asked_for_its_owners(world: World) -> None:
    world.goes_wrong(on(POST_TENANT, drop_owners=["me@email.com"]))
    silent = world.run().create(world.name())
    assert (silent.ready, silent.problem, world.warnings) == (True, "", [])
    world.config["checkOwners"] = True
    world.forget_calls()

    made = world.run().create(world.name(), owners=("me@email.com", "You@email.com"))

    assert made.ready
    assert made.problem.startswith("me@email.com: not among the administrators")
    assert any(made.name in warning and "me@email.com" in warning for warning in world.warnings)
    assert world.calls("GET", "/api/v2/tenants/owners") == [200]
    assert len(world.calls("POST", "/oauth/token", made.domain)) == 1  # the one of its readiness
    assert world.run().update(made) == made


@situation(38)
def test_a_noted_owner_is_looked_for_by_each_refresh_until_the_tenant_has_it(world: World) -> None:
    world.config["checkOwners"] = True
    world.goes_wrong(on(POST_TENANT, drop_owners=["me@email.com"]))
    made = world.run().create(world.name())
    again = world.run().tenants.read(made)
    assert again == made
    world.goes_wrong(on(OWNERS, status=503))
    assert world.run().tenants.read(made) == made

    world.goes_wrong(on(OWNERS, status=200, body={"owners": [{"email": "ME@email.com", "user_id": "auth0|1"}]}))

    assert world.run().tenants.read(made).problem == ""


@situation(38)
@pytest.mark.parametrize("status", [403, 404, 405])
def test_an_appliance_that_does_not_tell_owners_is_asked_once_a_run_and_nothing_is_noted(
    world: World, status: int
) -> None:
    world.config["checkOwners"] = True
    world.goes_wrong(on(OWNERS, **refusal(status, "Not Found")))
    run = world.run()

    made = [run.create(world.name()) for _ in range(3)]

    assert [(state.ready, state.problem) for state in made] == [(True, "")] * 3
    assert world.calls("GET", "/api/v2/tenants/owners") == [status]


@situation(38)
@pytest.mark.parametrize(
    "do",
    [
        {"status": 500},
        {"not_json": True},
        {"reset": "before"},
        {"status": 200, "body": {"owners": [{"user_id": "auth0|1"}]}},
        {"status": 200, "body": {"owners": [], "total": 3}},
        {"status": 200, "body": {"owners": [], "next": "more"}},
        {"status": 200, "body": {"administrators": []}},
    ],
    ids=["500", "a page", "no answer", "no addresses", "more than it shows", "more pages", "another shape"],
)
def test_an_answer_about_owners_from_which_nothing_follows_is_no_note_and_no_error(
    world: World, do: dict[str, Any]
) -> None:
    world.config["checkOwners"] = True
    world.goes_wrong(on(OWNERS, **do))

    made = world.run().create(world.name())

    assert (made.ready, made.problem) == (True, "")
    assert world.happened() == 1


@situation(39)
def test_a_missing_scope_is_tried_once_more_with_a_new_token(world: World) -> None:
    name = world.name()
    world.goes_wrong(on(POST_TENANT, first=1, **refusal(403, "Insufficient scope", "insufficient_scope")))
    world.forget_calls()

    assert world.run().create(name).ready

    assert world.posts() == [403, 201]
    assert world.calls("POST", "/oauth/token", host=world.appliance.rta) == [200, 200]


@situation(39)
def test_a_scope_that_stays_missing_is_told_with_the_grant_that_lacks_it(world: World) -> None:
    refuses(
        world, NotGranted, "403", "create:tenants", "client grant lacks that scope",
        **refusal(403, "Insufficient scope, expected any of: create:tenants", "insufficient_scope"),
    )  # fmt: skip

    assert world.happened() == 2


@situation(40)
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("TENANT_LIMIT_REACHED", ""),
        ("", "You reached the limit of entities of this type for this tenant"),
        ("license_exceeded", "The licence does not allow this operation"),
    ],
)
def test_a_reached_limit_is_told_and_not_tried_again(world: World, code: str, said: str) -> None:
    refuses(world, ToldNo, "403", said, "allows no more of these", **refusal(403, said, code))

    assert world.happened() == 1
    assert world.sleeps == []


@situation(41)
@pytest.mark.parametrize("status", [404, 405])
def test_an_appliance_that_makes_no_tenants_is_asked_whether_it_is_the_root_tenant_authority(
    world: World, status: int
) -> None:
    refuses(world, NotOffered, str(status), "is psaas:domain its host?", **refusal(status, "Not Found"))

    assert world.happened() == 1


@situation(42)
@pytest.mark.parametrize(
    ("do", "least", "most"),
    [
        ({"retry_after": 3}, 3, 3.8),
        ({"retry_after": 0}, 0, 0.1),
        ({"retry_after_date": 4}, 2, 5),
        ({"reset_seconds": 5}, 3, 6.3),
        ({"reset_seconds": -100}, 0, 0.1),
        ({"reset_seconds": "soon"}, 0.5, 1.3),
        ({"retry_after": "999999999"}, 29, 38),
        ({}, 0.5, 0.7),
    ],
)
def test_a_rate_limit_is_waited_for_and_the_tenant_then_made_once(
    world: World, do: dict[str, Any], least: float, most: float
) -> None:
    name = world.name()
    world.goes_wrong(on(POST_TENANT, first=1, status=429, **do))

    assert world.run().create(name).ready

    assert [least <= pause <= most for pause in world.sleeps] == [True]
    assert world.made(name) == 1
    assert world.posts() == [429, 201]


@situation(42)
def test_a_rate_limit_that_never_ends_is_given_up_in_time_and_nothing_was_made(world: World) -> None:
    refuses(world, RateLimited, "429", status=429, retry_after=20)

    assert sum(world.sleeps) <= MAX_WAIT_SECONDS
    assert world.happened() <= ATTEMPTS
