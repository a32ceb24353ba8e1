"""GitHub's REST API, of which we use a dozen calls. Knows HTTP by `web` only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from pipeline.errors import NotThere, PipelineError
from pipeline.forge import Change, Comment, Issue
from pipeline.job import Job
from pipeline.web import Web, token_of


class GitHub:
    def __init__(self, job: Job, *, sleep: Callable[[float], None] = time.sleep) -> None:
        def headers() -> dict[str, str]:
            return {
                "Authorization": f"Bearer {token_of(job.token, 'GITHUB_TOKEN')}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
                "User-Agent": "psaas-tenants",
            }

        if job.repository.count("/") != 1:
            raise PipelineError("GITHUB_REPOSITORY is not OWNER/NAME")
        self._job = job
        self._web = Web(f"{job.api}/repos/{job.repository}", headers, sleep=sleep)

    def change(self, number: int) -> Change:
        return self._change(self._web.get(f"pulls/{number}", f"read pull request {number}"))

    def change_with_head(self, head: str, *, owner: str, branch: str) -> Change:
        doing = f"look for the pull request at {head[:12]}"
        found = [
            pull
            for pull in self._web.pages("pulls", doing, state="open", head=f"{owner}:{branch}")
            if pull["head"]["sha"] == head
        ]
        if len(found) != 1:
            raise NotThere(f"{doing}: {len(found)} open ones stand there; was it closed, or pushed to again?")
        return self._change(found[0])

    def merged_as(self, commit: str) -> list[Change]:
        found = self._web.pages(f"commits/{commit}/pulls", f"look for the pull request of commit {commit[:12]}")
        return [self._change(pull) for pull in found if pull.get("merged_at")]

    def comments(self, number: int) -> Iterator[Comment]:
        for entry in self._web.pages(f"issues/{number}/comments", f"list the comments of pull request {number}"):
            yield Comment(int(entry["id"]), str(entry.get("body") or ""), self._own(entry))

    def write_comment(self, number: int, body: str, *, over: int | None) -> None:
        doing = f"comment on pull request {number}"
        if over is None:
            self._web.send("POST", f"issues/{number}/comments", doing, {"body": body})
        else:
            self._web.send("PATCH", f"issues/comments/{over}", doing, {"body": body})

    def approvers(self, change: Change) -> tuple[str, ...]:
        """By the last review of each person that decides anything; a comment decides nothing."""
        last: dict[str, bool] = {}
        doing = f"list the reviews of pull request {change.number}"
        for review in self._web.pages(f"pulls/{change.number}/reviews", doing):
            name = str((review.get("user") or {}).get("login", ""))
            if name and review.get("state") in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED"):
                last[name] = review["state"] == "APPROVED" and review.get("commit_id") == change.head
        return tuple(sorted(name for name, approves in last.items() if approves))

    def approvers_of_run(self, environment: str) -> tuple[str, ...]:
        entries = self._web.get(f"actions/runs/{self._job.run_id}/approvals", "list who let this run deploy")
        names = {
            str((entry.get("user") or {}).get("login", ""))
            for entry in entries
            if entry.get("state") == "approved"
            and any(e.get("name") == environment for e in entry.get("environments", []))
        }
        return tuple(sorted(names - {""}))

    def open_issues(self) -> Iterator[Issue]:
        for entry in self._web.pages("issues", "list the open issues", state="open", creator=self._job.author):
            if "pull_request" not in entry and self._own(entry):
                yield Issue(int(entry["number"]), str(entry.get("html_url", "")), str(entry.get("body") or ""))

    def write_issue(self, title: str, body: str, *, over: int | None) -> str:
        if over is None:
            answer = self._web.send("POST", "issues", "open an issue", {"title": title, "body": body})
        else:
            answer = self._web.send("PATCH", f"issues/{over}", f"update issue {over}", {"title": title, "body": body})
        return str(answer.get("html_url", ""))

    def close_issue(self, number: int, body: str) -> None:
        self._web.send("POST", f"issues/{number}/comments", f"comment on issue {number}", {"body": body})
        self._web.send("PATCH", f"issues/{number}", f"close issue {number}", {"state": "closed"})

    def release(self, tag: str, body: str) -> str:
        answer = self._web.send(
            "POST", "releases", f"make the release {tag}", {"tag_name": tag, "name": tag, "body": body}
        )
        return str(answer["upload_url"]).partition("{")[0]

    def attach(self, address: str, name: str, content: bytes) -> None:
        self._web.upload(f"{address}?name={quote(name, safe='')}", f"attach {name} to the release", content)

    def _own(self, entry: Mapping[str, Any]) -> bool:
        return str((entry.get("user") or {}).get("login", "")) == self._job.author

    def _change(self, pull: Mapping[str, Any]) -> Change:
        head_repository = (pull["head"].get("repo") or {}).get("full_name", "")  # none: the fork was deleted
        return Change(
            number=int(pull["number"]),
            url=str(pull.get("html_url", "")),
            base_branch=str(pull["base"]["ref"]),
            base=str(pull["base"]["sha"]),
            head=str(pull["head"]["sha"]),
            from_fork=head_repository != self._job.repository,
            merged_as=str(pull.get("merge_commit_sha") or "") if pull.get("merged_at") else "",
        )
