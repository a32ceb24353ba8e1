"""An HTTP server on a free loopback port, for stand-ins. Knows no API."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def start(
    handler: type[BaseHTTPRequestHandler], context: ssl.SSLContext | None = None
) -> tuple[int, Callable[[], None]]:
    """Its port, and the function that ends it. With a `context` it speaks TLS."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop() -> None:
        server.shutdown()
        server.server_close()

    return server.server_port, stop
