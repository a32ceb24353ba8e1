"""Stands for DNS in a Python program of other people: every host below appliance.test is at one loopback port."""

import os
import socket
from typing import Any

_resolve = socket.getaddrinfo


def _at_loopback(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    if isinstance(name, str) and name.endswith(".appliance.test"):
        return _resolve("127.0.0.1", int(os.environ["APPLIANCE_PORT"]), *rest, **more)
    return _resolve(host, port, *rest, **more)


socket.getaddrinfo = _at_loopback
