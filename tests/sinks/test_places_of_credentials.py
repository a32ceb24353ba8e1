"""A credential's place through its life: written, seen to be missing or older, put right, moved, let be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from psaas_resources import escrow as escrow_module
from psaas_resources import settings as settings_module
from psaas_resources.credential_sink_handler import CredentialSinkHandler
from psaas_resources.credential_sink_state import CredentialSinkState, check, diff
from psaas_resources.errors import SinkError
from psaas_resources.handed_over import HandedOver
from psaas_resources.keyring import Keyring
from psaas_resources.settings import Credential
from psaas_resources.sink_place import SinkPlace
from tests.sinks.vault import TOKEN, VaultStandIn

RTA, TENANT, DOMAIN = "rta.appliance.test", "customer-1", "customer-1.appliance.test"
FIRST = Credential("client-1", "canary-credential-1-4f7b1c9d2e")
SECOND = Credential("client-2", "canary-credential-2-4f7b1c9d2e")
PATH = "teams/customer-1"


class Team:
    """A tenant's credential, and a run for everything that is done about it."""

    def __init__(self, vault: VaultStandIn, folder: Path) -> None:
        self.vault, self.folder = vault, folder
        self.credential: Credential | None = FIRST
        self.warnings: list[str] = []
        self.now = datetime(2026, 11, 1, tzinfo=UTC)

    @property
    def handler(self) -> CredentialSinkHandler:
        environment = {
            "PSAAS_SINK_TOKEN": TOKEN, "PSAAS_SINK_CA_BUNDLE": self.vault.ca, "PSAAS_ESCROW_DIR": str(self.folder),
            "PSAAS_TIMEOUT_SECONDS": "5", "PSAAS_CLIENT_SECRET": "s" * 40,
        }  # fmt: skip
        settings = settings_module.read({"domain": RTA, "clientId": "c"}.get, environment)
        keyring = Keyring()
        keyring.hold(RTA, f"{TENANT}/Team", self.credential)
        escrow = escrow_module.of(settings)
        return CredentialSinkHandler(settings, escrow, keyring, warn=self.warnings.append, now=lambda: self.now)

    def declared(self, path: str = PATH, **rest: Any) -> CredentialSinkState:
        place = SinkPlace("vault", self.vault.address, mount="secret", path=path)
        client_id = self.credential.client_id if self.credential else ""
        return CredentialSinkState(RTA, TENANT, DOMAIN, "Team", client_id, place, **rest)

    def held(self, path: str = PATH) -> dict[str, Any] | None:
        return self.vault.get(path)[0]


@pytest.fixture
def team(stand_in: VaultStandIn, tmp_path: Path) -> Team:
    return Team(stand_in, tmp_path)


def variables(credential: Credential) -> dict[str, str]:
    return HandedOver(TENANT, DOMAIN, credential.client_id, credential.client_secret).variables()


def again(state: CredentialSinkState, **news: Any) -> list[str]:
    """What the next run would change."""
    return diff(state, state.outputs() | news, fingerprint=state.fingerprint)


def test_a_credential_is_written_and_the_state_knows_its_fingerprint_and_no_secret(team: Team) -> None:
    state = team.handler.create(team.declared())

    assert team.held() == variables(FIRST)
    assert (state.ready, state.problem, state.written_at) == (True, "", "2026-11-01T00:00:00+00:00")
    assert FIRST.client_secret not in repr(state.outputs())
    assert again(state) == []
    assert team.handler.read(state) == state


def test_missing_and_older_are_seen_and_put_right_and_only_what_is_written_has_a_new_time(team: Team) -> None:
    first = team.handler.create(team.declared())
    team.credential = SECOND
    state = team.handler.update(first, team.declared())
    team.now = datetime(2026, 11, 2, tzinfo=UTC)
    assert team.handler.update(state, team.declared()).written_at == state.written_at

    for happens in (lambda: team.vault.remove(PATH), lambda: team.vault.put(PATH, variables(FIRST))):
        happens()
        seen = team.handler.read(state)
        assert again(seen) == ["seen"]
        mended = team.handler.update(seen, team.declared())
        assert team.held() == variables(SECOND)
        assert (again(mended), mended.written_at) == ([], "2026-11-02T00:00:00+00:00")


def test_what_is_not_known_before_the_update_counts_as_changed() -> None:
    state = CredentialSinkState("r", "t", "d", "Team", "c", SinkPlace("command", path="x"), ready=True)
    known = {name: value for name, value in state.outputs().items() if name != "client_id"}
    assert diff(state, known, fingerprint="") == ["client_id"]
    assert diff(state, state.outputs(), fingerprint="another") == ["fingerprint"]


def test_a_sink_that_is_down_is_a_problem_and_tried_again_by_every_update(team: Team) -> None:
    team.vault.fail_with = 503
    state = team.handler.create(team.declared())
    assert not state.ready
    assert "answered 503" in state.problem
    assert again(state) == ["ready"]

    team.vault.fail_with = 0
    state = team.handler.update(state, team.declared())
    assert state.ready

    team.vault.fail_with = 503
    assert team.handler.read(state) == state
    assert "could not be looked at, its state is kept" in team.warnings[-1]


def test_what_the_sink_refuses_is_an_error_that_a_person_mends(team: Team) -> None:
    team.vault.put(PATH, variables(FIRST) | {"AUTH0_DOMAIN": "customer-9.appliance.test"})
    with pytest.raises(SinkError, match="adopt: true"):
        team.handler.create(team.declared())
    assert team.handler.create(team.declared(adopt=True)).ready


def test_another_place_is_written_and_what_lies_at_the_earlier_one_stays_and_is_named(team: Team) -> None:
    state = team.handler.create(team.declared())

    moved = team.handler.update(state, team.declared(path="elsewhere/customer-1"))

    assert team.held("elsewhere/customer-1") == team.held() == variables(FIRST)
    assert f"the credential that lies in secret/{PATH} of the Vault" in team.warnings[-1]
    assert again(moved) == []
    team.handler.delete(moved)
    assert team.held("elsewhere/customer-1") == variables(FIRST)


def test_without_a_credential_nothing_is_written_and_the_next_update_tries_again(team: Team) -> None:
    team.credential = None
    state = team.handler.create(team.declared())
    assert "has no credential yet" in state.problem
    assert again(state) == ["ready"]

    own = replace(state, client="")
    assert "nobody holds the credential" in team.handler.create(own).problem
    assert team.vault.asked == []


def test_a_mistake_in_a_program_is_told_before_anything_is_sent() -> None:
    def told(**sink: str) -> str:
        return check({}, {"rta": "r", "sink": sink}).get("sink", "")

    assert "kind: expected one of" in told(kind="vaul")
    assert "path: has a variable without a value" in told(kind="command", path="{tenant}")
    assert "is not an address" in told(kind="vault", address="http://x", mount="secret", path="x")
    assert told(kind="kubernetes", address="https://k.example.com", namespace="a", path="b") == ""
    assert set(check({"rta": "a"}, {"rta": "b", "sink": "x"})) == {"rta", "sink"}
