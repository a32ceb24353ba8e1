"""Faults of the connection itself, as a raw socket sees them."""

import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from running_appliance import ManagementApi, RunningAppliance

POST = {"method": "POST", "path": "/api/v2/tenants"}


def sent(provisioning: ManagementApi, name: str) -> bytes:
    body = json.dumps({"name": name})
    head = f"POST /api/v2/tenants HTTP/1.1\r\nhost: {provisioning.host}\r\nauthorization: Bearer {provisioning.token}"
    return f"{head}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()


class RawTls:
    """TLS over a socket of our own: Python's own TLS socket tells a reset and an end apart in some versions only."""

    def __init__(self, plain: socket.socket, appliance: RunningAppliance, server_name: str) -> None:
        self.plain = plain
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cafile=appliance.facts["ca"])
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=server_name)
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._exchange()

    def sendall(self, data: bytes) -> None:
        self._tls.write(data)
        self.plain.sendall(self._out.read())

    def recv(self, size: int) -> bytes:
        while True:
            try:
                return self._tls.read(size)
            except ssl.SSLWantReadError:
                self._exchange()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    def _exchange(self) -> None:
        if self._out.pending:
            self.plain.sendall(self._out.read())
        received = self.plain.recv(65536)
        if received:
            self._in.write(received)
        else:
            self._in.write_eof()


@contextmanager
def raw_connection(appliance: RunningAppliance, server_name: str = "") -> Iterator[RawTls]:
    with socket.create_connection(("127.0.0.1", appliance.port), timeout=20) as plain:
        yield RawTls(plain, appliance, server_name or appliance.rta)


def read_to_the_end(connection: RawTls) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_may_be_reset_before_the_call_is_carried_out_or_after(
    faulty: RunningAppliance, provisioning: ManagementApi, name: str, when: str
) -> None:
    faulty.plan({"name": "rst", "route": POST, "do": {"reset": when}})
    with raw_connection(faulty) as connection:
        connection.sendall(sent(provisioning, name))
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert provisioning.get(f"/tenants/{name}").status_code == {"before": 404, "after": 200}[when]
    [happened] = faulty.happened()
    assert (happened["carried_out"], happened["status"]) == (when == "after", None)
    [seen] = [entry for entry in faulty.requests_seen() if entry["fault"] == "rst"][-1:]
    assert seen["status"] == {"before": None, "after": 201}[when]
    row = faulty.ledger()[name]
    assert (row["posts_carried_out"], row["posts_failed"]) == ((0, 1) if when == "before" else (1, 0))
    assert row["answers_delivered"] == 0


@pytest.mark.parametrize("size", [0, 20])
def test_an_answer_may_be_cut_though_its_length_is_told(
    faulty: RunningAppliance, provisioning: ManagementApi, name: str, size: int
) -> None:
    faulty.plan({"route": POST, "do": {"truncate": size}})
    with raw_connection(faulty) as connection:
        connection.sendall(sent(provisioning, name))
        head, _, body = read_to_the_end(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 201 ")
    assert len(body) == size
    told = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
    assert int(told.split(b":")[1]) > 100
    row = faulty.ledger()[name]
    assert (row["posts_carried_out"], row["answers_delivered"]) == (1, 0)


def test_a_body_may_come_drop_by_drop(faulty: RunningAppliance, provisioning: ManagementApi, name: str) -> None:
    faulty.plan({"route": POST, "do": {"slow_body": {"bytes": 50, "every_ms": 5}}})
    with raw_connection(faulty) as connection:
        connection.sendall(sent(provisioning, name))
        pieces, whole = 0, b""
        while not whole.endswith(b"}"):
            whole += connection.recv(65536)
            pieces += 1
    assert pieces > 2
    assert json.loads(whole.partition(b"\r\n\r\n")[2])["name"] == name
    assert faulty.ledger()[name]["credentials_delivered"] == 1


@pytest.mark.parametrize("carried_out", [False, True])
def test_a_call_may_never_be_answered_until_the_client_gives_up(
    faulty: RunningAppliance, provisioning: ManagementApi, name: str, carried_out: bool
) -> None:
    faulty.plan({"route": POST, "do": {"hang": 60, "carried_out": carried_out}})
    with raw_connection(faulty) as connection:
        connection.sendall(sent(provisioning, name))
        while [happened["carried_out"] for happened in faulty.happened()] != [carried_out]:
            time.sleep(0.01)
        connection.plain.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    assert (provisioning.get(f"/tenants/{name}").status_code == 200) is carried_out


def test_hanging_has_a_bound(faulty: RunningAppliance, provisioning: ManagementApi, name: str) -> None:
    faulty.plan({"route": POST, "do": {"hang": 0.05}})
    with raw_connection(faulty) as connection:
        connection.sendall(sent(provisioning, name))
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_a_client_that_was_gone_before_the_answer_was_delivered_nothing(
    faulty: RunningAppliance, provisioning: ManagementApi, name: str
) -> None:
    faulty.plan({"route": POST, "do": {"latency_ms": 300, "latency_before": "answering"}})
    with raw_connection(faulty) as connection:
        connection.sendall(sent(provisioning, name))
        while not any(happened["carried_out"] for happened in faulty.happened()):
            time.sleep(0.01)
    while faulty.happened()[0]["status"] is None:
        time.sleep(0.01)
    row = faulty.ledger()[name]
    assert (row["posts_carried_out"], row["answers_delivered"]) == (1, 0)
