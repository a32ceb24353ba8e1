"""One stack of one program, whose commands are measured. Knows `pulumi` as a command and what a stack file says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from bench import measured, record
from bench.ground import NAME, Ground
from bench.samples import Sample
from chaos.own_appliance import ROOT, OwnAppliance

AT_ONCE = 16
STEPS: Mapping[str, tuple[str, ...]] = {
    "up": ("up", "--yes", "--skip-preview"),
    "preview": ("preview",),
    "no-change up": ("up", "--yes", "--skip-preview"),
    "refresh": ("refresh", "--yes", "--skip-preview"),
    "refresh --run-program": ("refresh", "--yes", "--skip-preview", "--run-program"),
    "add one": ("up", "--yes", "--skip-preview"),
    "forget all": ("up", "--yes", "--skip-preview"),
}
SKIPPED = {"PULUMI_EXPERIMENTAL": "1", "PULUMI_SKIP_CHECKPOINTS": "1"}
PROGRAMS = ROOT / "bench" / "programs"


def names(count: int) -> list[str]:
    return [f"customer-{number}" for number in range(1, count + 1)]


@dataclass
class Stack:
    """A project folder of links, its state beside it. Checkpoints are skipped unless `checkpoints` says otherwise."""

    subject: str
    folder: Path
    environment: dict[str, str] = field(repr=False)
    appliance: OwnAppliance | None = None
    latency_ms: int = 0
    checkpoints: bool = False
    config: Mapping[str, object] = field(default_factory=dict, repr=False)
    calls: list[dict[str, Any]] = field(default_factory=list, repr=False)

    @classmethod
    def ours(
        cls, ground: Ground, appliance: OwnAppliance, *, latency_ms: int, config: Mapping[str, object],
        program: str = "",
    ) -> Self:  # fmt: skip
        described = appliance.described
        variables = {
            "PSAAS_CONNECT_TO": described["address"],
            "PSAAS_CA_BUNDLE": described["ca"],
            "PSAAS_CLIENT_SECRET": described["provisioning"]["client_secret"],
            "PSAAS_ADMIN_CLIENT_SECRET": described["admin"]["client_secret"],
            "PSAAS_ESCROW_DIR": str(ground.folder / "escrow"),
            "PSAAS_ESCROW_DURABLE": "true",
        }
        usual = {
            "domain": appliance.rta,
            "clientId": described["provisioning"]["client_id"],
            "adminClientId": described["admin"]["client_id"],
            "scopes": ["create:tenants", "read:tenants"],
            "deletion": "forget",
            "maxConcurrentCreates": AT_ONCE,
            "tenantFiles": ["tenants/*.yaml"],
        }
        both = {f"psaas:{key}": value for key, value in {**usual, **config}.items()}
        environment = ground.prepared(PROGRAMS / f"{program}.py" if program else ROOT / "__main__.py", variables)
        return cls("ours", ground.folder, environment, appliance, latency_ms, config=both)

    @classmethod
    def floor(cls, ground: Ground, *, config: Mapping[str, object], lean: bool = False) -> Self:
        both = {f"bench:{key}": value for key, value in config.items()}
        program = PROGRAMS / ("lean_floor.py" if lean else "floor.py")
        return cls("lean floor" if lean else "floor", ground.folder, ground.prepared(program, {}), config=both)

    @classmethod
    def naive(cls, ground: Ground, appliance: OwnAppliance, *, latency_ms: int) -> Self:
        variables = of_other_programs(appliance) | {"NAIVE_RTA": appliance.rta}
        for who in ("admin", "provisioning"):
            variables[f"NAIVE_{who.upper()}_ID"] = appliance.described[who]["client_id"]
            variables[f"NAIVE_{who.upper()}_SECRET"] = appliance.described[who]["client_secret"]
        environment = ground.prepared(PROGRAMS / "naive.py", variables)
        return cls("naive", ground.folder, environment, appliance, latency_ms, checkpoints=True)

    def declare(self, tenants: int) -> None:
        """List so many tenants, as people write them in an included file."""
        entries = "".join(f"  - name: {name}\n    owners: [me@email.com]\n" for name in names(tenants))
        file = self.folder / "stacks" / "tenants" / "fleet.yaml"
        file.write_text(f"tenants:\n{entries}" if entries else "tenants: []\n", encoding="utf-8")
        (self.folder / "fleet.json").write_text(json.dumps(names(tenants)), encoding="utf-8")
        stack_file = self.folder / "stacks" / f"Pulumi.{NAME}.yaml"
        before = stack_file.read_text(encoding="utf-8").splitlines() if stack_file.exists() else []
        salt = [line for line in before if line.startswith("encryptionsalt:")]
        stack_file.write_text("\n".join([*salt, f"config: {json.dumps(dict(self.config))}", ""]), encoding="utf-8")

    def run(self, step: str, tenants: int, pair: int, *options: str) -> Sample:
        """Run a step on so many tenants, which are declared first, and say what it took."""
        self.declare(0 if step == "forget all" else tenants + 1 if step == "add one" else tenants)
        if self.appliance:
            self.appliance.calls()
        command = ["pulumi", *STEPS[step], "--stack", NAME, "--non-interactive", "--color", "never", *options]
        environment = self.environment | ({} if self.checkpoints else SKIPPED)
        cost = measured.run(command, folder=self.folder, environment=environment)
        self.calls = self.appliance.calls() if self.appliance else []
        return Sample(
            subject=self.subject, step=step, tenants=tenants, pair=pair, seconds=cost.seconds,
            latency_ms=self.latency_ms, checkpoints=self.checkpoints, cpu_seconds=cost.cpu_seconds, cpu=cost.cpu,
            peak_mb=cost.peak_mb, requests=record.counted(self.calls, rta=self.appliance.rta if self.appliance else ""),
            state_bytes=self._state_bytes(),
        )  # fmt: skip

    def _state_bytes(self) -> int:
        folder = self.folder / "state" / ".pulumi" / "stacks" / "psaas"
        return sum(file.stat().st_size for file in folder.glob(f"{NAME}.json*") if not file.name.endswith(".bak"))


def of_other_programs(appliance: OwnAppliance) -> dict[str, str]:
    """What a Python program that knows nothing of local appliances needs to find this one, and to trust it."""
    return {
        "PYTHONPATH": str(ROOT / "bench" / "peers" / "names"),
        "APPLIANCE_PORT": appliance.described["address"].rpartition(":")[2],
        "REQUESTS_CA_BUNDLE": appliance.described["ca"],
        "SSL_CERT_FILE": appliance.described["ca"],
    }
