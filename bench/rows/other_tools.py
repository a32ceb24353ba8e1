"""What people use instead: scripts on auth0-python, raw requests, auth0-deploy-cli. Each is a process of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping

from bench import deploy_cli as tool
from bench import measured, record
from bench.ground import without_users_own
from bench.rows.network import AT_MOST, PARALLEL
from bench.samples import Sample
from bench.site import Site
from bench.stack import of_other_programs
from chaos.own_appliance import ROOT, OwnAppliance

PEERS = ROOT / "bench" / "peers"
LATENCY_MS = 50


def scripts(site: Site) -> Iterator[Sample]:
    """The floor of one tenant is what the CLI costs before it does anything. One by one is measured once."""
    count = site.size(200)
    for pair in site.pair_numbers(5):
        with site.ours(latency_ms=LATENCY_MS, maxConcurrentCreates=AT_MOST) as ours:
            yield ours.run("up", count, pair, *PARALLEL)
        yield _script(site, "script, 10 threads", count, pair, threads=10)
        yield site.floor().run("up", 1, pair, *PARALLEL)
        if pair == 1:
            yield _script(site, "script, one by one", count, pair, threads=1)


def _script(site: Site, subject: str, count: int, pair: int, *, threads: int) -> Sample:
    with site.appliance(latency_ms=LATENCY_MS) as appliance:
        admin = appliance.described["admin"]
        variables = {"ADMIN_CLIENT_ID": admin["client_id"], "ADMIN_CLIENT_SECRET": admin["client_secret"]}
        command = [sys.executable, str(PEERS / "script.py"), str(count), str(threads)]
        return _measured(site, subject, command, appliance, variables, count=count, pair=pair, latency_ms=LATENCY_MS)


def raw(site: Site) -> Iterator[Sample]:
    count = site.size(1000)
    for pair in site.pair_numbers(3):
        with site.appliance() as appliance:
            grant = {"audience": f"https://{appliance.rta}/api/v2/", "scope": ["create:tenants"]}
            client_id = appliance.described["provisioning"]["client_id"]
            appliance.api("POST", "client-grants", grant | {"client_id": client_id})
            command = [sys.executable, str(PEERS / "raw.py"), str(count)]
            yield _measured(site, "raw", command, appliance, {}, count=count, pair=pair)


def deploy_cli(site: Site) -> Iterator[Sample]:
    """Grants for applications that are there, once: most of it is what it computes before its first request."""
    command = tool.installed()
    count = site.size(50)
    with site.appliance() as appliance:
        clients = [
            appliance.api("POST", "clients", {"name": f"Application {number}", "app_type": "non_interactive"})
            for number in range(count)
        ]
        audience = f"https://{appliance.rta}/api/v2/"
        grants = [
            {"client_id": client["client_id"], "audience": audience, "scope": ["read:clients"]} for client in clients
        ]
        folder = site.new_folder("deploy-cli")
        (folder / "tenant.yaml").write_text(json.dumps({"clientGrants": grants}), encoding="utf-8")
        import_command = [str(command), "import", "--input_file", str(folder / "tenant.yaml")]
        variables = tool.variables(appliance)
        yield _measured(site, "auth0-deploy-cli", import_command, appliance, variables, count=count, pair=1)


def _measured(
    site: Site, subject: str, command: list[str], appliance: OwnAppliance, variables: Mapping[str, str], *,
    count: int, pair: int, latency_ms: int = 0,
) -> Sample:  # fmt: skip
    provisioning = appliance.described["provisioning"]
    environment = without_users_own() | of_other_programs(appliance) | dict(variables) | {
        "RTA": appliance.rta, "CLIENT_ID": provisioning["client_id"], "CLIENT_SECRET": provisioning["client_secret"],
    }  # fmt: skip
    appliance.calls()
    cost = measured.run(command, folder=site.new_folder("peer"), environment=environment)
    return Sample(
        subject=subject, step="up", tenants=count, pair=pair, seconds=cost.seconds, latency_ms=latency_ms,
        cpu_seconds=cost.cpu_seconds, peak_mb={"program": max(cost.peak_mb.values(), default=0.0)},
        requests=record.counted(appliance.calls(), rta=appliance.rta),
    )  # fmt: skip
