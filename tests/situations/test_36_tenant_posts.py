"""Situations 36 to 45: the appliance refuses to make a tenant, or its answer is not what was hoped for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from psaas_resources.errors import (
    CredentialMissing,
    EscrowError,
    NameTaken,
    NotGranted,
    NotOffered,
    OutcomeUnknown,
    RateLimited,
    Stopped,
    ToldNo,
    WrongTenant,
)
from psaas_resources.transport import ATTEMPTS, MAX_WAIT_SECONDS
from tests.situations import situation
from tests.situations.faults import POST_TENANT, on, refusal
from tests.situations.world import World

WAYS_OUT = ("psaas:credentials", "`adopt: true`", "choose another name")


def refuses(world: World, kind: type[ToldNo], *words: str, **do: Any) -> str:
    """The appliance refuses the POST with this answer, which is told, and nothing is made."""
    name = world.name()
    world.goes_wrong(on(POST_TENANT, **do))
    with world.fails(kind, "tenant" if kind is RateLimited else name, *words):
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


UNUSABLE = {
    "no secret": {"without_secret": True},
    "no client ID": {"drop_fields": ["client_id"]},
    "nothing": {"empty_body": True},
    "a page": {"not_json": True},
    "another shape": {"reshape": {"nested": "somewhere_else"}},
}


@situation(43)
@pytest.mark.parametrize("do", UNUSABLE.values(), ids=UNUSABLE)
def test_an_answer_without_a_whole_credential_is_kept_and_ends_the_posts_of_the_run(
    world: World, do: dict[str, Any]
) -> None:
    name, another = world.name(), world.name()
    world.goes_wrong(on({**POST_TENANT, "tenant": name}, **do))
    run = world.run()

    with world.fails(CredentialMissing, name, "in the escrow", "exists now", "psaas:credentials", "`adopt: true`"):
        run.create(name)
    with world.fails(Stopped, another, "was not tried", name):
        run.create(another)

    entry = world.run().escrow.find(name)
    assert entry
    assert entry.reason == "answer"
    assert (b"client_secret" in entry.answer) == ("drop_fields" in do or "reshape" in do)
    assert name.encode() not in Path(entry.place).read_bytes().partition(b"payload")[2]
    assert world.posts() == [201]


@situation(43)
def test_a_tenant_whose_credential_was_missing_is_not_posted_again_and_can_be_adopted(world: World) -> None:
    name = world.name()
    world.goes_wrong(on(POST_TENANT, without_secret=True))
    with world.fails(CredentialMissing, name):
        world.run().create(name)
    world.goes_well()

    with world.fails(CredentialMissing, name, "`adopt: true`"):
        world.run().create(name)
    made = world.owner_makes_a_credential(name)
    adopted = world.run(**world.gives(name, made)).create(name, adopt=True)

    assert adopted.ready
    assert adopted.credential == made
    assert world.posts() == [201]


@situation(13, 43)
def test_a_page_that_came_instead_of_the_appliance_is_no_tenant_and_the_list_lets_the_next_run_post(
    world: World,
) -> None:
    name = world.name()
    world.goes_wrong(on(POST_TENANT, not_json=True, carried_out=False))
    with world.fails(CredentialMissing, name, "log-in page", "lists no tenant", "run the update again"):
        world.run().create(name)
    world.goes_well()

    assert world.run().create(name).ready
    assert world.made(name) == 1


@situation(13, 43)
def test_a_page_that_came_instead_of_the_appliance_where_nothing_can_be_seen_names_what_to_move_away(
    blind: World,
) -> None:
    name = blind.name()
    blind.goes_wrong(on(POST_TENANT, not_json=True, carried_out=False))
    with blind.fails(CredentialMissing, name, "log-in page", "can't be seen from here", "nothing can be made twice"):
        blind.run().create(name)
    blind.goes_well()
    entry = blind.run().escrow.find(name)
    assert entry
    with blind.fails(CredentialMissing, name, f"Move {entry.place} away"):
        blind.run().create(name)
    assert len(blind.posts()) == 1

    Path(entry.place).unlink()

    assert blind.run().create(name).ready
    assert blind.made(name) == 1


@situation(43)
@pytest.mark.parametrize(
    "do",
    [
        {"reshape": {"nested": "management_client", "camel_case": True, "status": 200}},
        {"reshape": {"nested": "client", "status": 202}},
        {"reshape": {"camel_case": True}},
        {"drop_fields": ["id", "name", "domain", "owners", "created_at"]},
    ],
)
def test_a_credential_in_another_shape_that_the_api_may_have_is_found(world: World, do: dict[str, Any]) -> None:
    world.goes_wrong(on(POST_TENANT, **do))
    name = world.name()

    made = world.run().create(name)

    assert made.ready
    assert made.domain == world.domain(name)


@situation(43)
def test_half_an_answer_is_an_unknown_outcome(world: World) -> None:
    name = world.name()
    world.goes_wrong(on(POST_TENANT, truncate=40))

    with world.fails(OutcomeUnknown, name, "exists now", "did not reach us"):
        world.run().create(name)


@situation(44)
def test_an_answer_that_names_another_tenant_is_kept_told_and_ends_the_posts_of_the_run(world: World) -> None:
    name, other = world.name(), world.name()
    world.goes_wrong(on({**POST_TENANT, "tenant": name}, other_tenant=other))
    run = world.run()

    with world.fails(WrongTenant, name, other, "in the escrow"):
        run.create(name)
    with world.fails(Stopped, "was not tried"):
        run.create(other)

    assert world.run().escrow.find(name)
    assert world.calls("POST", "/oauth/token", host=world.domain(other)) == []


@situation(45)
@pytest.mark.parametrize("place", ["a file", "/proc/nobody/writes/here", "a file/below"])
def test_an_escrow_that_can_not_be_written_is_found_before_the_post(world: World, tmp_path: Path, place: str) -> None:
    (tmp_path / "a file").write_text("not a directory")
    usable, world.directory = world.directory, tmp_path / place
    run = world.run()
    world.forget_calls()

    with world.fails(EscrowError, str(world.directory), "PSAAS_ESCROW_DIR"):
        run.create(world.name())

    assert world.posts() == []
    world.directory = usable


@situation(45)
def test_an_escrow_that_breaks_between_probe_and_answer_costs_no_credential(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = world.name()
    run = world.run()
    world.lost_on_purpose.add(name)

    def full_disk(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        probe = run.escrow.probe
        patched.setattr(run.escrow, "probe", lambda: (probe(), patched.setattr("os.fsync", full_disk))[0])
        made = run.create(name)
    with world.fails(Stopped, "the escrow can no longer be written"):
        run.create(world.name())

    assert made.ready
    assert made.client_secret
    assert any("No space left on device" in warning for warning in world.warnings)
    assert world.posts() == [201]
