"""A stand-in for the APIs of GitHub and GitLab, written from their public documentation: what our calls need of them.

Pages hold two entries, so that every list has several. `refuse` lets the next answers go wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests import serving

REPOSITORY, PROJECT, TOKEN = "octo-org/tenants", "4711", "canary-forge-token-8d1f"
BOT, TOKENS_USER = "github-actions[bot]", "project_4711_bot"
PAGE = 2
Answer = tuple[int, Any]


@dataclass
class ForgeServer:
    """`requests` are method and path of all that was asked."""

    port: int = 0
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    reviews: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    commits: dict[str, list[int]] = field(default_factory=dict)
    issues: list[dict[str, Any]] = field(default_factory=list)
    run_approvals: list[dict[str, Any]] = field(default_factory=list)
    approvals: dict[int, list[str]] = field(default_factory=dict)
    versions: dict[int, list[dict[str, str]]] = field(default_factory=dict)
    releases: list[dict[str, Any]] = field(default_factory=list)
    assets: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    elsewhere: str = ""  # what the links to next pages begin with, instead of this server
    last_id: int = 100

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Callable[[], None]:
        """Serve until the function that is returned is called."""
        self.port, stop = serving.start(_handler(self))
        return stop

    def refuse(self, status: int, *, times: int = 1, **headers: str) -> None:
        self.refusals += [(status, {name.replace("_", "-"): value for name, value in headers.items()})] * times

    def new_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def add_pull(self, number: int, *, head: str, repository: str | None = REPOSITORY, **more: Any) -> dict[str, Any]:
        pull = {
            "number": number, "html_url": f"{self.url}/{REPOSITORY}/pull/{number}", "merged_at": None,
            "merge_commit_sha": None, "base": {"ref": "main", "sha": "0" * 40},
            "head": {"sha": head, "ref": "branch", "repo": {"full_name": repository} if repository else None},
            "state": "open",
        }  # fmt: skip
        self.pulls[number] = pull | more
        return self.pulls[number]

    def say(self, number: int, body: str, *, by: str = BOT) -> dict[str, Any]:
        comment = {
            "id": self.new_id(),
            "body": body,
            "user": {"login": by},
            "author": {"username": by},
            "system": False,
        }
        self.comments.setdefault(number, []).append(comment)
        return comment

    def github(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        rest = path.removeprefix(f"/repos/{REPOSITORY}/")
        if rest == path:
            return 404, {}
        if m := re.fullmatch(r"pulls/(\d+)", rest):
            return (200, self.pulls[int(m[1])]) if int(m[1]) in self.pulls else (404, {})
        if rest == "pulls":
            wanted = [p for p in self.pulls.values() if p["state"] == query["state"]]
            owner, _, branch = query["head"].partition(":")
            of = [p for p in wanted if (p["head"]["repo"] or {}).get("full_name", "").partition("/")[0] == owner]
            return 200, [p for p in of if p["head"]["ref"] == branch]
        if m := re.fullmatch(r"commits/(\w+)/pulls", rest):
            return 200, [self.pulls[number] for number in self.commits.get(m[1], [])]
        if m := re.fullmatch(r"issues/(\d+)/comments", rest):
            if method == "POST":
                return 201, self.say(int(m[1]), body["body"])
            return 200, self.comments.get(int(m[1]), [])
        if m := re.fullmatch(r"issues/comments/(\d+)", rest):
            return self._edit(int(m[1]), body["body"])
        if m := re.fullmatch(r"pulls/(\d+)/reviews", rest):
            return 200, self.reviews.get(int(m[1]), [])
        if re.fullmatch(r"actions/runs/\d+/approvals", rest):
            return 200, self.run_approvals
        if rest == "releases":
            self.releases.append(body)
            return 201, {"upload_url": f"{self.url}/upload{{?name,label}}"}
        return self._issues(method, rest, body, {"number", "html_url", "body"}, by=query.get("creator", ""))

    def gitlab(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if path == "/user":
            return 200, {"username": TOKENS_USER}
        rest = path.removeprefix(f"/projects/{PROJECT}/")
        if m := re.fullmatch(r"merge_requests/(\d+)", rest):
            return (200, self.pulls[int(m[1])]) if int(m[1]) in self.pulls else (404, {})
        if m := re.fullmatch(r"merge_requests/(\d+)/notes", rest):
            if method == "POST":
                return 201, self.say(int(m[1]), body["body"], by=TOKENS_USER)
            return 200, self.comments.get(int(m[1]), [])
        if m := re.fullmatch(r"merge_requests/\d+/notes/(\d+)", rest):
            return self._edit(int(m[1]), body["body"])
        if m := re.fullmatch(r"merge_requests/(\d+)/approvals", rest):
            return 200, {"approved_by": [{"user": {"username": name}} for name in self.approvals.get(int(m[1]), [])]}
        if m := re.fullmatch(r"merge_requests/(\d+)/versions", rest):
            return 200, self.versions.get(int(m[1]), [])
        if m := re.fullmatch(r"repository/commits/(\w+)/merge_requests", rest):
            return 200, [self.pulls[number] for number in self.commits.get(m[1], [])]
        return self._issues(method, rest, body, {"iid", "web_url", "description"}, by=query.get("author_username", ""))

    def _issues(self, method: str, rest: str, body: Any, names: set[str], *, by: str) -> Answer:
        number, url, text = ("iid", "web_url", "description") if "iid" in names else ("number", "html_url", "body")
        if rest == "issues" and method == "GET":
            open_ = [i for i in self.issues if i["state"] in ("open", "opened")]
            return 200, [i for i in open_ if not by or by in (i["user"]["login"], i["author"]["username"])]
        if rest == "issues":
            made = {
                number: self.new_id(), url: f"{self.url}/issues/{self.last_id}", "title": body["title"],
                text: body.get("body") or body.get("description"), "state": "open",
                "user": {"login": BOT}, "author": {"username": TOKENS_USER},
            }  # fmt: skip
            self.issues.append(made)
            return 201, made
        if m := re.fullmatch(r"issues/(\d+)", rest):
            issue = next(i for i in self.issues if i[number] == int(m[1]))
            issue |= {"state": "closed"} if "state_event" in body else body
            return 200, issue
        if m := re.fullmatch(r"issues/(\d+)/notes", rest):
            return 201, self.say(int(m[1]), body["body"])
        return 404, {}

    def _edit(self, comment: int, text: str) -> Answer:
        for entry in (entry for entries in self.comments.values() for entry in entries if entry["id"] == comment):
            entry["body"] = text
            return 200, entry
        return 404, {}


def _handler(forge: ForgeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        do_POST = do_PATCH = do_PUT = do_GET  # noqa: N815

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            forge.requests.append(f"{self.command} {parts.path}")
            if forge.refusals:
                status, headers = forge.refusals.pop(0)
                return self._send(status, {"message": "no"}, headers)
            if TOKEN not in (self.headers.get("PRIVATE-TOKEN"), (self.headers.get("Authorization") or "")[7:]):
                return self._send(401, {"message": "Bad credentials"}, {})
            if parts.path == "/upload":
                forge.assets[query["name"]] = raw
                return self._send(201, {}, {})
            body = json.loads(raw) if raw else None
            if parts.path.startswith("/api/v4/"):
                status, value = forge.gitlab(self.command, parts.path.removeprefix("/api/v4"), query, body)
            else:
                status, value = forge.github(self.command, parts.path, query, body)
            headers = {}
            if isinstance(value, list) and "per_page" in query:
                page = int(query.get("page", "1"))
                if len(value) > page * PAGE:
                    following = urlencode({**query, "page": page + 1})
                    headers["Link"] = f'<{forge.elsewhere or forge.url}{parts.path}?{following}>; rel="next"'
                value = value[(page - 1) * PAGE : page * PAGE]
            return self._send(status, value, headers)

        def _send(self, status: int, value: Any, headers: dict[str, str]) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            for name, text in {
                "Content-Type": "application/json",
                "Content-Length": str(len(content)),
                **headers,
            }.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler
