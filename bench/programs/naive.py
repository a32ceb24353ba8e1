"""Tenants by a dynamic provider as public examples write one: class in the program, a token for every call, no pool."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

# The SDK wraps its serialization once more for each resource, and takes a class of the program apart each time: without
# this, the program ends at about 300 resources.
sys.setrecursionlimit(100_000)


class NaiveProvider(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        import requests

        rta = os.environ["NAIVE_RTA"]
        audience = f"https://{rta}/api/v2/"
        who = "ADMIN" if props["path"] == "client-grants" else "PROVISIONING"
        token = requests.post(
            f"https://{rta}/oauth/token",
            json={
                "grant_type": "client_credentials",
                "audience": audience,
                "client_id": os.environ[f"NAIVE_{who}_ID"],
                "client_secret": os.environ[f"NAIVE_{who}_SECRET"],
            },
            timeout=60,
        )
        token.raise_for_status()
        made = requests.post(
            f"{audience}{props['path']}",
            json=props["body"],
            headers={"Authorization": f"Bearer {token.json()['access_token']}"},
            timeout=60,
        )
        made.raise_for_status()
        return CreateResult(made.json().get("id") or props["body"]["name"], props | {"made": made.json()})


class NaiveObject(Resource):
    made: pulumi.Output[dict[str, Any]]

    def __init__(self, name: str, path: str, body: Any, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(NaiveProvider(), name, {"path": path, "body": body, "made": None}, opts)


fleet = json.loads(Path("fleet.json").read_text(encoding="utf-8"))
grant_body = {
    "client_id": os.environ["NAIVE_PROVISIONING_ID"],
    "audience": f"https://{os.environ['NAIVE_RTA']}/api/v2/",
    "scope": ["create:tenants", "read:tenants"],
}
grant = NaiveObject("provisioning", "client-grants", grant_body)
tenants = {
    name: NaiveObject(
        name, "tenants", {"name": name, "owners": ["me@email.com"]}, pulumi.ResourceOptions(depends_on=[grant])
    )
    for name in fleet
}
pulumi.export("tenants", {name: tenant.made["domain"] for name, tenant in tenants.items()})
