"""An operator on a local appliance that goes wrong as it is told, and everything that people were told meanwhile.

Each world has an application, an escrow and tenants' names of its own, so that worlds can share an appliance.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import urllib3

from psaas_resources.management import Management
from psaas_resources.settings import Credential, Settings
from tests import hurried
from tests.handlers.operator import Operator
from tests.situations.faults import CANARY, Rule

MOST_REQUESTS = 60
_numbers = itertools.count(1)


@dataclass
class World(Operator):
    """`sleeps` is what our code wanted to wait; it never really does, but calls `while_waiting`."""

    patience_seconds: float = 5.0
    sleeps: list[float] = field(default_factory=list)
    while_waiting: Callable[[], object] = lambda: None
    said: list[str] = field(default_factory=list)
    known_secrets: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    lost_on_purpose: set[str] = field(default_factory=set)
    _admin_token: str = ""
    _pool: urllib3.HTTPSConnectionPool | None = None

    def with_application(self, *scopes: str) -> World:
        """Provision with an application of this world's own, which has a client grant with `scopes`, if any."""
        self.uses(self.application())
        if scopes:
            self.granted(*scopes)
        return self

    def application(self, **properties: Any) -> Credential:
        """A new machine-to-machine application, or another kind."""
        client = self.api("POST", "clients", {"name": "Provisioning", "app_type": "non_interactive"} | properties)
        return Credential(client["client_id"], client["client_secret"])

    def uses(self, credential: Credential) -> None:
        self.config["clientId"] = credential.client_id
        self.environment["PSAAS_CLIENT_SECRET"] = credential.client_secret

    def granted(self, *scopes: str) -> dict[str, Any]:
        """A client grant of our application, made by hand as it were."""
        body = {"client_id": self.config["clientId"], "audience": self.audience, "scope": list(scopes)}
        return dict(self.api("POST", "client-grants", body))

    @property
    def audience(self) -> str:
        return f"https://{self.appliance.rta}/api/v2/"

    def name(self) -> str:
        """A tenant's name that nobody has used."""
        name = f"customer-{next(_numbers)}-{os.getpid()}"
        self.names.add(name)
        return name

    def domain(self, name: str) -> str:
        return f"{name}.{self.appliance.rta.partition('.')[2]}"

    def management(self, settings: Settings) -> Management:
        transport = hurried.transport(
            ca_bundle=settings.ca_bundle, connect_to=settings.connect_to,
            timeout_seconds=self.patience_seconds, slept=self._slept,
        )  # fmt: skip
        return Management(settings, transport=transport)

    @contextmanager
    def fails(self, kind: type[Exception], *words: str) -> Iterator[pytest.ExceptionInfo[Exception]]:
        """What is done inside ends with exactly this error, whose message has these words."""
        with pytest.raises(kind) as raised:
            yield raised
        message = str(raised.value)
        self.said += [message, repr(raised.value), "".join(traceback.format_exception(raised.value))]
        assert type(raised.value) is kind, message
        for word in words:
            assert word in message, message

    # -- the appliance, seen from behind ------------------------------------------------------------------------

    def goes_wrong(self, *rules: Rule) -> None:
        """From now on the appliance follows this fault plan."""
        named = [{"name": f"rule {number}"} | rule for number, rule in enumerate(rules, 1)]
        assert self._inspect("PUT", "faults", {"seed": 1, "faults": named})[0] == 200

    def goes_well(self) -> None:
        self._inspect("DELETE", "faults")

    def happened(self) -> int:
        """How often a rule of the plan has fired."""
        return len(self._inspect("GET", "faults")[1]["happened"])

    def calls(self, method: str, path: str, host: str = "") -> list[int]:
        """The statuses of the requests that arrived since the world began, oldest first."""
        return [
            entry["status"] for entry in self._inspect("GET", "requests")[1]
            if entry["method"] == method and entry["path"].startswith(path) and host in entry["host"]
        ]  # fmt: skip

    def requests(self) -> list[tuple[str, str]]:
        return [
            (entry["method"], entry["path"]) for entry in self._inspect("GET", "requests")[1]
            if not entry["path"].startswith("/__appliance/")
        ]  # fmt: skip

    def forget_calls(self) -> None:
        self._inspect("DELETE", "requests")

    def posts(self) -> list[int]:
        return self.calls("POST", "/api/v2/tenants")

    def ledger(self) -> dict[str, dict[str, Any]]:
        return {row["name"]: row for row in self._inspect("GET", "tenants-ledger")[1]}

    def made(self, name: str) -> int:
        """How many POSTs of this name were carried out."""
        row = self.ledger().get(name)
        return int(row["posts_carried_out"]) if row else 0

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the administrator's, as in the dashboard. Not while the plan touches its route."""
        if not self._admin_token:
            self._admin_token = self.appliance.token("admin")
        status, answer = self.appliance.request(method, f"/api/v2/{path}", body=body, token=self._admin_token)
        assert 200 <= status < 300, (status, answer)
        return answer

    def somebody_else_makes(self, name: str) -> Credential:
        """Somebody else's program makes a tenant, with the application that came with the appliance."""
        self.names.discard(name)
        described = self.appliance.described["provisioning"]["client_id"]
        grants = self.api("GET", f"client-grants?client_id={described}")
        if not grants:
            body = {"client_id": described, "audience": self.audience, "scope": ["create:tenants", "delete:tenants"]}
            self.api("POST", "client-grants", body)
        made = self.appliance.api(
            "POST", "tenants", {"name": name, "owners": ["else@email.com"]}, application="provisioning"
        )
        return Credential(made["client_id"], made["client_secret"])

    def deleted_behind_our_back(self, name: str) -> None:
        token = self.appliance.tenant_token(
            self.appliance.rta,
            client_id=self.config["clientId"],
            client_secret=self.environment["PSAAS_CLIENT_SECRET"],
        )
        assert self.appliance.request("DELETE", f"/api/v2/tenants/{name}", token=token)[0] == 204

    def owner_makes_a_credential(self, name: str) -> Credential:
        """What an owner does who signs in to a tenant: a machine-to-machine application for its Management API."""
        host, audience = self.domain(name), f"https://{self.domain(name)}/api/v2/"
        with self._database() as database:
            client_id, secret = database.execute(
                "SELECT client_id, client_secret FROM clients WHERE tenant = ? ORDER BY n", (name,)
            ).fetchone()
        token = self.appliance.tenant_token(host, client_id=client_id, client_secret=secret)

        def post(path: str, body: Any) -> Any:
            status, answer = self.appliance.request("POST", f"/api/v2/{path}", host=host, body=body, token=token)
            assert status == 201, answer
            return answer

        made = post("clients", {"name": "For the program", "app_type": "non_interactive"})
        post("client-grants", {"client_id": made["client_id"], "audience": audience, "scope": ["read:clients"]})
        return Credential(made["client_id"], made["client_secret"])

    def gives(self, name: str, credential: Credential) -> dict[str, str]:
        """The environment of a run that is given a tenant's credential."""
        pair = f'{{"clientId": "{credential.client_id}", "clientSecret": "{credential.client_secret}"}}'
        return {"PSAAS_CREDENTIALS": f'{{"{name}": {pair}}}'}

    # -- what holds in every world ------------------------------------------------------------------------------

    def nothing_was_doubled_lost_or_told(self, log: str = "") -> None:
        """No tenant twice, each delivered credential kept, no secret in anything that people see, few requests."""
        self.goes_well()
        rows = self.ledger()
        assert all(row["posts_carried_out"] <= 1 for row in rows.values())
        escrow = self.run().escrow
        for name in self.names - self.lost_on_purpose:
            if rows.get(name, {}).get("credentials_delivered"):
                assert escrow.find(name), f"the credential of {name} is lost"
        told = "\n".join([*self.said, *self.warnings, log])
        for secret in self._secrets():
            assert secret not in told
        for never in (r"eyJ[\w-]{20,}", CANARY, "(?i)<html", "load balancer</", "Bearer "):
            assert not re.search(never, told), never
        assert len(self.requests()) < MOST_REQUESTS

    def _secrets(self) -> set[str]:
        with self._database() as database:
            return self.known_secrets | {row[0] for row in database.execute("SELECT client_secret FROM clients")}

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(f"file:{self.appliance.data / 'appliance.db'}?mode=ro", uri=True)
        try:
            yield database
        finally:
            database.close()

    def _inspect(self, method: str, what: str, body: Any = None) -> tuple[int, Any]:
        """Asks the appliance about itself with the administrator's credential, for which it needs no token."""
        admin = self.appliance.described["admin"]
        authorization = urllib3.make_headers(basic_auth=f"{admin['client_id']}:{admin['client_secret']}")
        address, _, port = self.appliance.address.rpartition(":")
        if self._pool is None:
            self._pool = urllib3.HTTPSConnectionPool(
                address, int(port), server_hostname=self.appliance.rta, assert_hostname=self.appliance.rta,
                ca_certs=self.appliance.ca, retries=False,
            )  # fmt: skip
        headers = {"Host": self.appliance.rta, **authorization}
        answer = self._pool.request(method, f"/__appliance/{what}", json=body, headers=headers)
        return answer.status, json.loads(answer.data) if answer.data else None

    def _slept(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.while_waiting()
