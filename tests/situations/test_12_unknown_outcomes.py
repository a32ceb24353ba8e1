"""Situations 12 to 14: answers that never came or can't be read. A tenant is not posted again, all else is."""

from __future__ import annotations

from typing import Any

import pytest

from psaas_resources.errors import NameTaken, OutcomeUnknown, ToldNo
from psaas_resources.transport import ATTEMPTS
from tests.situations import situation
from tests.situations.faults import DELETE_TENANT, LIST_GRANTS, LIST_TENANTS, PATCH_GRANT, POST_TENANT, on
from tests.situations.world import World

NOT_CARRIED_OUT = {
    "reset": {"reset": "before"},
    "silence": {"hang": 20},
    **{str(status): {"status": status} for status in (500, 502, 503, 504, 524)},
    "page": {"status": 503, "html": True},
}
CARRIED_OUT = {
    "reset": {"reset": "after"},
    "silence": {"hang": 20, "carried_out": True},
    "half an answer": {"truncate": 20},
    "slow answer": {"slow_body": {"bytes": 1, "every_ms": 60}},
    **{str(status): {"status": status, "carried_out": True} for status in (500, 504, 524)},
    "page": {"status": 502, "html": True, "carried_out": True},
}


def each(ways: dict[str, dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("do", ways.values(), ids=ways)


def loses_its_answer(world: World, do: dict[str, Any], *words: str) -> str:
    """A create whose answer never comes; nothing is posted twice in that run."""
    name = world.name()
    world.patience_seconds = 0.4
    world.goes_wrong(on({**POST_TENANT, "tenant": name}, **do))
    with world.fails(OutcomeUnknown, name, *words):
        world.run().create(name)
    assert world.happened() == 1
    assert world.sleeps == []
    world.goes_well()
    world.patience_seconds = 5
    return name


@situation(12, 13)
@each(NOT_CARRIED_OUT)
def test_where_the_list_proves_that_nothing_was_made_the_next_run_posts_again(world: World, do: dict[str, Any]) -> None:
    name = loses_its_answer(world, do, "lists no tenant", "nothing was made; run the update again")

    assert world.run().create(name).ready

    assert world.made(name) == 1


@situation(12, 13)
@each(CARRIED_OUT)
def test_where_the_list_shows_the_tenant_its_owner_makes_a_credential_and_it_is_adopted(
    world: World, do: dict[str, Any]
) -> None:
    name = loses_its_answer(world, do, "exists now", "did not reach us", "psaas:credentials", "`adopt: true`")

    with world.fails(NameTaken, name, "409", "psaas:credentials", "`adopt: true`"):
        world.run().create(name)
    made = world.owner_makes_a_credential(name)
    adopted = world.run(**world.gives(name, made)).create(name, adopt=True)

    assert adopted.ready
    assert adopted.credential == made
    assert world.made(name) == 1
    assert len(world.posts()) == 2


@situation(12, 13)
@each({name: CARRIED_OUT[name] for name in ("reset", "504")})
def test_without_a_list_the_domains_openid_configuration_tells_that_the_tenant_was_made(
    blind: World, do: dict[str, Any]
) -> None:
    loses_its_answer(blind, do, "exists now", "`adopt: true`")

    assert blind.calls("GET", "/.well-known/openid-configuration") == [200]
    assert blind.calls("GET", "/api/v2/tenants") == []


@situation(12, 13)
@each({name: NOT_CARRIED_OUT[name] for name in ("reset", "503")})
def test_where_nothing_can_be_seen_the_message_says_so_and_what_the_next_run_would_mean(
    blind: World, do: dict[str, Any]
) -> None:
    name = loses_its_answer(blind, do, "can't be seen from here", "nothing can be made twice", "`adopt: true`")

    assert blind.run().create(name).ready
    assert blind.made(name) == 1


@situation(12)
def test_after_two_unknown_outcomes_nothing_more_is_posted_in_that_run(world: World) -> None:
    from psaas_resources.errors import Stopped

    world.goes_wrong(on(POST_TENANT, reset="before"))
    run = world.run()

    for _ in range(2):
        with world.fails(OutcomeUnknown):
            run.create(world.name())
    with world.fails(Stopped, "was not tried", "unknown outcome", "run the update again"):
        run.create(world.name())

    assert world.happened() == 2


@situation(13)
def test_a_look_that_fails_too_changes_nothing_in_what_is_said(world: World) -> None:
    name = world.name()
    world.goes_wrong(
        on(POST_TENANT, reset="after"),
        on(LIST_TENANTS, status=503),
        on({"path": "/.well-known/openid-configuration"}, status=503, html=True),
    )

    with world.fails(OutcomeUnknown, "can't be seen from here", "`adopt: true`"):
        world.run().create(name)

    assert len(world.posts()) == 1
    assert len(world.requests()) < 20


@situation(14)
@pytest.mark.parametrize("do", [{"status": 500}, {"status": 502, "html": True}, {"reset": "before"}, {"truncate": 1}])
def test_what_may_be_sent_twice_is_sent_again_until_it_is_answered(world: World, do: dict[str, Any]) -> None:
    made = world.run().create(world.name(), deletion="delete")
    grant = world.run().grants.read("none", world.declared_grant())
    assert grant
    carried_out = {"reset": "after"} if "reset" in do else do | ({} if "truncate" in do else {"carried_out": True})
    world.goes_wrong(
        on(LIST_TENANTS, first=2, **do),
        on(PATCH_GRANT, first=2, **do),
        on(DELETE_TENANT, first=1, **carried_out),
    )
    run = world.run(PSAAS_ALLOW_DELETE=made.name)

    assert run.tenants.read(made) == made
    assert run.grants.update(grant[0], grant[1], world.declared_grant("create:tenants", "read:tenants")).scopes == (
        "create:tenants",
        "read:tenants",
    )
    world.api("PATCH", f"client-grants/{grant[0]}", {"scope": ["create:tenants", "read:tenants", "delete:tenants"]})
    world.run().tenants.delete(made)

    assert world.happened() >= 4
    assert world.ledger()[made.name]["deleted_at"]


@situation(14)
@pytest.mark.parametrize("do", [{"status": 503}, {"reset": "before"}])
def test_what_is_never_answered_is_given_up_after_a_few_tries_and_no_state_is_lost(
    world: World, do: dict[str, Any]
) -> None:
    made = world.run().create(world.name())
    world.goes_wrong(on(LIST_TENANTS, **do), on(LIST_GRANTS, **do))

    with world.fails(ToldNo if "status" in do else OutcomeUnknown, "/api/v2/tenants" if "reset" in do else "503"):
        world.run().tenants.read(made)

    assert world.happened() == ATTEMPTS
    world.goes_well()
    assert world.run().tenants.read(made) == made
