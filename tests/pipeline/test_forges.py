"""What GitHub and GitLab are asked, and what is told where they don't answer well. By a server on loopback."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import job
from pipeline.errors import NotThere, PipelineError, WebError
from pipeline.forge import Forge
from pipeline.github import GitHub
from pipeline.gitlab import GitLab
from pipeline.web import Web
from tests.pipeline.forge_server import PROJECT, REPOSITORY, TOKEN, TOKENS_USER, ForgeServer

HEAD, OLDER = "a" * 40, "b" * 40
NOW = 1_000_000.0


def github(forge: ForgeServer, **more: str) -> GitHub:
    environment = {
        "GITHUB_ACTIONS": "true", "GITHUB_API_URL": forge.url, "GITHUB_SERVER_URL": forge.url,
        "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_TOKEN": TOKEN, "GITHUB_RUN_ID": "99",
    }  # fmt: skip
    return GitHub(job.of(environment | more), sleep=lambda _: None)


def gitlab(forge: ForgeServer, **more: str) -> GitLab:
    environment = {
        "GITLAB_CI": "true", "CI_API_V4_URL": f"{forge.url}/api/v4", "CI_SERVER_URL": forge.url,
        "CI_PROJECT_ID": PROJECT, "PSAAS_GITLAB_TOKEN": TOKEN,
    }  # fmt: skip
    return GitLab(job.of(environment | more), sleep=lambda _: None)


def said(call: str, forge: Forge) -> str:
    with pytest.raises(PipelineError) as told:
        list(forge.comments(7))
    assert TOKEN not in str(told.value)
    assert "\n" not in str(told.value), call
    return str(told.value)


@pytest.mark.parametrize("of", [github, gitlab])
def test_a_list_is_read_over_all_its_pages(forge: ForgeServer, of: type[GitHub]) -> None:
    for number in range(7):
        forge.say(7, f"comment {number}")

    assert [comment.body for comment in of(forge).comments(7)] == [f"comment {number}" for number in range(7)]
    assert len(forge.requests) == 4 + (of is gitlab)  # which asks whose token it has


def test_a_next_page_at_another_address_is_not_asked_for(forge: ForgeServer) -> None:
    forge.elsewhere = "http://127.0.0.1:9"
    for number in range(3):
        forge.say(7, f"comment {number}")

    assert "another address" in said("pages", github(forge))


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "token is not accepted"), (403, "the permission"), (404, "may not see it"), (500, "answered 500")],
)
def test_an_answer_of_no_is_one_line_with_the_way_out(forge: ForgeServer, status: int, words: str) -> None:
    asked = github(forge)
    forge.refuse(status, times=9)

    told = said("comments", asked)

    assert words in told
    assert "list the comments of pull request 7" in told


def test_a_redirect_is_not_followed_with_the_token(forge: ForgeServer) -> None:
    forge.refuse(302, Location="http://127.0.0.1:9/")

    assert "redirect" in said("comments", github(forge))
    assert len(forge.requests) == 1


def test_a_rate_limit_is_waited_for_as_the_forge_asks_and_no_longer_than_we_have_patience(forge: ForgeServer) -> None:
    waited: list[float] = []
    asked = Web(forge.url, lambda: {"Authorization": f"Bearer {TOKEN}"}, sleep=waited.append, now=lambda: NOW)
    forge.refuse(403, X_RateLimit_Remaining="0", X_RateLimit_Reset=str(int(NOW) + 30))
    forge.refuse(429, Retry_After="10")

    assert asked.get(f"repos/{REPOSITORY}/pulls", "look", state="open", head="octo-org:branch") == []
    assert waited == [30.0, 10.0]
    forge.refuse(429, Retry_After="3600")
    with pytest.raises(WebError, match="slow down for longer than we wait"):
        asked.get("repos", "look")
    assert waited == [30.0, 10.0]


def test_a_write_that_may_have_arrived_is_not_sent_twice(forge: ForgeServer) -> None:
    forge.refuse(502, times=3)

    with pytest.raises(WebError, match="502"):
        github(forge).write_comment(7, "text", over=None)
    assert len(forge.requests) == 1


def test_a_forge_that_is_not_there_is_told_in_a_line(forge: ForgeServer) -> None:
    assert "no answer from 127.0.0.1" in said("comments", github(forge, GITHUB_API_URL="http://127.0.0.1:9"))


def test_a_missing_token_and_one_that_would_go_in_clear_are_told_before_any_request(forge: ForgeServer) -> None:
    assert "GITHUB_TOKEN is not set" in said("comments", github(forge, GITHUB_TOKEN=""))
    assert "PSAAS_GITLAB_TOKEN is not set" in said("comments", gitlab(forge, PSAAS_GITLAB_TOKEN=""))
    with pytest.raises(PipelineError, match="not sent in clear"):
        github(forge, GITHUB_API_URL="http://api.github.example.com")
    with pytest.raises(PipelineError, match="holds credentials"):
        github(forge, GITHUB_API_URL="https://me:pass@api.github.example.com")
    assert forge.requests == []


def test_the_users_own_netrc_gives_no_other_credential(
    forge: ForgeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password another\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))

    assert list(github(forge).comments(7)) == []


def test_only_a_last_review_that_approves_the_head_itself_counts(forge: ForgeServer) -> None:
    forge.add_pull(7, head=HEAD)

    def review(name: str, state: str, commit: str = HEAD) -> dict[str, object]:
        return {"user": {"login": name}, "state": state, "commit_id": commit}

    forge.reviews[7] = [
        review("ann", "APPROVED"), review("ann", "COMMENTED", OLDER),
        review("ben", "APPROVED"), review("ben", "CHANGES_REQUESTED"),
        review("cat", "APPROVED", OLDER),
        review("dan", "APPROVED"), review("dan", "DISMISSED"),
        review("eve", "CHANGES_REQUESTED", OLDER), review("eve", "APPROVED"),
        {"user": None, "state": "APPROVED", "commit_id": HEAD},
    ]  # fmt: skip

    asked = github(forge)
    assert asked.approvers(asked.change(7)) == ("ann", "eve")


def test_gitlabs_approvals_count_that_were_given_after_the_head_was_pushed(forge: ForgeServer) -> None:
    forge.add_pull(
        7, head=HEAD, iid=7, sha=HEAD, target_branch="main", state="opened", source_project_id=1, target_project_id=1
    )
    forge.approvals[7] = ["ann", "ben", "cat"]
    forge.versions[7] = [{"head_commit_sha": HEAD, "created_at": "2026-01-02T00:00:00.000Z"}]
    for name, when, text in (
        ("ann", "2026-01-01T00:00:00.000Z", "approved this merge request"),
        ("ben", "2026-01-03T00:00:00.000Z", "approved this merge request"),
        ("dan", "2026-01-03T00:00:00.000Z", "approved this merge request"),
    ):
        forge.say(7, text, by=name).update(system=True, created_at=when)
    # Words of a person are no note of GitLab's own.
    forge.say(7, "approved this merge request", by="cat").update(created_at="2026-01-03T00:00:00.000Z")

    asked = gitlab(forge)
    assert asked.approvers(asked.change(7)) == ("ben",)
    forge.versions[7] = []
    assert asked.approvers(asked.change(7)) == ()


def test_a_forks_change_is_found_by_its_exact_head(forge: ForgeServer) -> None:
    forge.add_pull(7, head=HEAD, repository="fork/tenants")
    forge.add_pull(8, head=OLDER, repository="fork/tenants")
    forge.add_pull(9, head=HEAD)

    found = github(forge).change_with_head(HEAD, owner="fork", branch="branch")

    assert (found.number, found.from_fork) == (7, True)
    with pytest.raises(NotThere, match="pushed to again"):
        github(forge).change_with_head("c" * 40, owner="fork", branch="branch")


def test_a_change_whose_fork_was_deleted_counts_as_one_of_a_fork(forge: ForgeServer) -> None:
    forge.add_pull(7, head=HEAD, repository=None)

    assert github(forge).change(7).from_fork


def test_only_our_own_comments_are_ours_whatever_others_write(forge: ForgeServer) -> None:
    forge.say(7, "<!-- psaas-review")
    forge.say(7, "<!-- psaas-review", by="mallory")
    forge.say(8, "<!-- psaas-review", by=TOKENS_USER)

    assert [comment.own for comment in github(forge).comments(7)] == [True, False]
    assert [comment.own for comment in gitlab(forge).comments(8)] == [True]
