"""Who called what, in order of arrival. Knows no body, no header and no secret, so tests may print all of it."""

from collections import deque
from dataclasses import dataclass

from appliance.store import now

KEPT = 100_000


@dataclass
class Entry:
    """One request; what isn't known at once is filled in as it becomes known, and stays None where it never does.

    `status` is what the answer said, or would have said where the call was carried out and no answer left. `fault`
    names the rules of the fault plan that fired.
    """

    method: str
    path: str
    host: str
    status: int | None
    client_id: str | None
    at: str
    fault: str | None = None
    # For the ledger, not listed: the name in a tenant POST, whether the tenant was made, and what of it left.
    posted: str | None = None
    made: bool = False
    delivered: bool = False
    credential_left: bool = True


class RequestsLog:
    """The latest requests, in memory: a restart forgets them."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)

    def arrived(self, *, method: str, path: str, host: str) -> Entry:
        entry = Entry(method, path, host, None, None, now())
        self._entries.append(entry)
        return entry

    def listed(self) -> list[dict[str, object]]:
        names = ("method", "path", "host", "status", "client_id", "at", "fault")
        return [{name: getattr(entry, name) for name in names} for entry in self._entries]

    def clear(self) -> None:
        self._entries.clear()
