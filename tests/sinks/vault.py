"""A Vault for tests: a stand-in for the calls that we make, and OpenBao's own server where it is in the cache.

The stand-in follows Vault's public API descriptions of KV version 2 and AppRole; that it agrees with a real server is
tested by running the same tests against both.
"""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import urllib3

from tests.sinks.https import Answer, HttpsServer
from tests.tools import installed

TOKEN = "canary-vault-token-8d1f"
ROLE_ID, SECRET_ID = "canary-role", "canary-secret-id-77aa"
NO_RIGHT: Answer = (403, {"errors": ["permission denied"]})
OTHER_VERSION: Answer = (400, {"errors": ["check-and-set parameter did not match the current version"]})


class AnyVault(Protocol):
    """What tests ask of a Vault, whichever it is."""

    address: Any
    ca: str

    def put(self, path: str, data: Mapping[str, Any]) -> None: ...
    def get(self, path: str) -> tuple[dict[str, Any] | None, int]: ...
    def remove(self, path: str) -> None: ...
    def app_role(self) -> tuple[str, str]: ...
    def token_with(self, *capabilities: str, may_ask: bool = True) -> str: ...


@dataclass
class VaultStandIn(HttpsServer):
    """One KV engine under `secret`. `versions` are all versions of each path; a deleted one is None.

    `capabilities` are what every token has at every path there, and `may_ask` is whether a policy lets it ask.
    """

    ca: str = ""
    versions: dict[str, list[dict[str, Any] | None]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    log_ins: int = 0
    capabilities: tuple[str, ...] = ("create", "read", "update")
    may_ask: bool = True

    def answer(self, method: str, path: str, headers: dict[str, str], body: Any) -> Answer:
        if path == "/v1/auth/approle/login":
            return self._log_in(body)
        if headers.get("x-vault-token") not in self.tokens:
            return NO_RIGHT
        if path == "/v1/sys/capabilities-self":
            return self._capabilities(body["paths"]) if self.may_ask else NO_RIGHT
        start = "/v1/secret/data/"
        if not path.startswith(start):
            return 404, {"errors": [f'no handler for route "{path.removeprefix("/v1/")}". route entry not found.']}
        versions = self.versions.setdefault(path.removeprefix(start), [])
        if ("read" if method == "GET" else "update" if versions else "create") not in self.capabilities:
            return NO_RIGHT
        metadata = {"version": len(versions), "deletion_time": "", "destroyed": False, "custom_metadata": None}
        if method == "GET":
            if not versions:
                return 404, {"errors": []}
            return (404 if versions[-1] is None else 200), {"data": {"data": versions[-1], "metadata": metadata}}
        if body["options"]["cas"] != len(versions):
            return OTHER_VERSION
        versions.append(body["data"])
        return 200, {"data": metadata | {"version": len(versions)}}

    def _capabilities(self, paths: list[str]) -> Answer:
        told = {path: list(self.capabilities) or ["deny"] for path in paths}
        only = {"capabilities": told[paths[0]]} if len(paths) == 1 else {}
        return 200, {**told, **only, "data": {**told, **only}}

    def _log_in(self, body: Any) -> Answer:
        if body != {"role_id": ROLE_ID, "secret_id": SECRET_ID}:
            return 400, {"errors": ["invalid role or secret ID"]}
        self.log_ins += 1
        token = f"canary-token-of-the-role-{self.log_ins}"
        self.tokens.add(token)
        return 200, {"auth": {"client_token": token, "lease_duration": 3600}}

    def put(self, path: str, data: Mapping[str, Any]) -> None:
        self.versions.setdefault(path, []).append(dict(data))

    def get(self, path: str) -> tuple[dict[str, Any] | None, int]:
        versions = self.versions.get(path, [])
        return (versions[-1] if versions else None), len(versions)

    def remove(self, path: str) -> None:
        self.versions[path][-1] = None

    def app_role(self) -> tuple[str, str]:
        return ROLE_ID, SECRET_ID

    def token_with(self, *capabilities: str, may_ask: bool = True) -> str:
        self.capabilities, self.may_ask = capabilities, may_ask
        return TOKEN


class OpenBao:
    """A real server in memory, with a root token."""

    def __init__(self, port: int, ca: str) -> None:
        self.address, self.ca = f"https://127.0.0.1:{port}", ca
        self._pool = urllib3.HTTPSConnectionPool("127.0.0.1", port, ca_certs=ca)

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = self._pool.request(
            method, f"/v1/{path}", body=json.dumps(body) if body is not None else None, retries=False, timeout=10,
            headers={"X-Vault-Token": TOKEN, "Content-Type": "application/json"},
        )  # fmt: skip
        return answer.status, json.loads(answer.data) if answer.data else None

    def put(self, path: str, data: Mapping[str, Any]) -> None:
        assert self.call("POST", f"secret/data/{path}", {"data": data})[0] == 200

    def get(self, path: str) -> tuple[dict[str, Any] | None, int]:
        _, document = self.call("GET", f"secret/data/{path}")
        inner = document.get("data") or {}
        return inner.get("data"), (inner.get("metadata") or {}).get("version", 0)

    def remove(self, path: str) -> None:
        assert self.call("DELETE", f"secret/data/{path}")[0] == 204

    def app_role(self) -> tuple[str, str]:
        """A role with exactly the rights that the documentation asks for."""
        assert self.call("POST", "sys/auth/approle", {"type": "approle"})[0] == 204
        rule = 'path "secret/data/*" { capabilities = ["create", "read", "update"] }'
        assert self.call("POST", "sys/policies/acl/teams", {"policy": rule})[0] == 204
        assert self.call("POST", "auth/approle/role/teams", {"token_policies": ["teams"]})[0] == 204
        role = self.call("GET", "auth/approle/role/teams/role-id")[1]["data"]["role_id"]
        return role, self.call("POST", "auth/approle/role/teams/secret-id", {})[1]["data"]["secret_id"]

    def token_with(self, *capabilities: str, may_ask: bool = True) -> str:
        """A token with these rights, which may ask for them by the policy that is everybody's unless said otherwise."""
        policy = f"some-{'-'.join(capabilities)}"
        rule = f'path "secret/data/*" {{ capabilities = {json.dumps(capabilities or ["deny"])} }}'
        assert self.call("POST", f"sys/policies/acl/{policy}", {"policy": rule})[0] == 204
        asked = {"policies": [policy], "no_default_policy": not may_ask}
        return str(self.call("POST", "auth/token/create", asked)[1]["auth"]["client_token"])


@contextmanager
def openbao(folder: Path) -> Iterator[OpenBao]:
    """Skips the test where the program isn't in the cache."""
    program = installed.openbao()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        str(program), "server", "-dev", "-dev-tls", f"-dev-tls-cert-dir={folder}", f"-dev-root-token-id={TOKEN}",
        f"-dev-listen-address=127.0.0.1:{port}", "-dev-no-store-token",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"}
        )
    try:
        server = OpenBao(port, str(folder / "vault-ca.pem"))
        _wait(server, folder)
        yield server
    finally:
        process.kill()
        process.wait()


def _wait(server: OpenBao, folder: Path) -> None:
    give_up_at = time.monotonic() + 60
    while True:
        try:
            if server.call("GET", "secret/data/nothing")[0] == 404:
                return
        except (urllib3.exceptions.HTTPError, OSError, ValueError):
            pass
        assert time.monotonic() < give_up_at, (folder / "log").read_text(errors="replace")
        time.sleep(0.1)
