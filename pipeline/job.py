"""What GitHub Actions or GitLab CI says of this job, from its environment. Asks nobody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pipeline.errors import PipelineError

GITHUB_BOT = "github-actions[bot]"
PLAIN_HOSTS = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Job:
    """`server` and `api` are URLs without a slash at their end. What is not known is ""."""

    forge: Literal["github", "gitlab", ""] = ""
    server: str = ""
    api: str = ""
    repository: str = ""
    token: str = field(default="", repr=False)
    author: str = ""
    actor: str = ""
    commit: str = ""
    before: str = ""
    run_url: str = ""
    run_id: str = ""
    started_by_hand: bool = False
    event: Mapping[str, Any] = field(default_factory=dict, repr=False)


def of(environment: Mapping[str, str]) -> Job:
    """The job that runs us; on a laptop, one that knows nothing. Raises PipelineError for URLs that aren't safe."""
    if environment.get("GITHUB_ACTIONS") == "true":
        job = _github(environment)
    elif environment.get("GITLAB_CI") == "true":
        job = _gitlab(environment)
    else:
        return Job()
    for url in (job.server, job.api):
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in PLAIN_HOSTS):
            raise PipelineError(f"{url!r} is no https:// address, and a token is not sent in clear")
        if parts.username or parts.password:
            raise PipelineError("the address of the forge holds credentials; give the token in its variable")
    return job


def _github(environment: Mapping[str, str]) -> Job:
    server = environment.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
    repository = environment.get("GITHUB_REPOSITORY", "")
    run_id = environment.get("GITHUB_RUN_ID", "")
    attempt = environment.get("GITHUB_RUN_ATTEMPT", "")
    event = _event(environment.get("GITHUB_EVENT_PATH", ""))
    return Job(
        forge="github",
        server=server,
        api=environment.get("GITHUB_API_URL", "https://api.github.com").rstrip("/"),
        repository=repository,
        token=environment.get("GITHUB_TOKEN", ""),
        author=environment.get("PSAAS_COMMENT_AUTHOR", GITHUB_BOT),
        actor=environment.get("GITHUB_TRIGGERING_ACTOR") or environment.get("GITHUB_ACTOR", ""),
        commit=environment.get("GITHUB_SHA", ""),
        before=str(event.get("before", "")),
        run_url=f"{server}/{repository}/actions/runs/{run_id}" + (f"/attempts/{attempt}" if attempt else ""),
        run_id=run_id,
        started_by_hand=environment.get("GITHUB_EVENT_NAME") == "workflow_dispatch",
        event=event,
    )


def _gitlab(environment: Mapping[str, str]) -> Job:
    head = environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environment.get("CI_COMMIT_SHA", "")
    project, number = environment.get("CI_MERGE_REQUEST_PROJECT_URL", ""), environment.get("CI_MERGE_REQUEST_IID", "")
    request = {  # in GitHub's form
        "number": number,
        "base": {"ref": environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")},
        "head": {"sha": head},
        "html_url": f"{project}/-/merge_requests/{number}",
    }
    return Job(
        forge="gitlab",
        server=environment.get("CI_SERVER_URL", "https://gitlab.com").rstrip("/"),
        api=environment.get("CI_API_V4_URL", "https://gitlab.com/api/v4").rstrip("/"),
        repository=environment.get("CI_PROJECT_ID", ""),
        token=environment.get("PSAAS_GITLAB_TOKEN", ""),
        author=environment.get("PSAAS_COMMENT_AUTHOR", ""),
        actor=environment.get("GITLAB_USER_LOGIN", ""),
        commit=environment.get("CI_COMMIT_SHA", ""),
        before=environment.get("CI_COMMIT_BEFORE_SHA", ""),
        run_url=environment.get("CI_JOB_URL", ""),
        run_id=environment.get("CI_JOB_ID", ""),
        started_by_hand=environment.get("CI_JOB_MANUAL") == "true",
        event={"pull_request": request} if number else {},
    )


def _event(path: str) -> Mapping[str, Any]:
    if not path:
        return {}
    try:
        event = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PipelineError(f"GITHUB_EVENT_PATH: the event can't be read: {error.__class__.__name__}") from None
    return event if isinstance(event, dict) else {}
