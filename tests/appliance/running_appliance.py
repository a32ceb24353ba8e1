"""A real appliance in a process of its own, and a way to call it under its own names without DNS."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30
JSON = dict[str, Any]


class AtLoopback(HTTPAdapter):
    """Stands for DNS: every host is at one loopback port, with its own name in TLS and in the Host header."""

    def __init__(self, port: int) -> None:
        self._port = port
        super().__init__(pool_maxsize=32)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        where, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        names = {"server_hostname": where["host"], "assert_hostname": where["host"]}
        return {**where, "host": "127.0.0.1", "port": self._port}, {**pool, **names}

    def add_headers(self, request: Any, **_: Any) -> None:
        request.headers["Host"] = urlsplit(request.url).netloc


@dataclass
class RunningAppliance:
    process: "subprocess.Popen[str]"
    facts: JSON
    session: requests.Session = field(init=False)

    def __post_init__(self) -> None:
        self.session = self.new_session()

    @classmethod
    def start(cls, data: Path, *options: str) -> "RunningAppliance":
        """Start one and wait until it says that it is ready."""
        process = launch("--data", str(data), *(options or ("--port", "0")))
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the appliance did not start (exit status {process.wait()})"
        return cls(process, json.loads(line))

    def new_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.verify = self.facts["ca"]
        session.mount("https://", AtLoopback(self.port))
        return session

    def stop(self) -> int:
        """End it as an operator would; its exit status."""
        self.session.close()
        if self.process.poll() is None:
            self.process.terminate()
        status = self.process.wait(timeout=20)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status

    @property
    def port(self) -> int:
        return int(self.facts["address"].rpartition(":")[2])

    @property
    def rta(self) -> str:
        return str(self.facts["rta"])

    def call(self, method: str, host: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, f"https://{host}{path}", timeout=20, **more)

    def ask_token(self, host: str, credential: Mapping[str, str], **parameters: Any) -> requests.Response:
        """POST /oauth/token; a parameter of None is left out."""
        body = {"grant_type": "client_credentials", "audience": f"https://{host}/api/v2/"}
        pair = {name: credential[name] for name in ("client_id", "client_secret")}
        sent = {name: value for name, value in {**body, **pair, **parameters}.items() if value is not None}
        return self.call("POST", host, "/oauth/token", json=sent)

    def api(self, host: str, credential: Mapping[str, str]) -> "ManagementApi":
        answer = self.ask_token(host, credential)
        assert answer.status_code == 200, answer.text
        return ManagementApi(self, host, answer.json()["access_token"])

    def requests_seen(self) -> list[JSON]:
        answer = self.call("GET", self.rta, "/__appliance/requests", auth=self.admin_pair)
        assert answer.status_code == 200, answer.text
        return cast(list[JSON], answer.json())

    def inspect(self, method: str, what: str, **more: Any) -> requests.Response:
        """Ask the appliance about itself, as its administrator."""
        answer = self.call(method, self.rta, f"/__appliance/{what}", auth=self.admin_pair, **more)
        assert answer.status_code in (200, 204), answer.text
        return answer

    def plan(self, *rules: JSON, seed: int = 1) -> None:
        """Put a fault plan in force."""
        self.inspect("PUT", "faults", json={"seed": seed, "faults": list(rules)})

    def happened(self) -> list[JSON]:
        """What the plan did so far."""
        return cast(list[JSON], self.inspect("GET", "faults").json()["happened"])

    def ledger(self) -> dict[str, JSON]:
        return {row.pop("name"): row for row in self.inspect("GET", "tenants-ledger").json()}

    @property
    def admin_pair(self) -> tuple[str, str]:
        return self.facts["admin"]["client_id"], self.facts["admin"]["client_secret"]


@dataclass(frozen=True)
class ManagementApi:
    """The Management API of one tenant, called with one token."""

    appliance: RunningAppliance
    host: str
    token: str

    @property
    def audience(self) -> str:
        return f"https://{self.host}/api/v2/"

    def request(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.appliance.call(method, self.host, f"/api/v2{path}", headers=headers, **more)

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.request("GET", path, params={name.rstrip("_"): value for name, value in query.items()})

    def post(self, path: str, body: object) -> requests.Response:
        return self.request("POST", path, json=body)

    def patch(self, path: str, body: object) -> requests.Response:
        return self.request("PATCH", path, json=body)

    def put(self, path: str, body: object) -> requests.Response:
        return self.request("PUT", path, json=body)

    def delete(self, path: str) -> requests.Response:
        return self.request("DELETE", path)

    def made(self, path: str, body: object) -> JSON:
        """What a POST made, once it was made."""
        answer = self.post(path, body)
        assert answer.status_code == 201, answer.text
        return cast(JSON, answer.json())

    def new_client(self, **properties: Any) -> JSON:
        """An application that may ask for tokens and was granted nothing yet."""
        return self.made("/clients", {"name": "Some application", "app_type": "non_interactive", **properties})

    def granted(self, *scopes: str) -> "ManagementApi":
        """The same API, called by a new application that was granted these scopes and no others."""
        client = self.new_client()
        self.made("/client-grants", {"client_id": client["client_id"], "audience": self.audience, "scope": scopes})
        return self.appliance.api(self.host, client)


def launch(*options: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "appliance", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def refusal(*options: str) -> tuple[int, list[str]]:
    """Exit status and stderr of a start that fails."""
    command = [sys.executable, "-m", "appliance", *options]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=START_SECONDS, check=False)
    assert ended.stdout == ""
    return ended.returncode, ended.stderr.splitlines()
