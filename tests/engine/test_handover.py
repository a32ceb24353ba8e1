"""From the state to what a team's tool reads, by the command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.engine.stack import NAME, Ran, Stack


def credentials(stack: Stack, *arguments: str, **environment: str) -> tuple[Ran, str]:
    """What the command said, and what it wrote to standard output, which is a pipe."""
    ran = subprocess.run(
        [sys.executable, "-m", "psaas_resources", "credentials", *arguments, "--stack", NAME],
        cwd=stack.project, env=stack.environment | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Ran("credentials", ran.returncode, ran.stderr), ran.stdout


def test_tenants_are_handed_over_from_the_state_to_a_pipe_a_file_and_a_folder(stack: Stack, tmp_path: Path) -> None:
    stack.declare("customer-1").up().ok()
    credential = stack.credential("customer-1")

    ran, piped = credentials(stack, "customer-1", "--format", "json")
    ran.ok()
    given = json.loads(piped)
    assert {"client_id": given["clientId"], "client_secret": given["clientSecret"]} == credential
    assert stack.appliance.tenant_token(given["domain"], **credential)

    folder = tmp_path / "handed over"
    ran, piped = credentials(stack, "--all", "--format", "dotenv", "--output", str(folder))
    assert ran.ok().output.startswith("wrote 1 files (mode 0600)")
    assert piped == ""
    assert credential["client_secret"] not in ran.output
    assert f"AUTH0_CLIENT_SECRET='{credential['client_secret']}'" in (folder / "customer-1.env").read_text()
    again, _ = credentials(stack, "--all", "--format", "dotenv", "--output", str(folder))
    again.failed("exists already, and is not replaced")

    closed, _ = credentials(stack, "customer-1", "--format", "env", PULUMI_CONFIG_PASSPHRASE="wrong")
    closed.failed("its passphrase is missing or wrong")

    pulumis_own_provider_finds_its_config(stack, tmp_path, credential)


def pulumis_own_provider_finds_its_config(stack: Stack, tmp_path: Path, credential: dict[str, str]) -> None:
    """In another project, by the script that the command writes, with the secret encrypted."""
    script = tmp_path / "customer-1.pulumi.sh"
    credentials(stack, "customer-1", "--format", "pulumi", "--output", str(script))[0].ok()
    team = tmp_path / "team"
    team.mkdir()
    (team / "Pulumi.yaml").write_text("name: team\nruntime: yaml\n")

    def run(*command: str) -> str:
        ran = subprocess.run(command, cwd=team, env=stack.environment, capture_output=True, text=True, check=True)
        return ran.stdout

    run("pulumi", "stack", "init", "dev")
    run("sh", str(script), "--stack", "dev")

    shown = json.loads(run("pulumi", "config", "--stack", "dev", "--json", "--show-secrets"))
    assert {key: (entry["value"], entry["secret"]) for key, entry in shown.items()} == {
        "auth0:domain": ("customer-1.appliance.test", False),
        "auth0:clientId": (credential["client_id"], False),
        "auth0:clientSecret": (credential["client_secret"], True),
        "auth0:audience": ("https://customer-1.appliance.test/api/v2/", False),
    }
    assert credential["client_secret"] not in (team / "Pulumi.dev.yaml").read_text()
