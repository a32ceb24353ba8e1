"""The jobs of a pull request: reviewed without a secret by what the base branch holds, told in a comment."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.pipeline.forge_server import REPOSITORY, TOKENS_USER, ForgeServer
from tests.pipeline.workspace import Workspace

HOSTILE = "%:\n\t@echo hostile; touch hostile\n"


def propose(workspace: Workspace, *tenants: str, number: int = 7, **config: Any) -> str:
    """A stack on main, and a pull request that changes it; its head."""
    workspace.write_stack("prod", ["customer-1"])
    workspace.commit("One tenant")
    workspace.push()
    workspace.branch("topic")
    workspace.write_stack("prod", ["customer-1", *tenants], **config)
    head = workspace.commit("Change it")
    workspace.git("push", "--quiet", "origin", f"+{head}:refs/pull/{number}/head")
    workspace.git("checkout", "--quiet", "main")
    pull = {"number": number, "base": {"ref": "main"}, "head": {"sha": head}}
    workspace.event({"pull_request": pull})
    workspace.forge.add_pull(number, head=head)
    return head


def test_two_revisions_are_reviewed_by_hand_without_any_forge(workspace: Workspace) -> None:
    head = propose(workspace, "customer-2")
    workspace.environment = {k: v for k, v in workspace.environment.items() if not k.startswith("GITHUB_")}

    report = workspace.done("review-change", "BASE=main", f"HEAD={head}")

    assert "+1 tenant" in report
    assert "customer-2" in report
    assert "is no Git revision" in workspace.failed("review-change", "BASE=main", "HEAD=--output=x")


def test_a_change_with_mistakes_fails_its_job_and_is_commented_on(workspace: Workspace, forge: ForgeServer) -> None:
    propose(workspace, "x")
    workspace.done("change")
    workspace.done("fetch-inventory")

    workspace.failed("review-change")
    workspace.done("comment")

    assert "must be mended first" in forge.comments[7][0]["body"]
    assert "must be mended first" in workspace.summary.read_text()


def test_a_change_that_touches_no_stack_gets_no_comment(workspace: Workspace, forge: ForgeServer) -> None:
    propose(workspace)
    workspace.done("change")
    workspace.done("review-change")

    assert "nothing to say" in workspace.done("comment")
    assert forge.comments == {}


def test_a_forks_change_is_reviewed_and_told_and_nothing_of_it_runs(workspace: Workspace, forge: ForgeServer) -> None:
    workspace.write_stack("prod", ["customer-1"])
    workspace.commit("One tenant")
    workspace.push()
    workspace.branch("topic")
    workspace.write_stack("prod", ["customer-1", "customer-2"])
    for name in ("Makefile", "pipeline/__init__.py", "review/__init__.py", "policy/__init__.py"):
        (workspace.folder / name).write_text(
            HOSTILE if name == "Makefile" else "open('hostile', 'w'); print('hostile')\n"
        )
    head = workspace.commit("Of a fork")
    workspace.git("push", "--quiet", "origin", f"+{head}:refs/pull/12/head")
    workspace.git("checkout", "--quiet", "main")
    forge.add_pull(12, head=head, repository="fork/tenants")
    run = {
        "head_sha": head, "head_branch": "branch", "event": "pull_request",
        "head_repository": {"full_name": "fork/tenants", "owner": {"login": "fork"}},
    }  # fmt: skip
    workspace.event({"workflow_run": run}, name="workflow_run")

    said = [workspace.make(target) for target in ("change", "fetch-inventory", "review-change", "comment")]

    assert not any("hostile" in ran.stdout for ran in said)
    assert not (workspace.folder / "hostile").exists()
    report = forge.comments[12][0]["body"]
    assert "customer-2" in report
    assert "Makefile" in report  # told to people as another file that changes


def test_a_guarded_setting_is_let_through_by_its_named_approver_at_exactly_this_head(
    workspace: Workspace, forge: ForgeServer
) -> None:
    settings = workspace.folder / "stacks" / "policy.json"
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"settings-change": {"approvers": ["ann"]}}))
    head = propose(workspace, "customer-2", clientId="another")
    workspace.done("change")
    assert "without approval" in workspace.failed("review-change") + workspace.summary.read_text()

    forge.reviews[7] = [{"user": {"login": "ann"}, "state": "APPROVED", "commit_id": "0" * 40}]
    workspace.failed("review-change")
    forge.reviews[7].append({"user": {"login": "ann"}, "state": "APPROVED", "commit_id": head})

    assert workspace.make("-s", "approvals", "NUMBER=7").stdout == "ann\n"
    workspace.done("review-change")
    assert "say it like make approvals NUMBER=12" in workspace.failed("approvals", "NUMBER=x")


def test_a_merge_request_is_reviewed_without_a_token_and_told_with_one(
    workspace: Workspace, forge: ForgeServer
) -> None:
    head = propose(workspace, "customer-2")
    workspace.git("push", "--quiet", "origin", f"+{head}:refs/merge-requests/7/head")
    workspace.on_gitlab(
        PSAAS_GITLAB_TOKEN="", CI_MERGE_REQUEST_IID="7", CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main", CI_COMMIT_SHA=head
    )
    workspace.done("change")
    workspace.done("fetch-inventory")
    assert "customer-2" in workspace.done("review-change")
    assert (workspace.state / "review.html").stat().st_size > 1000
    assert "PSAAS_GITLAB_TOKEN is not set" in workspace.failed("comment")
    assert forge.requests == []

    workspace.on_gitlab()
    workspace.done("comment")

    assert [note["author"]["username"] for note in forge.comments[7]] == [TOKENS_USER]


@pytest.mark.long
def test_packages_of_a_tag_are_built_and_put_on_a_release_page(workspace: Workspace, forge: ForgeServer) -> None:
    (workspace.folder / "CHANGELOG.md").write_text("# Changes\n\n## 0.1.0\n\n- First.\n\n## 0.0.9\n\n- Before.\n")

    workspace.done("packages")
    assert "is not empty" in workspace.failed("packages")
    assert "no tag of a release" in workspace.failed("release", GITHUB_REF_NAME="nightly")
    assert "does pyproject.toml say it?" in workspace.failed("release", GITHUB_REF_NAME="v9.9.9")
    assert forge.releases == []
    workspace.done("release", GITHUB_REF_NAME="v0.1.0")

    assert forge.releases == [{"tag_name": "v0.1.0", "name": "v0.1.0", "body": "- First."}]
    names = {"psaas_tenants-0.1.0-py3-none-any.whl", "psaas_tenants-0.1.0.tar.gz", "SHA256SUMS"}
    assert set(forge.assets) == names
    assert forge.assets["SHA256SUMS"].count(b"\n") == 2
    assert REPOSITORY in forge.requests[-4]
