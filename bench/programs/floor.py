"""The shape of the repository's own program, with resources of which nothing is asked."""

import json
from pathlib import Path

import pulumi

from bench.programs.floor_provider import FloorTenant

fleet = json.loads(Path("fleet.json").read_text(encoding="utf-8"))
grant = FloorTenant("provisioning", ["me@email.com"])
tenants = {name: FloorTenant(name, ["me@email.com"], opts=pulumi.ResourceOptions(depends_on=[grant])) for name in fleet}
pulumi.export(
    "tenants",
    {
        name: {"domain": t.domain, "clientId": t.client_id, "ready": t.ready, "problem": t.problem}
        for name, t in tenants.items()
    },
)
