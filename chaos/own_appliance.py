"""An appliance that this process starts, spoils and asks. Knows its command line, `appliance.json` and HTTPS."""

from __future__ import annotations

import json
import secrets
import signal
import ssl
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import urllib3

ROOT = Path(__file__).resolve().parents[1]
STOP_SECONDS = 60.0


class NotOurs(Exception):
    """An appliance that this process did not start."""


def check_ours(described: Mapping[str, Any], *, token: str, pid: int) -> None:
    """Raise NotOurs unless the appliance says that it was started with our token, as our child."""
    if described.get("started_by") != token or described.get("pid") != pid:
        raise NotOurs(
            f"the appliance at {described.get('address')} was not started by this run, which makes tenants that can't "
            "be unmade, and so touches no appliance but its own"
        )


class OwnAppliance:
    """A local appliance on a free port of the loopback interface, for as long as this process lives."""

    def __init__(self, data: Path, *options: str) -> None:
        token = secrets.token_hex(16)
        command = [
            sys.executable, "-m", "appliance", "--data", str(data), "--port", "0", "--started-by", token, *options,
        ]  # fmt: skip
        self._log = (data.parent / "appliance.log").open("ab")
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=self._log, text=True)
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise NotOurs(f"the appliance did not start; see {data.parent / 'appliance.log'}")
        self.described: dict[str, Any] = json.loads(line)
        check_ours(self.described, token=token, pid=self._process.pid)
        host, _, port = self.described["address"].rpartition(":")
        self._host, self._port = host, int(port)
        self._token = ""
        self._trust = ssl.create_default_context(cafile=self.described["ca"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(timeout=STOP_SECONDS)
        self._log.close()

    @property
    def rta(self) -> str:
        return str(self.described["rta"])

    def spoil(self, plan: Mapping[str, Any]) -> None:
        """Another fault plan from now on; what the one before did is forgotten."""
        self._own("PUT", "faults", plan)

    def happened(self) -> list[dict[str, Any]]:
        """What the fault plan in force did so far."""
        return list(self._own("GET", "faults")["happened"])

    def ledger(self) -> dict[str, dict[str, Any]]:
        """What became of every tenant POST, by name."""
        return {str(row["name"]): row for row in self._own("GET", "tenants-ledger")}

    def calls(self) -> list[dict[str, Any]]:
        """The requests since the last time that this was asked."""
        found = list(self._own("GET", "requests"))
        self._own("DELETE", "requests")
        return found

    def api(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """A call of the RTA's Management API, as somebody in the dashboard would make it."""
        if not self._token:
            asked = {"grant_type": "client_credentials", "audience": f"https://{self.rta}/api/v2/"}
            status, answer = self._request("POST", "/oauth/token", self.rta, asked | self.described["admin"])
            self._token = str(answer["access_token"]) if status == 200 else ""
        status, answer = self._request(method, f"/api/v2/{path}", self.rta, body)
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} /api/v2/{path}: {status} {answer}")
        return answer

    def gives_token(self, domain: str, client_id: str, client_secret: str) -> bool:
        """Whether a tenant's credential works at its domain."""
        body = {
            "grant_type": "client_credentials", "audience": f"https://{domain}/api/v2/",
            "client_id": client_id, "client_secret": client_secret,
        }  # fmt: skip
        return self._request("POST", "/oauth/token", domain, body)[0] == 200

    def _own(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        status, answer = self._request(method, f"/__appliance/{path}", self.rta, body)
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} /__appliance/{path}: {status} {answer}")
        return answer

    def _request(self, method: str, path: str, host: str, body: Mapping[str, Any] | None) -> tuple[int, Any]:
        admin = self.described["admin"]
        headers = {"Host": host}
        if path.startswith("/__appliance/"):
            headers |= urllib3.make_headers(basic_auth=f"{admin['client_id']}:{admin['client_secret']}")
        elif self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        with urllib3.HTTPSConnectionPool(
            self._host, self._port, server_hostname=host, assert_hostname=host, ssl_context=self._trust,
            retries=False, timeout=60.0,
        ) as pool:  # fmt: skip
            answer = pool.request(method, path, json=body, headers=headers)
            return answer.status, json.loads(answer.data) if answer.data else None
