"""Dynamic resources of which nothing is asked: what the engine itself costs. Kept apart so that they are importable."""

from __future__ import annotations

import time
from typing import Any

import pulumi
from pulumi.dynamic import (
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
)

OUTPUTS = (
    "applied_owners", "domain", "audience", "client_id", "client_secret",
    "ready", "problem", "vanished_at", "created_at", "managed_since",
)  # fmt: skip


class FloorProvider(ResourceProvider):
    """Returns at once; with `bench:createSeconds`, each creation takes that long on its thread."""

    serialize_as_secret_always = False
    _seconds = 0.0

    def configure(self, req: ConfigureRequest) -> None:
        self._seconds = float(req.config.get("bench:createSeconds") or 0)

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        return CheckResult(news, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=olds["owners"] != news["owners"])

    def create(self, props: dict[str, Any]) -> CreateResult:
        if self._seconds:
            time.sleep(self._seconds)
        domain = f"{props['name']}.{props['tenant_domain']}"
        made = {
            "domain": domain, "audience": f"https://{domain}/api/v2/", "applied_owners": props["owners"],
            "client_id": "floor" * 6, "client_secret": "floor" * 12, "ready": True, "problem": "", "vanished_at": "",
            "created_at": "2026-01-01T00:00:00Z", "managed_since": "2026-01-01T00:00:00Z",
        }  # fmt: skip
        return CreateResult(props["name"], props | made)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return ReadResult(id_, props)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        return None


class FloorTenant(Resource, module="floor", name="Tenant"):
    """With the inputs and outputs of our Tenant."""

    domain: pulumi.Output[str]
    client_id: pulumi.Output[str]
    ready: pulumi.Output[bool]
    problem: pulumi.Output[str]

    def __init__(self, name: str, owners: list[str], opts: pulumi.ResourceOptions | None = None) -> None:
        inputs = {
            "rta": "rta.appliance.test", "tenant_domain": "appliance.test", "name": name, "owners": owners,
            "labels": {}, "deletion": "forget", "adopt": False,
        }  # fmt: skip
        ours = pulumi.ResourceOptions(additional_secret_outputs=["client_secret"])
        merged = pulumi.ResourceOptions.merge(ours, opts)
        super().__init__(FloorProvider(), name, inputs | dict.fromkeys(OUTPUTS), merged)
