"""Situations 26 to 35: client grants that exist, vanish, change or can't be what was declared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from psaas_resources import client_grant_state
from psaas_resources.client_grant_state import Grant
from psaas_resources.errors import AnswerUnusable, Conflict, NotFound, Refused, ToldNo
from tests.situations import situation
from tests.situations.faults import (
    DELETE_GRANT,
    LIST_GRANTS,
    LIST_TENANTS,
    PATCH_GRANT,
    POST_GRANT,
    on,
    refusal,
)
from tests.situations.world import World

SCOPES = ("create:tenants", "read:tenants")


@pytest.fixture
def grantless(world: World) -> World:
    """A world whose application has no client grant."""
    return world.with_application()


def grants(world: World) -> list[dict[str, Any]]:
    """The grants of this world's application, as the appliance has them."""
    return list(world.api("GET", f"client-grants?client_id={world.config['clientId']}"))


@situation(26)
def test_an_application_or_an_api_that_does_not_exist_is_named(grantless: World) -> None:
    wanted = grantless.declared_grant(*SCOPES)
    nobody, nothing = replace(wanted, client_id="nobody"), replace(wanted, audience="https://nothing.example.test/")

    with grantless.fails(NotFound, "nobody", "Client not found"):
        grantless.run().grants.create(nobody)
    with grantless.fails(NotFound, "https://nothing.example.test/", "404"):
        grantless.run().grants.create(nothing)

    assert grants(grantless) == []


@situation(27)
def test_a_grant_that_exists_is_named_and_an_identical_one_taken_over_only_when_asked(grantless: World) -> None:
    existing = grantless.granted(*SCOPES)

    with grantless.fails(Conflict, existing["id"], "psaas:adoptGrant"):
        grantless.run().grants.create(grantless.declared_grant(*SCOPES))
    taken = grantless.run().grants.create(grantless.declared_grant(*reversed(SCOPES), adopt=True))

    assert taken[0] == existing["id"]
    assert [grant["id"] for grant in grants(grantless)] == [existing["id"]]


@situation(27)
def test_a_grant_with_other_scopes_is_named_and_left_as_it_is(grantless: World) -> None:
    existing = grantless.granted("read:tenants")

    with grantless.fails(Conflict, existing["id"], "with other scopes (read:tenants)"):
        grantless.run().grants.create(grantless.declared_grant(*SCOPES, adopt=True))

    assert grants(grantless) == [existing]


@situation(28)
def test_a_grant_for_users_is_not_taken_for_the_one_of_machines(grantless: World) -> None:
    body = {"client_id": grantless.config["clientId"], "audience": grantless.audience, "subject_type": "user"}
    of_users = grantless.api("POST", "client-grants", body | {"scope": list(SCOPES)})

    grant_id, grant = grantless.run().grants.create(grantless.declared_grant(*SCOPES))

    assert grant_id != of_users["id"]
    assert sorted(grant["subject_type"] for grant in grants(grantless)) == ["client", "user"]
    grantless.api("DELETE", f"client-grants/{grant_id}")
    assert grantless.run().grants.read(grant_id, grant) is None


@situation(29)
def test_a_grant_that_was_deleted_by_hand_is_gone(grantless: World) -> None:
    made = grantless.run().grants.create(grantless.declared_grant(*SCOPES))
    grantless.api("DELETE", f"client-grants/{made[0]}")

    assert grantless.run().grants.read(*made) is None


@situation(29)
@pytest.mark.parametrize("do", [refusal(403, "Insufficient scope", "insufficient_scope"), {"status": 503}])
def test_a_grant_that_could_not_be_read_is_not_gone(grantless: World, do: dict[str, Any]) -> None:
    made = grantless.run().grants.create(grantless.declared_grant(*SCOPES))
    grantless.goes_wrong(on({"method": "GET", "path": "/api/v2/client-grants*"}, **do))

    with pytest.raises(ToldNo, match=str(do["status"])):
        grantless.run().grants.read(*made)


@situation(30)
def test_a_grant_that_was_made_anew_by_hand_is_found_under_its_new_id(grantless: World) -> None:
    made = grantless.run().grants.create(grantless.declared_grant(*SCOPES))
    grantless.api("DELETE", f"client-grants/{made[0]}")
    anew = grantless.granted(*SCOPES)

    assert grantless.run().grants.read(*made) == (anew["id"], made[1])


@situation(31)
def test_scopes_that_are_dropped_without_a_word_are_named_and_the_new_grant_is_taken_back(grantless: World) -> None:
    grantless.goes_wrong(on(POST_GRANT, drop_scopes=["read:tenants"]))

    with grantless.fails(AnswerUnusable, "did not store read:tenants", "the grant was taken back"):
        grantless.run().grants.create(grantless.declared_grant(*SCOPES))

    assert grants(grantless) == []


@situation(31)
def test_scopes_that_are_dropped_from_a_change_are_named(grantless: World) -> None:
    made = grantless.run().grants.create(grantless.declared_grant("create:tenants"))
    grantless.goes_wrong(on(PATCH_GRANT, drop_scopes=["read:tenants"]))

    with grantless.fails(AnswerUnusable, made[0], "did not store read:tenants"):
        grantless.run().grants.update(*made, grantless.declared_grant(*SCOPES))


@situation(31)
def test_scopes_that_were_added_by_hand_are_drift_that_the_next_update_takes_back(grantless: World) -> None:
    made = grantless.run().grants.create(grantless.declared_grant(*SCOPES))
    grantless.api("PATCH", f"client-grants/{made[0]}", {"scope": [*SCOPES, "delete:tenants"]})

    seen = grantless.run().grants.read(*made)

    assert seen
    assert client_grant_state.diff(seen[1].outputs(), made[1].outputs()) == ["scopes"]
    assert grantless.run().grants.update(*seen, made[1]).scopes == SCOPES
    assert grants(grantless)[0]["scope"] == list(SCOPES)


@situation(32)
def test_a_grant_of_the_appliances_own_is_not_managed(world: World) -> None:
    admin = world.appliance.described["admin"]["client_id"]
    wanted = replace(world.declared_grant(*SCOPES, adopt=True), client_id=admin)
    before = world.api("GET", f"client-grants?client_id={admin}")

    with world.fails(Refused, "is_system", before[0]["id"]):
        world.run().grants.create(wanted)

    assert world.api("GET", f"client-grants?client_id={admin}") == before


@situation(32)
def test_a_grant_of_all_scopes_is_narrowed_in_the_two_steps_that_the_api_asks_for(grantless: World) -> None:
    identifier = "https://invoices.example.test/"
    engineer = grantless.application()
    grant = {"client_id": engineer.client_id, "audience": grantless.audience, "scope": ["create:resource_servers"]}
    grantless.api("POST", "client-grants", grant)
    client_id, secret = engineer.client_id, engineer.client_secret
    token = grantless.appliance.tenant_token(grantless.appliance.rta, client_id=client_id, client_secret=secret)
    api = {"identifier": identifier, "scopes": [{"value": value} for value in ("read:invoices", "write:invoices")]}
    assert grantless.appliance.request("POST", "/api/v2/resource-servers", body=api, token=token)[0] == 201
    body = {"client_id": grantless.config["clientId"], "audience": identifier, "allow_all_scopes": True}
    existing = grantless.api("POST", "client-grants", body)
    wanted = Grant(grantless.appliance.rta, grantless.config["clientId"], identifier, ("read:invoices",))

    seen = grantless.run().grants.read(existing["id"], wanted)

    assert seen
    assert seen[1].allow_all_scopes
    assert "allow_all_scopes" in client_grant_state.diff(
        seen[1].outputs(), wanted.outputs() | {"allow_all_scopes": None}
    )
    assert grantless.run().grants.update(*seen, wanted) == wanted
    assert len(grantless.calls("PATCH", "/api/v2/client-grants")) == 2


@situation(33)
def test_the_grant_that_our_own_token_depends_on_stays_while_tenants_remain(world: World) -> None:
    world.run().create(world.name())
    held = world.run().grants.read("none", world.declared_grant(*SCOPES))
    assert held

    with world.fails(Refused, held[0], "tenants remain on", "pulumi state delete"):
        world.run().grants.delete(*held)
    world.goes_wrong(on(LIST_TENANTS, **refusal(403, "Insufficient scope", "insufficient_scope")))
    with world.fails(Refused, held[0], "nothing proves that no tenant remains on"):
        world.run().grants.delete(*held)

    assert grants(world)[0]["id"] == held[0]
    lost = client_grant_state.check(
        held[1].outputs(), held[1].outputs() | {"scopes": ["read:tenants"]}, own_client_id=held[1].client_id
    )
    assert "can't lose create:tenants" in lost["scopes"]


@situation(34)
@pytest.mark.parametrize("do", [{}, refusal(404, "The grant does not exist.")])
def test_deleting_a_grant_that_is_gone_is_a_success(grantless: World, do: dict[str, Any]) -> None:
    of_another = replace(grantless.declared_grant(*SCOPES), client_id=grantless.application().client_id)
    made = grantless.run().grants.create(of_another)
    grantless.api("DELETE", f"client-grants/{made[0]}")
    if do:
        grantless.goes_wrong(on(DELETE_GRANT, **do))

    grantless.run().grants.delete(*made)

    assert len(grantless.calls("DELETE", "/api/v2/client-grants")) == 2


def page(world: World, first: int, *, last: int, following: str = "") -> dict[str, Any]:
    """A checkpoint page of other applications' grants, and at number 250 ours."""
    rows = [
        {"id": f"cgr_{n}", "client_id": world.config["clientId"] if n == 250 else f"client-{n}",
         "audience": world.audience, "scope": list(SCOPES), "subject_type": "client"}
        for n in range(first, last)
    ]  # fmt: skip
    return {"client_grants": rows} | ({"next": following} if following else {})


@situation(35)
def test_a_grant_on_the_last_of_many_pages_is_found(grantless: World) -> None:
    first, second, third = (
        page(grantless, 0, last=100, following="a"),
        page(grantless, 90, last=190, following="b"),
        page(grantless, 180, last=251),
    )
    grantless.goes_wrong(
        on(LIST_GRANTS, first=1, status=200, body=first),
        on(LIST_GRANTS, first=2, status=200, body=second),
        on(LIST_GRANTS, first=3, status=200, body=third),
        on({"method": "GET", "path": "/api/v2/client-grants/*"}, **refusal(404, "The grant does not exist.")),
    )

    found = grantless.run().grants.read("cgr_none", grantless.declared_grant(*SCOPES))

    assert found
    assert found[0] == "cgr_250"
    assert len(grantless.calls("GET", "/api/v2/client-grants")) == 4


@situation(35)
@pytest.mark.parametrize(
    "do", [{"duplicate_items": 50}, {"reorder_pages": True}, {"repeat_page": True}, {"status": 200}]
)
def test_lists_of_tenants_in_odd_pages_are_read_to_their_end_and_not_beyond(world: World, do: dict[str, Any]) -> None:
    made = world.run().create(world.name())
    if "status" in do:
        rows = [{"name": made.name, "id": "ten_1"}]
        do = {"status": 200, "body": {"total": 1, "start": 0, "limit": 100, "tenants": rows}}
    world.goes_wrong(on(LIST_TENANTS, **do))

    assert world.run().tenants.read(made) == made

    assert len(world.calls("GET", "/api/v2/tenants")) <= 3


@situation(35)
def test_an_appliance_that_gives_fewer_things_a_page_than_asked_for_is_read_to_its_end(world: World) -> None:
    made = [world.run().create(world.name()) for _ in range(5)]
    world.goes_wrong(on(LIST_TENANTS, cap_page=2))
    run = world.run()

    assert [run.tenants.read(state) for state in made] == made

    assert run.api.tenant_listed(made[-1].name)
    assert world.happened() >= 3


@situation(35)
@pytest.mark.parametrize(
    "body",
    [
        {"tenants": [{"name": "customer-0"}], "next": "the same for ever"},
        {"tenants": [{"name": f"customer-{n}"} for n in range(100)]},
        {"tenants": [{"id": "ten_1"}]},
        {"tenants": [{"id": "ten_1", "name": ""}, {"id": "ten_2", "name": "customer-0"}]},
    ],
    ids=["a checkpoint that leads nowhere", "a full page that repeats", "no names", "a name that is empty"],
)
def test_a_list_that_does_not_end_or_has_no_names_proves_nothing(world: World, body: dict[str, Any]) -> None:
    made = world.run().create(world.name())
    world.goes_wrong(on(LIST_TENANTS, status=200, body=body))

    with world.fails(AnswerUnusable, "list of tenants", "nothing follows from it"):
        world.run().tenants.read(made)

    assert world.happened() <= 2
