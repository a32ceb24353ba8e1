"""Access tokens of the appliance: one per application and process, however many threads ask. Knows no Pulumi."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from . import answers, assertion, redaction
from .errors import AnswerUnusable, NotGranted, WrongCredential
from .settings import Credential
from .transport import ATTEMPTS, SENDABLE_TOKEN, Transport

EXPIRY_MARGIN_SECONDS = 60.0
UNSTATED_LIFETIME_SECONDS = 300.0
GRANT_SETTLES_SECONDS = 15.0


class Tokens:
    """Tokens for the RTA's Management API, kept until shortly before they expire.

    `accept` looks at each new one before it is used, and raises where it must not be.
    """

    def __init__(
        self,
        transport: Transport,
        rta: str,
        *,
        accept: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transport, self._rta = transport, rta
        self._accept, self._clock, self._sleep = accept, clock, sleep
        self._lock = threading.Lock()
        self._kept: dict[Credential, tuple[str, float]] = {}
        self._accepted: dict[Credential, str] = {}
        self._grant_changed_at = float("-inf")

    def token(self, credential: Credential, *, instead_of: str = "") -> str:
        """An application's token. `instead_of` names one that the appliance refused, or that lacks a scope: if it
        is the one we hold, a new one is asked for.
        """
        with self._lock:
            token, expires_at = self._kept.get(credential, ("", 0.0))
            if token and token != instead_of and self._clock() < expires_at:
                return token
            document = self._patiently(credential)
            self._accept(str(document["access_token"]))
            lifetime = document.get("expires_in")
            seconds = UNSTATED_LIFETIME_SECONDS
            if isinstance(lifetime, int | float) and 0 < lifetime < 10**9:
                seconds = float(lifetime)
            expires_at = self._clock() + max(seconds - EXPIRY_MARGIN_SECONDS, seconds / 2)
            self._kept[credential] = (str(document["access_token"]), expires_at)
            return self._kept[credential][0]

    def grant_changed(self, client_id: str = "") -> None:
        """Forget the tokens of a client, or all: those from before a change of its grant carry the old scopes."""
        with self._lock:
            self._kept = {who: kept for who, kept in self._kept.items() if client_id and who.client_id != client_id}
            self._grant_changed_at = self._clock()

    def request(self, host: str, audience: str, credential: Credential, *, attempts: int = ATTEMPTS) -> dict[str, Any]:
        """Ask `host` for a new token, nothing kept. Raises WrongCredential, NotGranted and other refusals."""
        body = {
            "grant_type": "client_credentials",
            "audience": audience,
            "client_id": credential.client_id,
        }

        def proof() -> dict[str, str]:
            if not credential.private_key:
                return {"client_secret": credential.client_secret}
            text = assertion.signed(credential.private_key, credential.client_id, host)  # good for one try
            return {"client_assertion_type": assertion.TYPE, "client_assertion": text}

        url = f"https://{host}/oauth/token"
        answer = self._transport.send("POST", url, body=lambda: body | proof(), attempts=attempts)
        if not answer.ok:
            raise answers.token_refusal(answer, credential, audience=audience)
        document = answer.json()
        token = document.get("access_token") if isinstance(document, dict) else None
        if not isinstance(token, str) or not SENDABLE_TOKEN.fullmatch(token):
            raise AnswerUnusable(f"{host} answered the token request with no usable access_token in it")
        redaction.remember(token)
        return dict(document)

    def _patiently(self, credential: Credential) -> dict[str, Any]:
        """A grant that this process has just made may need some seconds until the token endpoint knows it."""
        while True:
            try:
                return self._with_any_secret(credential)
            except NotGranted:
                if self._clock() - self._grant_changed_at > GRANT_SETTLES_SECONDS:
                    raise
                self._sleep(1.0)

    def _with_any_secret(self, credential: Credential) -> dict[str, Any]:
        """While a secret is being rotated, the old or the new one is accepted: each is tried, the last good one first.

        Raises WrongCredential where none of them is.
        """
        secrets = [credential.client_secret, *credential.other_secrets]
        secrets.sort(key=lambda secret: secret != self._accepted.get(credential))
        for number, secret in enumerate(secrets, 1):
            try:
                one = replace(credential, client_secret=secret, other_secrets=())
                document = self.request(self._rta, f"https://{self._rta}/api/v2/", one)
            except WrongCredential as error:
                if number < len(secrets):
                    continue
                if number == 1:
                    raise
                text = f"{error}; {number} secrets were tried"
                raise WrongCredential(text, status=error.status, code=error.code) from None
            self._accepted[credential] = secret
            return document
        raise AssertionError("the last secret returns or raises")


def scopes(token: str) -> frozenset[str] | None:
    """The scopes that a token carries; None where it doesn't say."""
    scope = answers.claims(token).get("scope")
    return frozenset(scope.split()) if isinstance(scope, str) else None
