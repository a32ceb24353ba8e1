"""A small HTTPS server for stand-ins: JSON in, JSON out, on a free loopback port. Knows no API."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from tests import serving
from tests.unit.peer import Authority

Answer = tuple[int, Any]


@dataclass
class HttpsServer:
    """`asked` are method and path of every request; `fail_with` is a status that answers them all instead.

    `before` is called once, before the next request is answered.
    """

    port: int = 0
    asked: list[str] = field(default_factory=list)
    fail_with: int = 0
    before: list[Callable[[], object]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def answer(self, method: str, path: str, headers: dict[str, str], body: Any) -> Answer:
        raise NotImplementedError

    def start(self, authority: Authority) -> Callable[[], None]:
        """Serve until the function that is returned is called."""
        self.port, stop = serving.start(_handler(self), authority.context())
        return stop


def _handler(told: HttpsServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            path = urlsplit(self.path).path
            told.asked.append(f"{self.command} {path}")
            while told.before:
                told.before.pop()()
            headers = {name.lower(): value for name, value in self.headers.items()}
            failing = (told.fail_with, {"errors": ["told so"]})
            status, document = failing if told.fail_with else told.answer(self.command, path, headers, body)
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self._serve
            raise AttributeError(name)

        def log_message(self, *_: Any) -> None:
            """Nothing: a test's output is its own."""

    return Handler
