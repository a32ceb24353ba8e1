"""A misbehaving peer: a TLS server that does what a test tells it, and a CONNECT proxy. Knows nothing of appliances.

It stands for hostile or broken networks. `Peer` answers request after request with the acts it was given, the
last one again and again, and keeps what it received.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "rta.appliance.test"
NAMES = (HOST, "*.appliance.test", "localhost", "127.0.0.1")


@dataclass(frozen=True)
class Request:
    """One request as it arrived. Header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    server_name: str
    connection: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Act = Callable[[Any, Request], bool]


def reply(status: int = 200, body: Any = b"{}", headers: Mapping[str, str] | None = None) -> Act:
    """An ordinary answer; a body that is not bytes goes out as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def act(stream: Any, _: Request) -> bool:
        lines = {"Content-Length": str(len(content)), **(headers or {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        stream.sendall(f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode("latin-1") + content)
        return True

    return act


def raw(data: bytes, *, keep: bool = False) -> Act:
    """Bytes as they are, then the end of the connection."""

    def act(stream: Any, _: Request) -> bool:
        stream.sendall(data)
        return keep

    return act


def reset(stream: Any, _: Request) -> bool:
    """A reset instead of an answer."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def silence(stream: Any, _: Request) -> bool:
    """No answer; ends when the other side gives up."""
    with contextlib.suppress(OSError):
        stream.recv(1)
    return False


def after(first: Callable[[], object], then: Act) -> Act:
    """Does something of the test's before it answers."""

    def act(stream: Any, request: Request) -> bool:
        first()
        return then(stream, request)

    return act


class Server:
    """Accepts connections on a free loopback port, each in a thread of its own."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[Any] = []
        self._lock = threading.Lock()
        self.connections = 0
        self.address: tuple[str, int] = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for stream in list(self._open):
            with contextlib.suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)

    def serve(self, stream: socket.socket, number: int) -> None:
        raise NotImplementedError

    def _accept(self) -> None:
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                number = self.connections
            threading.Thread(target=self._served, args=(stream, number), daemon=True).start()

    def _served(self, stream: socket.socket, number: int) -> None:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.append(stream)
        with contextlib.suppress(OSError, ValueError):
            self.serve(stream, number)
        with contextlib.suppress(OSError):
            stream.close()


class Peer(Server):
    """Speaks TLS with `context`, or plain HTTP without one. `greeting` comes in place of the TLS handshake."""

    def __init__(
        self,
        *acts: Act,
        context: ssl.SSLContext | None,
        greeting: Callable[[socket.socket], None] | None = None,
    ) -> None:
        self._acts, self._context, self._greeting = list(acts) or [reply()], context, greeting
        self.requests: list[Request] = []
        self.closed = threading.Semaphore(0)
        super().__init__()

    def serve(self, stream: socket.socket, number: int) -> None:
        names: list[str] = []
        if self._greeting:
            self._greeting(stream)
            return
        if self._context:
            with self._lock:  # the callback belongs to the context, which connections share
                self._context.sni_callback = lambda _, name, __: names.append(name or "")
                stream = self._context.wrap_socket(stream, server_side=True)
            self._open.append(stream)
        while request := _received(stream, names[0] if names else "", number):
            with self._lock:
                self.requests.append(request)
                act = self._acts.pop(0) if len(self._acts) > 1 else self._acts[0]
            if not act(stream, request):
                break
        stream.close()
        self.closed.release()


class ConnectProxy(Server):
    """A forward proxy for HTTPS. Whatever host is asked for, it connects to `target`; or it refuses."""

    def __init__(self, target: tuple[str, int], *, refuse_with: int = 0) -> None:
        self._target, self._refuse_with = target, refuse_with
        self.asked: list[Request] = []
        super().__init__()

    def serve(self, stream: socket.socket, number: int) -> None:
        request = _received(stream, "", number)
        if not request:
            return
        self.asked.append(request)
        if self._refuse_with:
            stream.sendall(f"HTTP/1.1 {self._refuse_with} No\r\nContent-Length: 0\r\n\r\n".encode())
            return
        with socket.create_connection(self._target) as onward:
            stream.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._open.append(onward)
            back = threading.Thread(target=_copied, args=(onward, stream), daemon=True)
            back.start()
            _copied(stream, onward)
            back.join()


class Authority:
    """A certificate authority of a test's own."""

    def __init__(self, folder: Path) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self._folder = folder
        self._made = 0
        certificate = self._signed(self._name, self._key, ca=True)
        self.pem = str(folder / "ca.pem")
        Path(self.pem).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def context(self, names: tuple[str, ...] = NAMES, *, expired: bool = False) -> ssl.SSLContext:
        """A server's TLS context with a certificate for `names`."""
        self._made += 1
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "peer")])
        certificate = self._signed(subject, key, names=names, expired=expired)
        file = self._folder / f"peer-{self._made}.pem"
        pem = serialization.Encoding.PEM
        file.write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + certificate.public_bytes(pem)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _signed(
        self, subject: x509.Name, key: Any, *, names: tuple[str, ...] = (), expired: bool = False, ca: bool = False
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        day = datetime.timedelta(days=1)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 9 * day)
            .not_valid_after(now - day if expired else now + day)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if names:
            alternatives = [
                x509.IPAddress(ipaddress.ip_address(n)) if n[0].isdigit() else x509.DNSName(n) for n in names
            ]
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _received(stream: socket.socket, server_name: str, number: int) -> Request | None:
    """One whole request; None where the other side has closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = stream.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += stream.recv(65536)
    return Request(method, target, headers, body, server_name, number)


def _copied(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
