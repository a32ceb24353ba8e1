"""A team's application in its tenant, on a local appliance: made once, rotated without an outage, let go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from psaas_resources.errors import Refused, SinkDown, ToldNo
from psaas_resources.keyring import Keyring
from psaas_resources.management import Management
from psaas_resources.management_client_handler import ManagementClientHandler
from psaas_resources.management_client_state import ManagementClientState, check, diff
from psaas_resources.tenant_state import TenantState
from tests import hurried
from tests.handlers.operator import Operator
from tests.situations.faults import Rule, on

SCOPES = ("read:clients", "read:connections")
CLIENTS = {"method": "POST", "path": "/api/v2/clients"}
GRANTS = {"method": "POST", "path": "/api/v2/client-grants"}
NOW = datetime(2026, 11, 1, tzinfo=UTC)


class Team:
    """A tenant, and a new run for everything that is done in it."""

    def __init__(self, operator: Operator) -> None:
        self.operator = operator
        self.tenant: TenantState = operator.run().create("customer-1")
        self.now = NOW
        self.sink_is_down, self.delivered = False, ""

    @property
    def handler(self) -> ManagementClientHandler:
        run, keyring = self.operator.run(), Keyring()
        keyring.hold(self.tenant.rta, self.tenant.name, self.tenant.credential)
        own = run.settings
        transport = hurried.transport(ca_bundle=own.ca_bundle, connect_to=own.connect_to)
        api = Management(own, transport=transport)
        warn = self.operator.warnings.append
        return ManagementClientHandler(
            api, run.escrow, keyring, warn=warn, before_forgetting=self.before_forgetting, now=lambda: self.now
        )

    def before_forgetting(self, state: ManagementClientState) -> None:
        if self.sink_is_down:
            raise SinkDown("the sink is down")
        self.delivered = state.client_id

    def declared(self, **rest: Any) -> ManagementClientState:
        given = {"name": "Team", "scopes": SCOPES} | rest
        return ManagementClientState(self.tenant.rta, self.tenant.name, self.tenant.domain, **given)

    def works(self, state: ManagementClientState) -> bool:
        """Whether a token is given out for the credential, with exactly its scopes."""
        body = {
            "grant_type": "client_credentials", "audience": f"https://{state.domain}/api/v2/",
            "client_id": state.client_id, "client_secret": state.client_secret,
        }  # fmt: skip
        status, answer = self.operator.appliance.request("POST", "/oauth/token", host=state.domain, body=body)
        return status == 200 and sorted(answer["scope"].split()) == sorted(state.applied_scopes)

    def api(self, method: str, path: str, body: Any = None) -> Any:
        assert self.tenant.credential
        pair = {"client_id": self.tenant.client_id, "client_secret": self.tenant.client_secret}
        token = self.operator.appliance.tenant_token(self.tenant.domain, **pair)
        status, answer = self.operator.appliance.request(
            method, f"/api/v2/{path}", host=self.tenant.domain, body=body, token=token
        )
        assert 200 <= status < 300, answer
        return answer

    def applications(self) -> list[str]:
        return sorted(c["client_id"] for c in self.api("GET", "clients") if c["client_id"] != self.tenant.client_id)

    def goes_wrong(self, *rules: Rule) -> None:
        self.operator.appliance.goes_wrong(*rules)


@pytest.fixture
def team(operator: Operator) -> Team:
    return Team(operator)


def test_a_team_has_an_application_with_exactly_its_scopes_and_the_root_credential_stays_where_it_is(
    team: Team,
) -> None:
    state = team.handler.create(team.declared())

    assert (state.ready, state.problem, state.applied_scopes) == (True, "", SCOPES)
    assert state.client_id != team.tenant.client_id
    assert team.works(state)
    assert state.client_secret not in repr(state)
    assert team.handler.read(state) == state


@pytest.mark.parametrize("where", [CLIENTS, GRANTS])
def test_an_application_whose_answer_was_lost_is_found_again_and_never_made_twice(
    team: Team, where: dict[str, Any]
) -> None:
    team.goes_wrong(on(where, first=1, reset="after"))

    broken = team.handler.create(team.declared())
    mended = team.handler.update(broken, team.declared())

    assert not broken.ready
    assert broken.problem
    assert mended.ready
    assert team.works(mended)
    assert team.applications() == [mended.client_id]


def test_a_run_that_was_killed_before_its_state_was_written_leaves_nothing_behind(team: Team) -> None:
    killed = team.handler.create(team.declared())

    again = team.handler.create(team.declared())

    assert (again.client_id, again.client_secret) == (killed.client_id, killed.client_secret)
    assert team.applications() == [again.client_id]


def test_a_rotation_never_stops_a_credential_that_is_in_use(team: Team) -> None:
    first = team.handler.create(team.declared())

    second = team.handler.update(first, team.declared(rotate="2026-11"))
    assert second.client_id != first.client_id
    assert second.previous_client_id == first.client_id
    assert team.works(second)
    assert team.works(first)
    news = {"rotate": "2026-11", "scopes": list(SCOPES)}
    assert diff(second, news, ready_within_hours=24, warn=print, now=team.now + timedelta(hours=167)) == []

    team.now += timedelta(hours=168)
    assert diff(second, news, ready_within_hours=24, warn=print, now=team.now) == ["previous_client_id"]
    third = team.handler.update(second, team.declared(rotate="2026-11"))
    assert (third.client_id, third.previous_client_id) == (second.client_id, "")
    assert team.works(third)
    assert not team.works(first)


def test_a_rotation_that_fails_half_way_keeps_the_credential_and_is_finished_by_the_next_update(team: Team) -> None:
    first = team.handler.create(team.declared())
    team.goes_wrong(on(GRANTS, first=1, status=503))

    broken = team.handler.update(first, team.declared(rotate="2026-11"))
    assert (broken.client_id, broken.rotate, broken.ready) == (first.client_id, "", False)
    assert team.works(broken)

    second = team.handler.update(broken, team.declared(rotate="2026-11"))
    assert second.ready
    assert team.applications() == sorted([first.client_id, second.client_id])


def test_a_second_rotation_ends_the_credential_before_the_last_and_a_used_marker_is_refused(team: Team) -> None:
    first = team.handler.create(team.declared(rotate="a"))
    second = team.handler.update(first, team.declared(rotate="b"))
    with pytest.raises(Refused, match='marker "a" was used'):
        team.handler.update(second, team.declared(rotate="a"))

    third = team.handler.update(second, team.declared(rotate="c"))

    assert team.works(second)
    assert team.works(third)
    assert not team.works(first)


def test_no_application_goes_before_its_team_can_read_the_new_credential(team: Team) -> None:
    first = team.handler.create(team.declared())
    second = team.handler.update(first, team.declared(rotate="b"))
    assert team.delivered == "", "nothing was forgotten yet"
    team.sink_is_down = True
    team.now += timedelta(hours=168)

    kept = team.handler.update(second, team.declared(rotate="b"))
    assert (kept.client_id, kept.previous_client_id, kept.problem) == (
        second.client_id, first.client_id, "the sink is down",
    )  # fmt: skip
    kept = team.handler.update(kept, team.declared(rotate="c"))
    assert (kept.client_id, kept.previous_client_id) == (second.client_id, first.client_id)
    assert team.works(first)

    team.sink_is_down = False
    third = team.handler.update(kept, team.declared(rotate="c"))
    assert (team.delivered, third.previous_client_id) == (third.client_id, second.client_id)
    assert team.works(second)
    assert not team.works(first)


def test_what_somebody_else_changed_is_seen_and_put_right(team: Team) -> None:
    state = team.handler.create(team.declared())
    [grant] = [g for g in team.api("GET", "client-grants") if g["client_id"] == state.client_id]
    team.api("PATCH", f"client-grants/{grant['id']}", {"scope": ["read:clients"]})
    team.api("POST", f"clients/{state.client_id}/rotate-secret")

    seen = team.handler.read(state)
    assert seen
    assert seen.applied_scopes == ("read:clients",)
    assert "changed by somebody else" in seen.problem

    mended = team.handler.update(seen, team.declared())
    assert (mended.client_id, mended.applied_scopes) == (state.client_id, SCOPES)
    assert team.works(mended)


def test_one_that_was_deleted_by_hand_is_gone_and_a_look_that_fails_proves_nothing(team: Team) -> None:
    state = team.handler.create(team.declared())
    team.goes_wrong(on({"method": "GET", "path": "/api/v2/clients/*"}, status=503))
    assert team.handler.read(state) == state

    team.goes_wrong()
    team.api("DELETE", f"clients/{state.client_id}")

    assert team.handler.read(state) is None


def test_scopes_that_the_tenant_does_not_have_are_an_error_and_change_nothing(team: Team) -> None:
    with pytest.raises(ToldNo, match="read:everything"):
        team.handler.create(team.declared(scopes=("read:everything",)))


def test_both_applications_go_with_the_resource_and_without_a_credential_they_are_named(team: Team) -> None:
    first = team.handler.create(team.declared())
    second = team.handler.update(first, team.declared(rotate="2026-11"))
    elsewhere = replace(second, tenant="customer-9")
    team.handler.delete(elsewhere)
    assert second.client_id in team.operator.warnings[-1]

    team.handler.delete(second)

    assert team.applications() == []


def test_a_mistake_in_what_is_declared_is_told_before_anything_is_sent() -> None:
    news = {"rta": "b", "name": "New", "scopes": [], "rotate": "\n", "previous_hours": 0}
    assert set(check({"rta": "a", "name": "Old"}, news)) == {"rta", "name", "scopes", "rotate", "previous_hours"}
    assert check({}, {"rta": "a", "name": "Team", "scopes": ["read:clients"], "previous_hours": 24}) == {}
