"""Which of an appliance's connections an application is enabled on, and taking it off them. Knows both generations.

Newer releases switch one application at a time (`/connections/{id}/clients`). Older ones know only the whole list of a
connection's applications (`enabled_clients`), read and written back: whoever writes in between is overwritten. So the
list is read again right before it is written, and after it, and the whole is repeated until both agree. What is left
is the moment between the last reading and the writing, which the older call leaves open to everybody.
Source: the vendor's page on the migration from `enabled_clients` to the dedicated endpoints.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from . import answers, paging
from .errors import AnswerUnusable, CouldNotTalk, NotFound
from .management import Management
from .transport import Answer

ATTEMPTS = 9
PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Connection:
    id: str
    name: str


class Connections:
    """Looks at and switches one application on every connection of the RTA, and touches no other application."""

    def __init__(self, api: Management, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._api, self._sleep = api, sleep
        self._older = False

    def enabled_for(self, client_id: str) -> list[Connection]:
        """The connections that an application is enabled on."""
        query = {"fields": "id,name", "include_fields": "true"}
        return [one for one in map(_connection, self._pages(query)) if client_id in self._clients_of(one)]

    def disable(self, client_id: str, connection: Connection) -> None:
        """Take an application off one connection. One that is gone has nobody on it."""
        if not self._older:
            body = [{"client_id": client_id, "status": False}]
            answer = self._call("PATCH", f"{_path(connection)}/clients", body=body)
            if answer.status != 404:
                answers.check(answer, f'take application {client_id} off the connection "{connection.name}"')
                return
        self._disable_in_whole_list(client_id, connection)

    def _disable_in_whole_list(self, client_id: str, connection: Connection) -> None:
        doing = f'take application {client_id} off the connection "{connection.name}"'
        before: list[str] | None = None
        for attempt in range(ATTEMPTS):
            enabled = self._whole_list(connection)
            if enabled is None or client_id not in enabled:
                return
            if before is not None and enabled == before:  # nobody has written since we looked
                others = [one for one in enabled if one != client_id]
                answers.check(self._call("PATCH", _path(connection), body={"enabled_clients": others}), doing)
                before = None
            else:
                self._sleep(PAUSE_SECONDS * attempt)
                before = enabled
        raise CouldNotTalk(
            f"can't {doing}: somebody else keeps writing that connection's list of applications; run the update again"
        )

    def _clients_of(self, connection: Connection) -> list[str]:
        if not self._older:
            try:
                return [str(row.get("client_id")) for row in self._checkpoints(f"{_path(connection)}/clients")]
            except NotFound:
                pass  # an older release, or the connection is gone
        enabled = self._whole_list(connection)
        self._older = self._older or enabled is not None
        return enabled or []

    def _whole_list(self, connection: Connection) -> list[str] | None:
        """`enabled_clients` of a connection; None where it is gone."""
        answer = self._call("GET", _path(connection))
        if answer.status == 404:
            return None
        document = answers.check(answer, f'read the connection "{connection.name}"').json()
        enabled = document.get("enabled_clients") if isinstance(document, dict) else None
        if not isinstance(enabled, list):
            raise AnswerUnusable(f'the connection "{connection.name}" does not tell who it is enabled for')
        return [str(client_id) for client_id in enabled]

    def _checkpoints(self, path: str) -> Iterator[dict[str, Any]]:
        """A list that is paged by checkpoints only."""
        following, followed = "", set[str]()
        while following not in followed:
            followed.add(following)
            query = {"take": paging.PAGE} | ({"from": following} if following else {})
            document = answers.check(self._call("GET", path, query=query), f"list {path}").json()
            yield from answers.items(document, "clients")
            following = str(document.get("next") or "") if isinstance(document, dict) else ""
            if not following:
                return
        raise AnswerUnusable(f"the appliance's list of {path} repeats itself instead of ending")

    def _pages(self, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        return paging.pages(self._call, "connections", "connections", query)

    def _call(self, method: str, path: str, **rest: Any) -> Answer:
        return self._api.with_token(self._api.settings.require_admin(), method, path, **rest)


def _path(connection: Connection) -> str:
    return f"connections/{quote(connection.id, safe='')}"


def _connection(row: dict[str, Any]) -> Connection:
    identity = row.get("id")
    if not isinstance(identity, str) or not identity:
        raise AnswerUnusable("the appliance lists a connection without an ID")
    return Connection(identity, str(row.get("name") or identity))
