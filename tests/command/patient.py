"""A stack on a local appliance, as `psaas doctor` sees it: files, variables, and what the checks found."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from psaas.doctor import Finding, Subject, examine
from psaas_resources import escrow
from tests.local_appliance import LocalAppliance
from tests.situations.faults import Rule

ESCROW_KEY = "0" * 64


@dataclass
class Patient:
    """`config` adds to the stack file, None takes a key out; `environment` to the variables."""

    root: Path
    described: dict[str, Any]
    appliance: LocalAppliance | None = None
    config: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, appliance: LocalAppliance, root: Path) -> Patient:
        return cls(root, appliance.described, appliance)

    @property
    def running(self) -> LocalAppliance:
        assert self.appliance
        return self.appliance

    def granted(self, *scopes: str) -> None:
        """The client grant of the provisioning application, made by hand."""
        audience, client_id = f"https://{self.running.rta}/api/v2/", self.described["provisioning"]["client_id"]
        body = {"client_id": client_id, "audience": audience, "scope": list(scopes)}
        self.running.api("POST", "client-grants", body)

    def goes_wrong(self, *rules: Rule) -> None:
        """From now on the appliance follows this fault plan."""
        self.running.goes_wrong(*rules)

    def variables(self) -> dict[str, str]:
        given = {
            "PATH": "/nonexistent",
            "PSAAS_CONNECT_TO": self.described["address"],
            "PSAAS_CA_BUNDLE": self.described["ca"],
            "PSAAS_CLIENT_SECRET": self.described["provisioning"]["client_secret"],
            "PSAAS_ADMIN_CLIENT_SECRET": self.described["admin"]["client_secret"],
            "PSAAS_ESCROW_DIR": str(self.root / "escrow"),
            "PSAAS_ESCROW_KEY": ESCROW_KEY,
            "PSAAS_TIMEOUT_SECONDS": "5",
        } | self.environment
        return {name: value for name, value in given.items() if value}

    def examined(self) -> dict[str, Finding]:
        """Every finding by its name."""
        return {finding.name: finding for finding in self.findings()}

    def findings(self) -> list[Finding]:
        self.write()
        escrow.of.cache_clear()
        return list(examine(Subject("ours", self.root, self.variables())))

    def write(self) -> None:
        given = {
            "domain": self.described["rta"],
            "clientId": self.described["provisioning"]["client_id"],
            "adminClientId": self.described["admin"]["client_id"],
            "tenants": [{"name": "customer-1", "owners": ["me@email.com"]}],
        } | self.config
        config = {f"psaas:{key}": value for key, value in given.items() if value is not None}
        (self.root / "stacks").mkdir(exist_ok=True)
        (self.root / "stacks" / "Pulumi.ours.yaml").write_text(yaml.safe_dump({"config": config}))


def of_another_kind(data: Path, folder: Path, *options: str) -> LocalAppliance:
    """An appliance that is started with options, on data of its own in `folder`."""
    shutil.copytree(data, folder / "of-another-kind")
    return LocalAppliance.start(folder / "of-another-kind", *options)
