"""What the checks of one examination know, and hand on to later ones. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from psaas_resources.errors import ConfigError
from psaas_resources.fleet import Fleet
from psaas_resources.management import transport_of
from psaas_resources.settings import Settings
from psaas_resources.transport import Answer, Transport

PATIENCE_SECONDS = 15.0


@dataclass
class Subject:
    """One stack of the project at `root`, as this machine sees it. What is None or "" was not found out yet."""

    stack: str
    root: Path
    environment: Mapping[str, str] = field(repr=False)
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    encrypted: frozenset[str] = frozenset()
    opening_problem: str = ""
    fleet: Fleet | None = None
    known_settings: Settings | None = None
    token: str = field(default="", repr=False)
    admin_token: str = field(default="", repr=False)
    listed: tuple[str, ...] | None = None
    first_answer: Answer | None = None
    certificate_names: tuple[str, ...] = ()
    answers: list[Answer] = field(default_factory=list)
    pulumi: str = ""
    _transport: Transport | None = None

    @property
    def settings(self) -> Settings:
        """The settings; checks that need them run only where there are some."""
        if self.known_settings is None:
            raise ConfigError("the settings are not known")
        return self.known_settings

    @property
    def transport(self) -> Transport:
        """One pool of connections. Every answer is kept for the checks of headers."""
        if self._transport is None:
            given = self.settings
            patience = min(given.timeout_seconds, PATIENCE_SECONDS)
            self._transport = transport_of(replace(given, timeout_seconds=patience), seen=self.answers.append)
        return self._transport

    def get(self, url: str, *, token: str = "", **query: Any) -> Answer:
        """One look, not repeated: a doctor tells what is so right now."""
        return self.transport.send("GET", url, token=token, query=query or None, attempts=1)

    def api(self, path: str, *, token: str, **query: Any) -> Answer:
        """A reading call of the RTA's Management API."""
        return self.get(f"{self.settings.audience}{path}", token=token, **query)
