"""A setting that can lead secrets elsewhere: deployed once a named person has approved of it, and not before."""

from __future__ import annotations

import json

import pytest

from tests.engine.snapshots import Made
from tests.pipeline.forge_server import ForgeServer
from tests.pipeline.team import Team
from tests.pipeline.workspace import Workspace


@pytest.mark.long
def test_a_guarded_setting_that_its_approver_has_approved_is_deployed(
    workspace: Workspace,
    made: Made,
    forge: ForgeServer,
) -> None:
    policy = workspace.folder / "stacks" / "policy.json"
    policy.write_text(json.dumps(json.loads(policy.read_text()) | {"settings-change": {"approvers": ["ann"]}}))
    stack = made()
    team = Team(workspace, stack, forge)

    team.propose("customer-1", caBundle=stack.appliance.ca)
    head = forge.pulls[1]["head"]["sha"]
    forge.reviews[1] = [{"state": "APPROVED", "user": {"login": "ben"}, "commit_id": head}]
    assert "forbidden" in workspace.failed("review-change")
    assert "1 guarded setting changed without approval" in workspace.summary.read_text()
    forge.reviews[1].append({"state": "APPROVED", "user": {"login": "ann"}, "commit_id": head})
    workspace.done("review-change")
    workspace.done("comment")
    team.merge()
    team.plan()

    team.step("deploy")

    assert set(stack.outputs()) == {"customer-1"}
