"""Situations 43 to 45: the appliance made the tenant, and its answer or the escrow is not what was hoped for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from psaas_resources.errors import (
    CredentialMissing,
    EscrowError,
    OutcomeUnknown,
    Stopped,
    WrongTenant,
)
from tests.situations import situation
from tests.situations.faults import POST_TENANT, on
from tests.situations.world import World

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
