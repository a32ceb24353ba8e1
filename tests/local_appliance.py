"""A local appliance for a test: started on a free port, asked and changed over HTTPS as any other client would."""

from __future__ import annotations

import json
import signal
import ssl
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import urllib3

from tests import nursery

START_SECONDS = 30


class LocalAppliance:
    """One running appliance. `described` is its `appliance.json`."""

    def __init__(self, process: nursery.Process, data: Path, described: dict[str, Any]) -> None:
        self.process, self.data, self.described = process, data, described

    @classmethod
    def start(cls, data: Path, *options: str) -> Self:
        log = data.parent / "appliance.log"
        process, line = nursery.start(log, "--data", str(data), "--port", "0", *options)
        assert line, log.read_text()
        return cls(process, data, json.loads(line))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=START_SECONDS) == 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.process.poll() is None:
            self.stop()

    @property
    def rta(self) -> str:
        return str(self.described["rta"])

    @property
    def address(self) -> str:
        return str(self.described["address"])

    @property
    def ca(self) -> str:
        return str(self.described["ca"])

    @property
    def secrets(self) -> list[str]:
        return [self.described["admin"]["client_secret"], self.described["provisioning"]["client_secret"]]

    def calls(self, method: str, path: str) -> list[dict[str, Any]]:
        """The requests that arrived so far, oldest first, whose path begins with `path`."""
        entries = self.request("GET", "/__appliance/requests", token=self.token("admin"))[1]
        own = ("/__appliance/",)
        return [
            entry for entry in entries
            if entry["method"] == method and entry["path"].startswith(path) and not entry["path"].startswith(own)
        ]  # fmt: skip

    def forget_calls(self) -> None:
        self.request("DELETE", "/__appliance/requests", token=self.token("admin"))

    def goes_wrong(self, *rules: Mapping[str, Any]) -> None:
        """A fault plan in force from now on, in the place of the one before; without rules nothing goes wrong."""
        named = [{"name": f"rule {number}"} | dict(rule) for number, rule in enumerate(rules, 1)]
        plan = {"seed": 1, "faults": named}
        status, answer = self.request("PUT", "/__appliance/faults", body=plan, token=self.token())
        assert status == 200, answer

    def token(self, application: str = "admin") -> str:
        return self.tenant_token(self.rta, **self.described[application])

    def tenant_token(self, host: str, *, client_id: str, client_secret: str) -> str:
        body = {
            "grant_type": "client_credentials", "audience": f"https://{host}/api/v2/",
            "client_id": client_id, "client_secret": client_secret,
        }  # fmt: skip
        status, answer = self.request("POST", "/oauth/token", host=host, body=body)
        assert status == 200, answer
        return str(answer["access_token"])

    def api(self, method: str, path: str, body: Any = None, *, application: str = "admin") -> Any:
        """An out-of-band call to the RTA's Management API, as somebody in the dashboard would make it."""
        status, answer = self.request(method, f"/api/v2/{path}", body=body, token=self.token(application))
        assert 200 <= status < 300, (status, answer)
        return answer

    def request(self, method: str, path: str, *, host: str = "", body: Any = None, token: str = "") -> tuple[int, Any]:
        name = host or self.rta
        address, _, port = self.address.rpartition(":")
        with urllib3.HTTPSConnectionPool(
            address, int(port), server_hostname=name, assert_hostname=name,
            ssl_context=ssl.create_default_context(cafile=self.ca), retries=False,
        ) as pool:  # fmt: skip
            headers = {"Host": name} | ({"Authorization": f"Bearer {token}"} if token else {})
            answer = pool.request(method, path, json=body, headers=headers)
            return answer.status, json.loads(answer.data) if answer.data else None
