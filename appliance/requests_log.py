"""Who called what, in order of arrival. Knows no body, no header and no secret, so tests may print all of it."""

from collections import deque
from dataclasses import asdict, dataclass

from appliance.store import now

KEPT = 100_000


@dataclass
class Entry:
    """One request; status and client_id are filled in as they become known, and stay None where they never do."""

    method: str
    path: str
    host: str
    status: int | None
    client_id: str | None
    at: str


class RequestsLog:
    """The latest requests, in memory: a restart forgets them."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)

    def arrived(self, *, method: str, path: str, host: str) -> Entry:
        entry = Entry(method, path, host, None, None, now())
        self._entries.append(entry)
        return entry

    def listed(self) -> list[dict[str, object]]:
        return [asdict(entry) for entry in self._entries]

    def clear(self) -> None:
        self._entries.clear()
