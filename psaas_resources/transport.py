"""HTTP to an appliance: one pooled session, TLS always, bounded waiting. The only importer of `requests`.

Knows which failures leave a request's outcome open and which don't, and retries only what may be sent twice.
Knows nothing of tokens, tenants or Pulumi. Two things are never done: following a redirect (it would carry a
credential to another place) and turning verification off.
"""

from __future__ import annotations

import contextlib
import email.utils
import json
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions as low
from requests.utils import get_environ_proxies

from . import connection, redaction
from .errors import AnswerUnusable, CouldNotTalk, OutcomeUnknown, RateLimited, Unreachable, Untrusted
from .pace import Pace

MAX_ANSWER_BYTES = 8 * 1024 * 1024
ATTEMPTS = 5
MAX_WAIT_SECONDS = 60.0
CONNECT_TIMEOUT_SECONDS = 10.0
Body = Mapping[str, Any] | Sequence[Mapping[str, Any]]
USUAL_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "psaas-tenants"}
SENDABLE_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class Answer:
    """What the appliance said. The body stays out of `repr`: it may hold a credential."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def what(self) -> str:
        """The request in words for a message, without its query."""
        return f"{self.method} {self.url.split('?')[0]}"

    def json(self) -> Any:
        """The body as JSON; AnswerUnusable where it is something else (a load balancer's page, half an answer)."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise AnswerUnusable(
                f"{self.what}: the answer ({self.status}) is not JSON; is a proxy or load balancer in between?"
            ) from None


class Transport:
    """Sends requests. Safe to use from several threads; made once per appliance and process.

    `unreachable_seconds` bounds the pauses between tries while no connection comes about.
    """

    def __init__(
        self,
        *,
        ca_bundle: str = "",
        connect_to: tuple[str, int] | None = None,
        timeout_seconds: float = 30.0,
        unreachable_seconds: float = MAX_WAIT_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        jitter: Callable[[], float] = random.random,
        seen: Callable[[Answer], None] = lambda _: None,
        pace: Pace | None = None,
    ) -> None:
        self._timeout = (min(CONNECT_TIMEOUT_SECONDS, timeout_seconds), timeout_seconds)
        self._sleep, self._clock, self._jitter = sleep, clock, jitter
        self._seen = seen  # told of every answer, also of those that raise
        self._proxied = connect_to is None
        self._unreachable_seconds = unreachable_seconds
        self._pace = pace or Pace()
        # No session of requests: it would replace our token by one of a .netrc, keep cookies and follow redirects.
        self._adapter = connection.Adapter(connection.trust(ca_bundle), connect_to)

    def send(
        self,
        method: str,
        url: str,
        *,
        token: str = "",
        query: Mapping[str, Any] | None = None,
        body: Body | Callable[[], Body] | None = None,
        headers: Mapping[str, str] | None = None,
        once: bool = False,
        attempts: int = ATTEMPTS,
    ) -> Answer:
        """Send a request and return the answer, whatever its status.

        What fails before a byte has left, and a 429, is tried again up to `attempts` times within
        `MAX_WAIT_SECONDS`; other passing failures (5xx, no answer) too, unless `once` says that the request may be
        carried out only once: then they raise OutcomeUnknown. A `body` that is a function makes one for each try.
        `headers` come on top of our own.
        Raises Unreachable, Untrusted, OutcomeUnknown, RateLimited, AnswerUnusable.
        """
        if not url.startswith("https://"):
            raise Untrusted(f"{method} {url}: nothing is sent without TLS")
        if token and not SENDABLE_TOKEN.fullmatch(token):
            raise AnswerUnusable(f"{method} {url}: the appliance's token has characters that no request can carry")
        waited = 0.0
        for attempt in range(1, attempts + 1):
            last = attempt == attempts
            try:
                with self._pace.request(_place(url)) as under_way:
                    sent = body() if callable(body) else body
                    answer = self._send_once(method, url, token, query, sent, headers or {})
                    under_way.headers, under_way.refused = answer.headers, answer.status == 429
            except Unreachable as error:
                failure: Exception = error
            except OutcomeUnknown as error:
                if once:
                    raise
                failure = error
            else:
                if answer.status == 429:
                    failure = RateLimited(f"{answer.what}: rate limit (429), still after {waited:.0f} s", status=429)
                elif answer.status >= 500 and once:
                    raise OutcomeUnknown(f"{answer.what}: the answer was {answer.status}; it may have been carried out")
                elif answer.status >= 500 and not last:
                    failure = CouldNotTalk(answer.what)
                else:
                    return answer
            pause = self._pause(attempt, answer.headers if isinstance(failure, RateLimited) else {})
            longest = self._unreachable_seconds if isinstance(failure, Unreachable) else MAX_WAIT_SECONDS
            if last or waited + pause > longest:
                raise failure
            waited += pause
            self._sleep(pause)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _send_once(
        self,
        method: str,
        url: str,
        token: str,
        query: Mapping[str, Any] | None,
        body: Body | None,
        more: Mapping[str, str],
    ) -> Answer:
        what = f"{method} {url}"
        headers = USUAL_HEADERS | ({"Authorization": f"Bearer {token}"} if token else {}) | dict(more)
        carried = body if isinstance(body, Mapping) else {}
        redaction.remember(token, *(str(carried.get(name, "")) for name in ("client_secret", "client_assertion")))
        try:
            request = _prepared(method, url, query, body, headers)
            proxies = get_environ_proxies(url) if self._proxied else {}
            with self._adapter.send(request, stream=True, timeout=self._timeout, proxies=proxies) as response:
                content = self._body(what, response)
                answer = Answer(method, url, response.status_code, dict(response.headers), content)
                self._seen(answer)
        except (requests.RequestException, low.HTTPError, OSError) as error:
            raise connection.translated(what, urlsplit(url).netloc, error) from None
        if 300 <= answer.status < 400:
            raise AnswerUnusable(
                f"{what}: the appliance sent a redirect ({answer.status}), which is never followed with a credential; "
                "check that psaas:domain is the RTA's own host and no log-in proxy is in front of it"
            )
        return answer

    def _body(self, what: str, response: requests.Response) -> bytes:
        """The whole body, within a size and a time: the socket's own time-out only bounds the wait for one piece."""
        give_up_at = time.monotonic() + self._timeout[1]
        content = bytearray()
        while piece := response.raw.read1(65536, decode_content=True):
            content += piece
            if len(content) > MAX_ANSWER_BYTES:
                raise AnswerUnusable(f"{what}: the answer is larger than {MAX_ANSWER_BYTES // 2**20} MiB")
            if time.monotonic() > give_up_at:
                raise OutcomeUnknown(f"{what}: the answer did not end in time after the request was sent")
        return bytes(content)

    def _pause(self, attempt: int, headers: Mapping[str, str]) -> float:
        """Seconds to wait: what the appliance asks for, else 0.5 s doubling, each with up to a quarter of jitter."""
        asked = _seconds_asked(headers, now=self._clock())
        return (0.5 * 2 ** (attempt - 1) if asked is None else asked) * (1 + self._jitter() / 4)


def _prepared(
    method: str, url: str, query: Mapping[str, Any] | None, body: Body | None, headers: Mapping[str, str]
) -> requests.PreparedRequest:
    request = requests.PreparedRequest()
    request.prepare_method(method)
    request.prepare_url(url, dict(query) if query else None)
    request.prepare_headers(headers)
    request.prepare_body(None, None, json=body)
    return request


def _place(url: str) -> str:
    """What has a rate limit of its own: each host, and the token endpoint of each."""
    parts = urlsplit(url)
    return f"{parts.netloc}/oauth" if parts.path.startswith("/oauth/") else parts.netloc


def _seconds_asked(headers: Mapping[str, str], *, now: float) -> float | None:
    """How long the appliance asks us to wait: `Retry-After` (seconds or a date), else the rate limit's reset.

    The reset is a UNIX time in seconds. Clamped to 0 to 30 s, since clocks differ and some appliances answer in
    other units.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    after, reset = lower.get("retry-after", "").strip(), lower.get("x-ratelimit-reset", "").strip()
    seconds: float | None = None
    if after.isdecimal():
        seconds = float(after)
    elif after and (date := email.utils.parsedate_tz(after)):
        with contextlib.suppress(ValueError, OverflowError):
            seconds = email.utils.mktime_tz(date) - now
    elif reset.isdecimal():
        seconds = float(reset) - now
    return None if seconds is None else min(max(seconds, 0.0), 30.0)
