"""What can be done to the connection that a call came on. Knows sockets and ASGI; knows no fault plan."""

import asyncio
import socket
import struct
from asyncio import Transport
from collections import deque
from contextlib import suppress

from starlette.types import Message, Receive, Scope, Send

LINGER_NOT = struct.pack("ii", 1, 0)


class ReadAhead:
    """A request's body, read before its turn and handed on as if it had not been."""

    def __init__(self, receive: Receive, *, limit_bytes: int) -> None:
        self._receive = receive
        self._limit_bytes = limit_bytes
        self._read: deque[Message] = deque()

    async def body(self) -> bytes:
        """The whole body; what lies beyond the limit is left where it is, and so is a body that never ends."""
        size, more = 0, True
        while more and size <= self._limit_bytes:
            message = await self._receive()
            self._read.append(message)
            size += len(message.get("body", b""))
            more = message["type"] == "http.request" and message.get("more_body", False)
        return b"".join(message.get("body", b"") for message in self._read)

    def replace(self, body: bytes) -> None:
        """Hand on another body in place of the one that was read to its end."""
        if self._read and not self._read[-1].get("more_body", False):
            self._read = deque([{"type": "http.request", "body": body, "more_body": False}])

    async def receive(self) -> Message:
        return self._read.popleft() if self._read else await self._receive()


def transport_of(scope: Scope) -> Transport:
    transport: Transport = scope["transport"]
    return transport


async def reset(scope: Scope, receive: Receive) -> None:
    """End the connection with an RST in place of an answer."""
    transport = transport_of(scope)
    handle = transport.get_extra_info("socket")
    if handle is not None:
        with suppress(OSError):
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
    transport.abort()
    await gone(receive)


async def cut(scope: Scope, receive: Receive) -> None:
    """End the connection in good order after what was sent, however little that was."""
    transport_of(scope).close()
    await gone(receive)


async def gone(receive: Receive) -> None:
    """Return once the connection is no more."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def hold(scope: Scope, receive: Receive, *, seconds: float) -> None:
    """Say nothing until the client gives up, and reset a client that doesn't."""
    try:
        await asyncio.wait_for(gone(receive), seconds)
    except TimeoutError:
        await reset(scope, receive)


async def dribble(send: Send, body: bytes, *, size: int, every_seconds: float) -> None:
    """Send a body in small pieces."""
    for start in range(0, max(len(body), 1), size):
        piece, rest = body[start : start + size], start + size < len(body)
        await send({"type": "http.response.body", "body": piece, "more_body": rest})
        if rest:
            await asyncio.sleep(every_seconds)
