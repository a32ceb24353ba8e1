"""HTTPS to a sink: verified, bounded, and with its failures in a sink's words. Knows no sink."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .. import redaction
from ..errors import AnswerUnusable, CouldNotTalk, OutcomeUnknown, RateLimited, SinkDown, SinkError, Untrusted
from ..rules import printable
from ..sink_settings import SinkSettings
from ..transport import Answer, Transport

ATTEMPTS = 3


class Web:
    """Requests to one address. What it answers below 500 is returned, everything else raises SinkDown."""

    def __init__(self, address: str, settings: SinkSettings) -> None:
        self._address = address.rstrip("/")
        self.host = urlsplit(address).netloc
        self._transport = Transport(ca_bundle=settings.ca_bundle, timeout_seconds=settings.timeout_seconds)

    def send(
        self,
        doing: str,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        token: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """`doing` says what this is for, in messages: `write secret/customer-1`."""
        url = f"{self._address}/{path}"
        try:
            answer = self._transport.send(method, url, token=token, body=body, headers=headers, attempts=ATTEMPTS)
        except (CouldNotTalk, RateLimited, AnswerUnusable) as error:
            raise SinkDown(f"could not {doing}: {self._words(error)}") from None
        if answer.status >= 500:
            raise SinkDown(f"could not {doing}: {self.host} answered {answer.status}; is it sealed, or busy?")
        return answer

    def json(self, doing: str, answer: Answer) -> dict[str, Any]:
        """An answer that must be an object."""
        try:
            document = answer.json()
        except AnswerUnusable:
            document = None
        if not isinstance(document, dict):
            raise SinkDown(f"could not {doing}: {self.host} answered {answer.status} without JSON; is it the sink?")
        return document

    def refused(self, doing: str, answer: Answer, said: object, hint: str) -> SinkError:
        """The sink's no, with its own words as far as they may be repeated."""
        words = printable(redaction.redacted(str(said or "")), 200)
        told = f", {words}" if words else ""
        return SinkError(f"could not {doing}: {self.host} said no ({answer.status}{told}); {hint}")

    def _words(self, error: Exception) -> str:
        if isinstance(error, Untrusted):
            return (
                f"the certificate of {self.host} was not accepted; if its authority is one of your own, name its PEM "
                "file in PSAAS_SINK_CA_BUNDLE or psaas:sinkCaBundle"
            )
        if isinstance(error, RateLimited):
            return f"{self.host} kept asking us to slow down (429)"
        if isinstance(error, OutcomeUnknown):
            return f"{self.host} gave no answer in time, or broke off"
        if isinstance(error, AnswerUnusable):
            return f"{self.host} sent a redirect, or more than we read; neither is followed"
        return f"{self.host} could not be reached; is it up, and is psaas:sink.address right?"
