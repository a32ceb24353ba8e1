"""The programs in `examples/`, on the real engine."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import pytest
import yaml

from tests.engine.stack import ROOT, Stack
from tests.tools import auth0_plugin, installed
from tests.tools.proxy import LoopbackProxy

INSIDE = ROOT / "examples" / "inside-a-tenant"


@pytest.fixture
def inside(stack: Stack) -> Iterator[Stack]:
    """The example as it stands, in a project that finds the SDK and, for the plugin, a stand-in of it."""
    packages = installed.python_packages("pulumi_auth0", what="the SDK of Pulumi's provider auth0 (PyPI pulumi-auth0)")
    grant = {"audience": f"https://{stack.appliance.rta}/api/v2/", "scope": ["create:tenants"]}
    stack.appliance.api("POST", "client-grants", grant | {"client_id": stack.config["clientId"]})
    for name in ("__main__.py", "Pulumi.yaml"):
        (stack.project / name).unlink()
    (stack.project / "__main__.py").symlink_to(INSIDE / "__main__.py")
    plugin = stack.project / "plugin" / "pulumi-resource-auth0"
    plugin.parent.mkdir()
    plugin.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{auth0_plugin.__file__}" "$@"\n')
    plugin.chmod(0o755)
    project = yaml.safe_load((INSIDE / "Pulumi.yaml").read_text())
    project["plugins"] = {"providers": [{"name": "auth0", "path": str(plugin.parent)}]}
    (stack.project / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    stack.file.rename(stack.project / stack.file.name)  # this project has no folder of stack files
    stack.pulumi("stack", "init").ok()
    with LoopbackProxy(stack.appliance.address) as proxy:
        stack.environment |= {
            "PYTHONPATH": str(packages), "SSL_CERT_FILE": stack.appliance.ca, "AUTH0_PLUGIN_PROXY": proxy.url,
        }  # fmt: skip
        yield stack


def test_one_program_makes_a_tenant_and_an_application_inside_of_it_by_the_provider_auth0(inside: Stack) -> None:
    inside.preview().ok()
    assert inside.up().ok().summary.startswith("+ 4 created")
    assert inside.up().ok().summary.startswith("4 unchanged")

    shown = json.loads(inside.pulumi("stack", "output", "--json").ok().output)
    said = "".join(ran.output for ran in inside.said)
    assert shown["domain"] == "customer-1.appliance.test"
    token = inside.appliance.tenant_token(shown["domain"], **inside.credential("customer-1"))
    path = f"/api/v2/clients/{shown['billingClientId']}"
    status, made = inside.appliance.request("GET", path, host=shown["domain"], token=token)
    assert (status, made["name"], made["app_type"]) == (200, "Billing", "regular_web")
    left = [file.read_text(errors="replace") for file in (inside.project / "state").rglob("*") if file.is_file()]
    assert inside.credential("customer-1")["client_secret"] not in "".join([*left, said])
