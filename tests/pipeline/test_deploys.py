"""From a pull request to deploy, drift and inventory, by make targets alone.

On a real engine, a local appliance, an origin on disk and a stand-in forge.
"""

from __future__ import annotations

import json

import pytest

from tests.engine.snapshots import Made
from tests.engine.stack import NAME
from tests.pipeline.forge_server import BOT, ForgeServer
from tests.pipeline.team import OWNERS, Team
from tests.pipeline.workspace import Workspace


@pytest.fixture
def team(workspace: Workspace, made: Made, forge: ForgeServer) -> Team:
    return Team(workspace, made(), forge)


@pytest.mark.long  # tests/story tells the same, once
def test_what_was_reviewed_and_merged_is_deployed_audited_and_published(team: Team, forge: ForgeServer) -> None:
    team.propose("customer-1", "customer-2")
    assert [c["user"]["login"] for c in forge.comments[1]] == [BOT]
    assert "customer-2" in forge.comments[1][0]["body"]
    assert "customer-2" in team.workspace.summary.read_text()
    commit = team.merge()

    assert "was shown in a review that was merged" in team.plan()
    assert "approved in" in team.step("deploy")

    assert len(team.stack.posts()) == 2
    lines = [json.loads(line) for line in team.step("audit").splitlines() if line.startswith("{")]
    assert sorted((line.get("tenant", "grant"), line["result"]) for line in lines) == [
        ("customer-1", "done"), ("customer-2", "done")
    ]  # fmt: skip
    assert {(line["actor"], line["commit"]) for line in lines} == {("octocat", commit)}
    assert "published" in team.step("publish-inventory")

    # The next change is seen against what was published, and the same again does nothing.
    team.propose("customer-1", "customer-2", "customer-3")
    assert "customer-3" in forge.comments[2][0]["body"]
    team.merge()
    team.plan()
    team.step("deploy")
    assert len(team.stack.posts()) == 3
    team.step("publish-inventory")
    team.plan()
    assert "nothing to do" in team.step("deploy")
    assert len(team.stack.posts()) == 3


def test_a_push_that_nobody_reviewed_stops_until_a_person_lets_this_very_plan_in(
    team: Team, forge: ForgeServer
) -> None:
    team.write("customer-1")
    team.workspace.commit("Straight to main")
    team.workspace.push()
    team.pushed()

    assert "tenant customer-1: create" in team.plan()
    forge.run_approvals = [
        {"state": "approved", "user": {"login": "ann"}, "environments": [{"name": "another"}]},
        {"state": "rejected", "user": {"login": "ben"}, "environments": [{"name": NAME}]},
    ]
    stopped = team.step("deploy", ok=False)
    assert "was shown in no review that was merged" in stopped
    assert "tenant customer-1: create" in stopped
    assert team.stack.posts() == []

    forge.run_approvals.append({"state": "approved", "user": {"login": "cat"}, "environments": [{"name": NAME}]})
    seen, team.secrets["PSAAS_PLAN_DIGEST"] = team.secrets["PSAAS_PLAN_DIGEST"], "another"
    assert "the plan has changed since this run was approved" in team.step("deploy", ok=False)
    team.secrets["PSAAS_PLAN_DIGEST"] = seen
    assert "approved by cat for the environment test" in team.step("deploy")
    assert team.stack.posts() == ["201"]


@pytest.mark.long
def test_a_change_that_was_pushed_to_after_its_last_review_is_not_approved(team: Team, forge: ForgeServer) -> None:
    team.propose("customer-1")
    team.merge()
    forge.pulls[1]["head"]["sha"] = "f" * 40

    team.plan()
    assert "was shown in no review that was merged" in team.step("deploy", ok=False)
    assert team.stack.posts() == []


@pytest.mark.long
def test_settings_and_rotations_are_deployed_as_reviewed_and_stop_where_they_were_not(team: Team) -> None:
    first = {"name": "customer-1", "owners": OWNERS}
    team.propose(first)
    team.merge()
    team.plan()
    team.step("deploy")
    team.step("publish-inventory")

    team.propose({**first, "settings": {"friendlyName": "One"}}, settings={"sessionLifetime": 8})
    team.merge()
    assert "Every action was shown in a review" in team.plan()
    assert "approved in" in team.step("deploy")
    assert '"settings": "customer-1", "action": "create", "result": "done"' in team.step("audit")
    team.step("publish-inventory")
    assert team.stack.resources()["customer-1-settings"]["outputs"]["applied"]["session_lifetime"] == 8

    team.write({**first, "settings": {"friendlyName": "Two"}, "rotate": "OPS-7"}, settings={"sessionLifetime": 8})
    team.workspace.commit("Straight to main")
    team.workspace.push()
    team.pushed()
    team.plan()
    stopped = team.step("deploy", ok=False)
    assert "was shown in no review that was merged" in stopped
    assert "tenant customer-1: rotate" in stopped
    assert "rotate=OPS-7, settings.friendlyName=Two" in stopped


@pytest.mark.long
def test_a_step_of_a_kind_that_reviews_do_not_know_stops_the_deploy(team: Team) -> None:
    program = team.workspace.folder / "__main__.py"
    program.write_text(program.read_text() + '\npulumi.ComponentResource("example:index:Team", "a-team")\n')
    team.propose("customer-1")
    team.merge()
    team.plan()

    stopped = team.step("deploy", ok=False)

    assert "no review of a pull request can show it" in stopped
    assert "other a-team: create on" in stopped
    assert team.stack.posts() == []


@pytest.mark.long
def test_a_state_that_moved_since_the_plan_stops_the_deploy(team: Team) -> None:
    team.propose("customer-1")
    team.merge()
    team.plan()
    # Another tenant, made by hand since and to be forgotten, of which neither file nor inventory knows.
    team.stack.declare({"name": "customer-9", "owners": OWNERS, "deletion": "forget"})
    team.stack.up().ok()

    stopped = team.step("deploy", ok=False)

    assert "this would run and was not planned" in stopped
    assert "customer-9: forget" in stopped
    assert team.stack.posts() == ["201"]


@pytest.mark.long
def test_the_second_try_of_a_deploy_that_broke_halfway_is_approved_already(team: Team) -> None:
    team.propose("customer-1", "customer-2")
    team.merge()
    team.plan()
    posts = {"method": "POST", "path": "/api/v2/tenants"}
    team.fail({"name": "no", "route": posts, "do": {"status": 403}, "when": {"calls": [2]}})
    team.step("deploy", ok=False)
    team.fail()
    team.step("publish-inventory")

    team.plan()
    assert "done already" in team.step("deploy")
    assert set(team.stack.outputs()) == {"customer-1", "customer-2"}


def test_what_the_rules_forbid_is_not_planned_and_stops_the_deploy(team: Team, forge: ForgeServer) -> None:
    team.write("x")
    team.workspace.commit("A name that is too short")
    team.pushed()

    team.workspace.done("fetch-inventory")
    assert "stacks=[]" in team.workspace.failed("plan", STACK=NAME)
    forge.run_approvals = [{"state": "approved", "user": {"login": "cat"}, "environments": [{"name": NAME}]}]
    assert "forbids it" in team.step("deploy", ok=False)
    assert team.stack.posts() == []


@pytest.mark.long
def test_on_gitlab_whoever_starts_the_deploy_by_hand_has_approved_its_plan(team: Team) -> None:
    team.write("customer-1")
    commit = team.workspace.commit("Straight to main")
    team.workspace.on_gitlab(PSAAS_GITLAB_TOKEN="", CI_COMMIT_SHA=commit, GITLAB_USER_LOGIN="cat")
    team.workspace.done("fetch-inventory")
    assert "tenant customer-1: create" in team.workspace.done("plan", STACK=NAME)

    assert "was shown in no review" in team.step("deploy", ok=False)
    team.workspace.environment["CI_JOB_MANUAL"] = "true"
    assert "approved by cat for the environment test" in team.step("deploy")
    assert '"actor": "cat"' in team.step("audit")


@pytest.mark.long
def test_a_deploy_of_another_commit_than_the_plan_was_made_for_is_refused(team: Team) -> None:
    team.write("customer-1")
    team.workspace.commit("Add one")
    team.pushed()
    team.plan()
    team.workspace.commit("Later")

    assert "make it again" in team.step("deploy", ok=False)


@pytest.mark.long
def test_drift_opens_an_issue_which_is_closed_when_it_is_gone(team: Team, forge: ForgeServer) -> None:
    team.write("customer-1")
    team.workspace.commit("Add one")
    team.stack.up().ok()
    assert "no issue is open" in team.step("drift-issue")
    grants = team.stack.appliance.api("GET", "client-grants")
    grant = next(g for g in grants if "create:tenants" in g["scope"])
    more = {"scope": [*grant["scope"], "delete:tenants"]}
    team.stack.appliance.api("PATCH", f"client-grants/{grant['id']}", more)

    assert "opened" in team.step("drift-issue")
    assert "delete:tenants" in forge.issues[0]["body"]
    team.stack.appliance.api("PATCH", f"client-grants/{grant['id']}", {"scope": grant["scope"]})
    assert "is closed" in team.step("drift-issue")
