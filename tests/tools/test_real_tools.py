"""Tools that other people wrote, with exactly what the hand-over wrote for them, in a new tenant."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from psaas_resources.handed_over import HandedOver
from psaas_resources.handover import FORMATS
from tests.local_appliance import LocalAppliance
from tests.tools import installed
from tests.tools.proxy import LoopbackProxy

HERE = Path(__file__).parent
DOMAIN = "customer-1.appliance.test"
DONE = {"made": ["read:clients"], "changed": ["read:clients", "read:connections"], "listed": 1}

pytestmark = pytest.mark.timeout(1200)


class Team:
    """The people who were handed a tenant: a folder with their file, and a machine that finds the appliance."""

    def __init__(self, appliance: LocalAppliance, tenant: HandedOver, folder: Path, proxy: str) -> None:
        self.appliance, self.tenant, self.folder = appliance, tenant, folder
        trust = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"), appliance.ca)
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._environment = kept | trust | {
            "HTTPS_PROXY": proxy, "APPLIANCE_PORT": appliance.address.rpartition(":")[2],
            "NODE_OPTIONS": f"--require={HERE / 'node' / 'at_loopback.cjs'}",
        }  # fmt: skip

    def given(self, form: str) -> Path:
        """The file that the hand-over writes."""
        file = self.folder / f"{self.tenant.tenant}{FORMATS[form].suffix}"
        file.write_text(FORMATS[form].text(self.tenant))
        return file

    def run(self, *command: str | Path, **environment: str) -> str:
        ran = subprocess.run(
            [str(part) for part in command], cwd=self.folder, env=self._environment | environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-6000:]
        return ran.stdout

    def with_variables(self, *command: str | Path) -> Any:
        """What a program prints that finds the handed-over variables, as its documentation says."""
        script = '. "$0" && exec "$@"'
        return json.loads(self.run("sh", "-c", script, self.given("env"), *command))

    def grants(self) -> list[dict[str, Any]]:
        """The tenant's client grants, but for the one of the delivered credential."""
        pair = {"client_id": self.tenant.client_id, "client_secret": self.tenant.client_secret}
        token = self.appliance.tenant_token(DOMAIN, **pair)
        status, listed = self.appliance.request("GET", "/api/v2/client-grants", host=DOMAIN, token=token)
        assert status == 200
        return [grant for grant in listed if grant["client_id"] != self.tenant.client_id]


@pytest.fixture
def team(appliance: LocalAppliance, tmp_path: Path) -> Iterator[Team]:
    application = appliance.described["provisioning"]
    grant = {"audience": f"https://{appliance.rta}/api/v2/", "scope": ["create:tenants"]}
    appliance.api("POST", "client-grants", grant | {"client_id": application["client_id"]})
    body = {"name": "customer-1", "owners": ["me@email.com"]}
    made = appliance.api("POST", "tenants", body, application="provisioning")
    folder = tmp_path / "team"
    folder.mkdir()
    with LoopbackProxy(appliance.address) as proxy:
        tenant = HandedOver("customer-1", made["domain"], made["client_id"], made["client_secret"])
        yield Team(appliance, tenant, folder, proxy.url)


def test_auth0_python_makes_changes_and_deletes_a_client_grant_with_what_was_handed_over(team: Team) -> None:
    assert team.with_variables(sys.executable, HERE / "client_grant.py") == DONE
    assert team.grants() == []


def test_the_node_sdk_makes_changes_and_deletes_a_client_grant_with_what_was_handed_over(team: Team) -> None:
    (team.folder / "node_modules").symlink_to(installed.node_modules())
    program = team.folder / "client_grant.mjs"
    program.write_text((HERE / "node" / "client_grant.mjs").read_text())

    assert team.with_variables("node", program) == DONE
    assert team.grants() == []


def test_the_go_sdk_makes_changes_and_deletes_a_client_grant_with_what_was_handed_over(team: Team) -> None:
    assert team.with_variables(installed.go_program()) == DONE
    assert team.grants() == []


def test_the_kubernetes_manifest_is_what_the_schema_of_the_api_asks_for_and_holds_the_variables(team: Team) -> None:
    packages = installed.python_packages("kubernetes", what="Kubernetes' schemas (PyPI kubernetes-validate)")
    check = (sys.executable, "-m", "kubernetes_validate", "--strict", "--kubernetes-version", "1.37")
    manifest = team.given("kubernetes")

    assert "passed" in team.run(*check, manifest, PYTHONPATH=str(packages))
    assert yaml.safe_load(manifest.read_text())["stringData"] == team.tenant.variables()
    misspelt = manifest.with_name("misspelt.yaml")
    misspelt.write_text(manifest.read_text().replace("stringData", "stringDate"))
    with pytest.raises(AssertionError, match="stringDate"):
        team.run(*check, misspelt, PYTHONPATH=str(packages))


@pytest.mark.long
def test_deploy_cli_exports_a_tenant_and_imports_it_with_a_client_grant_that_comes_changes_and_goes(team: Team) -> None:
    config = team.given("deploy-cli")
    command = installed.node_modules() / ".bin" / "a0deploy"
    what = json.dumps(["clients", "clientGrants", "tenant", "resourceServers"])
    file = team.folder / "out" / "tenant.yaml"

    def imported(allow_delete: str = "false", **changes: Any) -> list[list[str]]:
        file.write_text(yaml.safe_dump(exported | changes))
        team.run(
            command, "import", "--config_file", config, "--input_file", file,
            AUTH0_INCLUDED_ONLY=what, AUTH0_ALLOW_DELETE=allow_delete,
        )  # fmt: skip
        return [sorted(grant["scope"]) for grant in team.grants()]

    team.run(
        command, "export", "--config_file", config, "--format", "yaml", "--output_folder", "out",
        AUTH0_INCLUDED_ONLY=what,
    )  # fmt: skip
    exported = yaml.safe_load(file.read_text())
    assert [client["name"] for client in exported["clients"]] == ["Tenant Management"]
    assert exported["tenant"]["session_lifetime"] == 168

    settings = exported["tenant"] | {"friendly_name": "Customer 1"}
    clients = [*exported["clients"], {"name": "Billing", "app_type": "non_interactive"}]
    grant = {"client_id": "Billing", "audience": f"https://{DOMAIN}/api/v2/", "scope": ["read:clients"]}
    rest = {"tenant": settings, "clients": clients}
    assert imported(clientGrants=[grant], **rest) == [["read:clients"]]
    changed = grant | {"scope": ["read:clients", "read:connections"]}
    assert imported(clientGrants=[changed], **rest) == [["read:clients", "read:connections"]]
    assert imported("true", clientGrants=[], **rest) == []


@pytest.mark.long
def test_deploy_cli_exports_a_whole_tenant_and_imports_it_again_with_what_was_changed_in_between(team: Team) -> None:
    config, command = team.given("deploy-cli"), installed.node_modules() / ".bin" / "a0deploy"

    def exported(folder: str) -> Any:
        team.run(command, "export", "--config_file", config, "--format", "yaml", "--output_folder", folder)
        return yaml.safe_load((team.folder / folder / "tenant.yaml").read_text())

    whole = exported("out")
    assert len(whole) > 40
    assert whole["attackProtection"]["bruteForceProtection"]["max_attempts"] == 10
    whole["attackProtection"]["bruteForceProtection"]["max_attempts"] = 5
    whole["prompts"] |= {"identifier_first": False, "customText": {"en": {"login": {"login": {"title": "Hello"}}}}}
    whole["branding"]["colors"] = {"primary": "#123456"}
    whole["tenant"]["friendly_name"] = "Customer 1"
    next(factor for factor in whole["guardianFactors"] if factor["name"] == "otp")["enabled"] = True
    whole["guardianPolicies"] = {"policies": ["all-applications"]}
    file = team.folder / "out" / "tenant.yaml"
    file.write_text(yaml.safe_dump(whole))

    team.run(command, "import", "--config_file", config, "--input_file", file)

    whole["databases"][0]["options"] = {"disable_self_service_change_password": False}  # deploy-cli says its default
    assert exported("again") == whole
