"""The forges' HTTP: pages, rate limits, errors of one line. Knows no call of theirs; shows no token, header or body."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from pipeline.errors import NotThere, PipelineError, WebError

TIMEOUT_SECONDS = 20.0
LONGEST_WAIT_SECONDS = 90.0  # for a rate limit or a server's trouble, in all
TRIES = 4
MOST_PAGES = 50
WAYS_OUT = {
    401: "the token is not accepted; is it expired, or of another installation?",
    403: "the token may not do that; give the job the permission that docs/pipelines.md names",
    404: "it is not there, or the token may not see it",
    422: "the request is refused as it stands",
}


class Web:
    """Calls below one address. `base` has no slash at its end; `headers` hold the token, asked for when needed."""

    def __init__(
        self,
        base: str,
        headers: Callable[[], Mapping[str, str]],
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._base, self._headers = base, headers
        self._sleep, self._now = sleep, now
        self._patience = LONGEST_WAIT_SECONDS
        self._session = requests.Session()
        # With an `auth` of ours, no ~/.netrc is asked for another one.
        self._session.auth = self._sign

    def get(self, path: str, doing: str, **query: str | int) -> Any:
        return self._json(self._ask("GET", f"{self._base}/{path}", doing, query=query), doing)

    def pages(self, path: str, doing: str, **query: str | int) -> Iterator[Mapping[str, Any]]:
        """The entries of a list, over all its pages. A next page anywhere else is not asked for."""
        answer = self._ask("GET", f"{self._base}/{path}", doing, query={"per_page": 100, **query})
        for _ in range(MOST_PAGES):
            entries = self._json(answer, doing)
            if not isinstance(entries, list):
                raise WebError(f"{doing}: the answer is no list")
            yield from (entry for entry in entries if isinstance(entry, dict))
            following = answer.links.get("next", {}).get("url", "")
            if not following:
                return
            if not following.startswith(f"{self._base}/"):
                raise WebError(f"{doing}: the next page lies at another address, {_host(following)}")
            answer = self._ask("GET", following, doing)
        raise WebError(f"{doing}: there are more than {MOST_PAGES} pages")

    def send(self, method: str, path: str, doing: str, body: Mapping[str, Any]) -> Any:
        return self._json(self._ask(method, f"{self._base}/{path}", doing, body=body), doing)

    def upload(self, url: str, doing: str, content: bytes) -> None:
        """Send a file. The token goes to the forge's own host or a sibling of it only."""
        own, other = _host(self._base), _host(url)
        if not (other == own or other.partition(".")[2] == own.partition(".")[2]):
            raise WebError(f"{doing}: the address to send it to, {other}, is none of {own}")
        self._ask("POST", url, doing, content=content)

    def _ask(
        self,
        method: str,
        url: str,
        doing: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
        content: bytes | None = None,
    ) -> requests.Response:
        """One answer with a good status. Asks again where nothing can have happened: reads, and refused for now."""
        for tried in range(1, TRIES + 1):
            headers = {"Content-Type": "application/octet-stream"} if content is not None else {}
            try:
                answer = self._session.request(
                    method, url, params=query, json=body, data=content, headers=headers,
                    timeout=TIMEOUT_SECONDS, allow_redirects=False,
                )  # fmt: skip
            except requests.RequestException as error:
                if method != "GET" or tried == TRIES or not self._wait(2.0**tried):
                    raise WebError(f"{doing}: no answer from {_host(url)} ({error.__class__.__name__})") from None
                continue
            if answer.ok and not answer.is_redirect:
                return answer
            pause = self._pause(answer, method, tried)
            if pause is None or tried == TRIES or not self._wait(pause):
                raise self._told_no(answer, doing, limited=pause is not None)
        raise AssertionError("unreachable")

    def _pause(self, answer: requests.Response, method: str, tried: int) -> float | None:
        """Seconds until it is worth asking again; None if it is not."""
        asked_to_wait = answer.headers.get("Retry-After", "")
        if answer.status_code in (403, 429) and asked_to_wait.isdigit():
            return float(asked_to_wait)
        if answer.status_code in (403, 429) and answer.headers.get("X-RateLimit-Remaining") == "0":
            reset = answer.headers.get("X-RateLimit-Reset", "")
            return max(1.0, float(reset) - self._now()) if reset.isdigit() else 2.0**tried
        if answer.status_code == 429 or (answer.status_code >= 500 and method == "GET"):
            return 2.0**tried
        return None

    def _wait(self, seconds: float) -> bool:
        if seconds > self._patience:
            return False
        self._patience -= seconds
        self._sleep(seconds)
        return True

    def _told_no(self, answer: requests.Response, doing: str, *, limited: bool) -> WebError:
        status = answer.status_code
        if limited and status in (403, 429):
            return WebError(f"{doing}: {_host(answer.url)} asks to slow down for longer than we wait ({status})")
        if answer.is_redirect:
            return WebError(f"{doing}: the answer is a redirect, which is not followed; was the repository renamed?")
        kind = NotThere if status == 404 else WebError
        return kind(
            f"{doing}: {_host(answer.url)} answered {status}" + (f": {w}" if (w := WAYS_OUT.get(status)) else "")
        )

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers())
        return request

    @staticmethod
    def _json(answer: requests.Response, doing: str) -> Any:
        try:
            return answer.json()
        except ValueError:
            raise WebError(f"{doing}: the answer is no JSON") from None


def token_of(value: str, variable: str) -> str:
    """A token that may stand in a header."""
    if not value:
        raise PipelineError(f"{variable} is not set; docs/pipelines.md says which job needs it")
    if any(character.isspace() or not character.isprintable() for character in value):
        raise PipelineError(f"{variable} holds a blank or a line break")
    return value


def _host(url: str) -> str:
    return urlsplit(url).hostname or "nowhere"
