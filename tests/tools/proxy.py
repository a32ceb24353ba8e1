"""Stands for DNS for tools that know proxies: every CONNECT to a host below appliance.test ends at one loopback port.

TLS goes through it untouched, so that each tool verifies the host's own certificate.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self


class LoopbackProxy:
    """A proxy for HTTPS on a free loopback port, as long as its block lasts."""

    def __init__(self, appliance: str) -> None:
        host, _, port = appliance.rpartition(":")
        self._appliance = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the block has ended
            while True:
                threading.Thread(target=self._serve, args=[self._listener.accept()[0]], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            request = b""
            while b"\r\n\r\n" not in request:
                if not (more := client.recv(4096)):
                    return
                request += more
            method, target = request.split(b" ", 2)[:2]
            if method != b"CONNECT" or not target.partition(b":")[0].endswith(b".appliance.test"):
                client.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                return
            with socket.create_connection(self._appliance) as appliance:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pump, args=[appliance, client], daemon=True)
                back.start()
                _pump(client, appliance)
                back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
