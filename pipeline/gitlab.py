"""GitLab's REST API, of which we use a dozen calls. Knows HTTP by `web` only."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from pipeline.errors import NotThere
from pipeline.forge import Change, Comment, Issue
from pipeline.job import Job
from pipeline.web import Web, token_of

APPROVED, UNAPPROVED = "approved this merge request", "unapproved this merge request"


class GitLab:
    def __init__(self, job: Job, *, sleep: Callable[[float], None] = time.sleep) -> None:
        def headers() -> dict[str, str]:
            return {"PRIVATE-TOKEN": token_of(job.token, "PSAAS_GITLAB_TOKEN"), "User-Agent": "psaas-tenants"}

        self._job = job
        self._user = Web(job.api, headers, sleep=sleep)
        self._web = Web(f"{job.api}/projects/{quote(job.repository, safe='')}", headers, sleep=sleep)

    def change(self, number: int) -> Change:
        return self._change(self._web.get(f"merge_requests/{number}", f"read merge request {number}"))

    def change_with_head(self, head: str, *, owner: str, branch: str) -> Change:
        doing = f"look for the merge request at {head[:12]}"
        found = [
            entry
            for entry in self._web.pages("merge_requests", doing, state="opened", source_branch=branch)
            if entry.get("sha") == head and str(entry.get("author", {}).get("username", "")) == owner
        ]
        if len(found) != 1:
            raise NotThere(f"{doing}: {len(found)} open ones stand there; was it closed, or pushed to again?")
        return self._change(found[0])

    def merged_as(self, commit: str) -> list[Change]:
        doing = f"look for the merge request of commit {commit[:12]}"
        found = self._web.pages(f"repository/commits/{commit}/merge_requests", doing)
        return [self._change(entry) for entry in found if entry.get("state") == "merged"]

    def comments(self, number: int) -> Iterator[Comment]:
        for entry in self._notes(number):
            if not entry.get("system"):
                yield Comment(int(entry["id"]), str(entry.get("body") or ""), self._own(entry))

    def write_comment(self, number: int, body: str, *, over: int | None) -> None:
        doing = f"comment on merge request {number}"
        if over is None:
            self._web.send("POST", f"merge_requests/{number}/notes", doing, {"body": body})
        else:
            self._web.send("PUT", f"merge_requests/{number}/notes/{over}", doing, {"body": body})

    def approvers(self, change: Change) -> tuple[str, ...]:
        """Approvals name no commit: those count that were given after the head was pushed, by GitLab's own notes."""
        doing = f"list the approvals of merge request {change.number}"
        answer = self._web.get(f"merge_requests/{change.number}/approvals", doing)
        standing = {str(entry["user"]["username"]) for entry in answer.get("approved_by", [])}
        versions = self._web.get(f"merge_requests/{change.number}/versions", doing)
        pushed_at = next((v["created_at"] for v in versions if v.get("head_commit_sha") == change.head), None)
        if pushed_at is None:
            return ()
        last: dict[str, str] = {}
        for note in self._notes(change.number):
            if note.get("system") and note.get("body") in (APPROVED, UNAPPROVED):
                last[str(note["author"]["username"])] = str(note["created_at"]) if note["body"] == APPROVED else ""
        return tuple(sorted(name for name in standing if last.get(name, "") > str(pushed_at)))

    def approvers_of_run(self, environment: str) -> tuple[str, ...]:
        """A manual job's user, who must be allowed to deploy to the protected environment."""
        return (self._job.actor,) if environment and self._job.started_by_hand and self._job.actor else ()

    def open_issues(self) -> Iterator[Issue]:
        for entry in self._web.pages("issues", "list the open issues", state="opened", author_username=self._author):
            if self._own(entry):
                yield Issue(int(entry["iid"]), str(entry.get("web_url", "")), str(entry.get("description") or ""))

    def write_issue(self, title: str, body: str, *, over: int | None) -> str:
        fields = {"title": title, "description": body}
        if over is None:
            answer = self._web.send("POST", "issues", "open an issue", fields)
        else:
            answer = self._web.send("PUT", f"issues/{over}", f"update issue {over}", fields)
        return str(answer.get("web_url", ""))

    def close_issue(self, number: int, body: str) -> None:
        self._web.send("POST", f"issues/{number}/notes", f"comment on issue {number}", {"body": body})
        self._web.send("PUT", f"issues/{number}", f"close issue {number}", {"state_event": "close"})

    def _notes(self, number: int) -> Iterator[Mapping[str, Any]]:
        doing = f"list the notes of merge request {number}"
        return self._web.pages(f"merge_requests/{number}/notes", doing, sort="asc", order_by="created_at")

    @functools.cached_property
    def _author(self) -> str:
        """Whom the token belongs to."""
        return self._job.author or str(self._user.get("user", "ask whose token this is").get("username", ""))

    def _own(self, entry: Mapping[str, Any]) -> bool:
        return str(entry.get("author", {}).get("username", "")) == self._author

    def _change(self, entry: Mapping[str, Any]) -> Change:
        return Change(
            number=int(entry["iid"]),
            url=str(entry.get("web_url", "")),
            base_branch=str(entry["target_branch"]),
            base=str((entry.get("diff_refs") or {}).get("base_sha") or ""),
            head=str(entry["sha"]),
            from_fork=entry.get("source_project_id") != entry.get("target_project_id"),
            merged_as=str(entry.get("merge_commit_sha") or entry.get("squash_commit_sha") or entry["sha"])
            if entry.get("state") == "merged"
            else "",
        )
