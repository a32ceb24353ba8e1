"""The listening side: socket, TLS and uvicorn. Knows when the appliance is ready and how it ends; knows no route."""

import logging
import signal
import socket
import sys
from asyncio import BaseTransport, Task, Transport, get_running_loop, sleep
from collections.abc import Callable
from types import FrameType
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from appliance.fault_state import Faults

KEEP_ALIVE_SECONDS = 75
END_SECONDS = 3
BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises OSError. Bound before anything else, so that a port of 0 is known early."""
    listener = bind(host, port)
    listener.listen(BACKLOG)
    return listener


def bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


def serve(app: ASGIApp, listener: socket.socket, tls: Any, *, ready: Callable[[], None], faults: Faults) -> None:
    """Answer until SIGTERM or SIGINT; `ready` is called once calls can be answered. Ends with SystemExit(0).

    `tls` is an SSL context, or None for plain HTTP. `faults` is given the means to refuse connections.
    """
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,  # the gate's: a fault may set it wrong
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=END_SECONDS,
    )
    config.load()
    config.ssl = tls
    server = Server(config, ready, listener.getsockname()[:2])
    faults.refuse_connections = server.refuse_connections
    server.run(sockets=[listener])


def end_cleanly_on_signals() -> None:
    """uvicorn raises a signal again after it has ended in good order; the last word on it is then exit status 0."""

    def leave(_signal: int, _frame: FrameType | None) -> None:
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)


class Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], address: tuple[str, int]) -> None:
        super().__init__(config)
        self._ready = ready
        self._address = address
        self._refusing: Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._ready()

    def refuse_connections(self, seconds: float) -> None:
        """Refuse every new connection for a while; open ones end, those with a call under way after its answer."""
        if self._refusing is not None and not self._refusing.done():
            return
        for listening in self.servers:
            listening.close()
        self.servers = []
        for connection in list(self.server_state.connections):
            connection.shutdown()
        self._refusing = get_running_loop().create_task(self._listen_again_after(seconds))

    async def _listen_again_after(self, seconds: float) -> None:
        # A socket that is bound and does not listen refuses connections, and keeps the port from everybody else.
        bound = await self._bound()
        await sleep(seconds)
        bound.listen(BACKLOG)
        await super().startup(sockets=[bound])

    async def _bound(self) -> socket.socket:
        while True:
            try:
                return bind(*self._address)
            except OSError:
                await sleep(0.01)  # the loop has not closed the listening socket yet


class Protocol(HttpToolsProtocol):
    """uvicorn's own, with four differences.

    Whole answers, JSON for what is no HTTP, no wait at the end, and the connection within reach of each call.
    """

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast(Transport, Gathered(cast(Transport, transport))))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        cast(dict[str, Any], self.scope)["transport"] = self.transport

    def send_400_response(self, _reason: str) -> None:
        body = b'{"statusCode":400,"error":"Bad Request","message":"Invalid HTTP request"}'
        head = b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json; charset=utf-8\r\n"
        length = b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.transport.write(head + length + body)
        self.transport.close()

    def shutdown(self) -> None:
        """An idle TLS client may never answer a polite close, and would hold up the end."""
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()
        else:
            super().shutdown()


class Gathered:
    """A transport that lets head and body of an answer leave together: one TLS record, one segment."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._waiting: list[bytes] = []
        self._loop = get_running_loop()

    def write(self, data: bytes) -> None:
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._waiting:
            data = b"".join(self._waiting)
            self._waiting.clear()
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def quiet(level: str) -> None:
    """Our own log at the level asked for; uvicorn's only where it warns."""
    logging.basicConfig(stream=sys.stderr, level=level.upper(), format="%(levelname)s %(name)s: %(message)s")
    for name in ("uvicorn", "uvicorn.error", "asyncio"):
        logging.getLogger(name).setLevel(max(logging.getLogger().level, logging.WARNING))
