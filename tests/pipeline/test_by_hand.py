"""Reviews of two revisions that a person names, on a laptop without any forge."""

from __future__ import annotations

import pytest

from tests.pipeline.workspace import Workspace


@pytest.fixture
def laptop(workspace: Workspace) -> Workspace:
    """A clone with the branch `topic`, which adds a stack."""
    workspace.environment = {k: v for k, v in workspace.environment.items() if not k.startswith("GITHUB_")}
    workspace.branch("topic")
    workspace.write_stack("prod", ["customer-1"])
    workspace.commit("Add prod")
    workspace.git("checkout", "--quiet", "main")
    return workspace


def test_both_revisions_must_be_said_and_an_earlier_review_is_never_shown_again(laptop: Workspace) -> None:
    laptop.done("review-change", BASE="main", HEAD="main")

    for given in ({}, {"BASE": "main"}, {"HEAD": "topic"}):
        assert "say both revisions: make review-change BASE=main HEAD=my-branch" in laptop.failed(
            "review-change", **given
        )


def test_a_revision_that_is_not_here_is_named(laptop: Workspace) -> None:
    assert '"nosuch" is not a revision here; fetch it first' in laptop.failed(
        "review-change", BASE="main", HEAD="nosuch"
    )


def test_a_stack_that_neither_revision_has_is_a_mistake_and_not_fine(laptop: Workspace) -> None:
    said = laptop.failed("review-change", BASE="main", HEAD="topic", STACK="prd")

    assert "there is no stacks/Pulumi.prd.yaml among the stacks of both revisions (example, local, prod)" in said
    assert 'did you mean "prod"?' in said


def test_the_last_line_is_for_a_person_and_no_command_of_a_forge(laptop: Workspace) -> None:
    said = laptop.failed("review-change", BASE="main", HEAD="topic")

    assert "review: forbidden or broken; the report says why" in said
    assert "::" not in said
