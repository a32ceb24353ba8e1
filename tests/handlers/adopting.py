"""A project that takes existing tenants over, beside a real appliance that has them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psaas_resources import adoption, escrow, stack_files
from psaas_resources.adoption import Plan, Request, Wanted
from tests.handlers.operator import Operator

STACK = "stacks/Pulumi.test.yaml"
ALL = Wanted(everything=True)


@dataclass
class Project:
    """A project's folder with stack files, beside an appliance with tenants that somebody has made."""

    root: Path
    operator: Operator
    made: dict[str, dict[str, str]] = field(default_factory=dict)
    credential: bool = True  # whether the appliance can be asked

    def exist(self, *names: str) -> dict[str, dict[str, str]]:
        for name in names:
            body = {"name": name, "owners": ["me@email.com"]}
            answer = self.operator.appliance.api("POST", "tenants", body, application="provisioning")
            self.made[name] = {"clientId": answer["client_id"], "clientSecret": answer["client_secret"]}
        self.operator.appliance.forget_calls()
        return {name: self.made[name] for name in names}

    def declare(self, more: str = "", stack: str = "test") -> None:
        appliance = self.operator.appliance
        text = (
            f"config:  # ours\n  psaas:domain: {appliance.rta}\n"
            f"  psaas:clientId: {appliance.described['provisioning']['client_id']}\n  psaas:manageGrant: false\n{more}"
        )
        file = self.root / stack_files.path_of(stack)
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        appliance = self.operator.appliance
        if self.credential:
            held = {"PSAAS_CLIENT_SECRET": appliance.described["provisioning"]["client_secret"]}
        else:
            held = {"PSAAS_ESCROW_KEY": "an-escrow-key-of-at-least-thirty-two-characters"}
        return {
            "PSAAS_CONNECT_TO": appliance.address,
            "PSAAS_CA_BUNDLE": appliance.ca,
            "PSAAS_ESCROW_DIR": str(self.operator.directory),
        } | held

    def plan(self, wanted: Wanted = ALL, source: Any = None, **rest: Any) -> Plan:
        given = (source if isinstance(source, str) else json.dumps(source), "list.json") if source else None
        request = Request("test", wanted, given, root=self.root, environment=self.environment, **rest)
        return adoption.plan(request)

    def text(self, file: str = STACK) -> str:
        return (self.root / file).read_text(encoding="utf-8")

    def escrow(self) -> escrow.Escrow:
        return self.operator.run().escrow
