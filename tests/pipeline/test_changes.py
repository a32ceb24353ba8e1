"""The change of a job: fetched as data, merged in memory. By make targets in a clone with an origin on disk."""

from __future__ import annotations

import json

from tests.pipeline.forge_server import ForgeServer
from tests.pipeline.workspace import Workspace


def pull_request(workspace: Workspace, number: int, head: str) -> None:
    """The event of a pull request whose head the origin has, as forges keep it."""
    workspace.git("push", "--quiet", "origin", f"+{head}:refs/pull/{number}/head")
    pull = {"number": number, "base": {"ref": "main"}, "head": {"sha": head}, "html_url": f"/pull/{number}"}
    workspace.event({"pull_request": pull})


def found(workspace: Workspace) -> dict[str, str]:
    return dict(json.loads((workspace.state / "change.json").read_text()))


def test_a_change_that_is_up_to_date_is_reviewed_as_it_is_and_nothing_is_checked_out(workspace: Workspace) -> None:
    base = workspace.git("rev-parse", "HEAD")
    workspace.branch("topic")
    (workspace.folder / "Makefile").write_text("change:\n\t@echo hostile\n")
    head = workspace.commit("Another Makefile")
    workspace.git("checkout", "--quiet", "main")
    pull_request(workspace, 7, head)

    assert "hostile" not in workspace.done("change")

    assert (found(workspace)["base"], found(workspace)["merged"]) == (base, head)
    assert "hostile" not in (workspace.folder / "Makefile").read_text()


def test_a_branch_that_is_behind_is_reviewed_as_what_the_base_branch_will_be(workspace: Workspace) -> None:
    workspace.branch("topic")
    workspace.write_stack("prod", ["customer-1"])
    head = workspace.commit("Add prod")
    workspace.branch("main")
    workspace.write_stack("stage", ["customer-9"])
    base = workspace.commit("Add stage meanwhile")
    workspace.push()
    pull_request(workspace, 7, head)

    workspace.done("change")

    merged = found(workspace)["merged"]
    assert merged not in (base, head)
    listed = workspace.git("ls-tree", "--name-only", merged, "stacks/")
    assert "Pulumi.prod.yaml" in listed
    assert "Pulumi.stage.yaml" in listed
    workspace.done("change")
    assert found(workspace)["merged"] == merged


def test_conflicts_are_told_with_the_way_out(workspace: Workspace) -> None:
    workspace.branch("topic")
    workspace.write_stack("prod", ["customer-1"])
    head = workspace.commit("Add prod")
    workspace.branch("main")
    workspace.write_stack("prod", ["customer-9"])
    workspace.commit("Add another prod")
    workspace.push()
    pull_request(workspace, 7, head)

    assert "bring the branch up to date" in workspace.failed("change")


def test_a_change_that_was_pushed_to_again_is_left_to_its_newer_run(workspace: Workspace) -> None:
    head = workspace.git("rev-parse", "HEAD")
    pull_request(workspace, 7, head)
    workspace.git("push", "--quiet", "origin", f"+{workspace.commit('Later')}:refs/pull/7/head")

    assert "pushed to again" in workspace.failed("change")


def test_what_a_fork_is_about_says_the_api_and_not_the_forks_run(workspace: Workspace, forge: ForgeServer) -> None:
    workspace.branch("topic")
    head = workspace.commit("Of a fork")
    workspace.git("checkout", "--quiet", "main")
    workspace.git("push", "--quiet", "origin", f"+{head}:refs/pull/12/head")
    forge.add_pull(12, head=head, repository="fork/tenants")
    run = {
        "head_sha": head, "head_branch": "branch", "event": "pull_request",
        "head_repository": {"full_name": "fork/tenants", "owner": {"login": "fork"}},
        "pull_requests": [{"number": 666}],
    }  # fmt: skip
    workspace.event({"workflow_run": run}, name="workflow_run")

    workspace.done("change")

    assert (found(workspace)["number"], found(workspace)["head"]) == (12, head)
    run["head_sha"] = "--upload-pack=touch"
    workspace.event({"workflow_run": run}, name="workflow_run")
    assert "names no commit" in workspace.failed("change")


def test_a_merge_request_needs_no_token(workspace: Workspace) -> None:
    head = workspace.git("rev-parse", "HEAD")
    workspace.git("push", "--quiet", "origin", f"+{head}:refs/merge-requests/3/head")
    workspace.on_gitlab(
        PSAAS_GITLAB_TOKEN="", CI_MERGE_REQUEST_IID="3", CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main", CI_COMMIT_SHA=head
    )

    assert "change 3" in workspace.done("change")


def test_a_job_that_is_about_no_change_is_told_what_to_say(workspace: Workspace) -> None:
    workspace.event({})

    assert "BASE=… HEAD=…" in workspace.failed("change")
    assert "make change" in workspace.failed("review-change")


def test_a_list_that_a_team_owns_concerns_only_the_stacks_that_include_it(workspace: Workspace) -> None:
    workspace.write_stack("prod", ["customer-1"], tenantFiles=["tenants/*.yaml"])
    workspace.write_stack(
        "stage", ["customer-2"], tenantFiles=["elsewhere/billing.yaml"], existingTenantFiles=["tenants/old.yaml"]
    )
    workspace.write_stack("test", ["customer-3"])
    before = workspace.commit("Three stacks")
    workspace.event({"before": before}, name="push")
    lists = workspace.folder / "stacks" / "tenants"
    lists.mkdir()
    (lists / "billing.yaml").write_text("tenants: []\n")
    added = workspace.commit("A list")
    assert 'stacks=["prod"]' in workspace.done("affected")

    (lists / "billing.yaml").unlink()
    workspace.write_stack("prod", ["customer-1"])
    workspace.write_stack("test", ["customer-3"], tenantFiles=1)
    removed = workspace.commit("It is gone, and one names what is no list of patterns")
    workspace.event({"before": added}, name="push")
    assert 'stacks=["prod", "test"]' in workspace.done("affected")

    (lists / "old.yaml").write_text("tenants: []\n")
    workspace.commit("A list of tenants that exist")
    workspace.event({"before": removed}, name="push")
    assert 'stacks=["stage", "test"]' in workspace.done("affected")


def test_a_job_that_plans_many_stacks_asks_the_forge_about_each_merge_once(workspace: Workspace) -> None:
    stacks = [f"prod-{number}" for number in range(1, 6)]
    before = workspace.git("rev-parse", "HEAD")
    for name in stacks:
        workspace.write_stack(name, [], domain=f"rta.{name}.example.org")
    merged = workspace.commit("Five stacks")
    workspace.forge.add_pull(7, head=merged, merged_at="2026-01-01", merge_commit_sha=merged)
    workspace.forge.commits[merged] = [7]
    workspace.event({"before": before}, name="push")

    said = workspace.make("plan", STACKS=json.dumps(stacks)).stderr

    assert all(f"{name}: " in said for name in stacks), said
    questions = [asked for asked in workspace.forge.requests if "page=" not in asked]
    assert len(questions) == len(set(questions)) == 3, questions


def test_stacks_of_a_push_are_named_and_all_where_a_shared_file_changed(workspace: Workspace) -> None:
    for name in ("prod", "stage"):
        workspace.write_stack(name, ["customer-1"])
    before = workspace.commit("Two stacks")
    workspace.event({"before": before}, name="push")
    assert "stacks=[]" in workspace.done("affected")

    workspace.write_stack("prod", ["customer-1", "customer-2"])
    after = workspace.commit("Add one")

    assert 'stacks=["prod"]' in workspace.done("affected")
    assert 'stacks=["prod"]\n' in workspace.outputs.read_text()
    assert 'stacks=["prod", "stage"]' in workspace.done("affected", ALL="1")
    assert 'stacks=["stage"]' in workspace.done("affected", STACK="stage")
    assert "there is no stack 'local'" in workspace.failed("affected", STACK="local")
    assert "is no name of a stack" in workspace.failed("affected", STACK="../prod")
    workspace.event({"before": after}, name="push")
    (workspace.folder / "stacks" / "policy.json").write_text("{}\n")
    workspace.commit("Settings of all rules")
    assert 'stacks=["prod", "stage"]' in workspace.done("affected")
    workspace.event({"before": "0" * 40}, name="push")
    assert 'stacks=["prod", "stage"]' in workspace.done("affected")
