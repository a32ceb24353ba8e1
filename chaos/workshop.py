"""A stack of its own, its runs and their ends by `kill -9`. Knows `pulumi` as a command, the state by its export."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos import processes
from chaos.own_appliance import ROOT, OwnAppliance

STACK = "chaos"
RUN_SECONDS = 900.0
LOOKS_EVERY_SECONDS = 0.25
UP = ("up", "--yes", "--skip-preview", "--continue-on-error", "--suppress-outputs")
REFRESH = ("refresh", "--yes", "--skip-preview", "--run-program", "--suppress-outputs")


@dataclass(frozen=True)
class Ran:
    """A run: its exit status (None where it was killed) and what it said."""

    status: int | None
    output: str = field(repr=False)
    seconds: float

    def errors_of(self, names: Sequence[str]) -> dict[str, str]:
        """The error of each tenant that has one."""
        found: dict[str, str] = {}
        for line in self.output.splitlines():
            head, error, said = line.partition(" error: ")
            words = head.split()
            if error and "psaas:Tenant" in head and (name := words[words.index(_type(words)) + 1]) in names:
                found[name] = said
        return found


class Workshop:
    """The project in a folder of its own, with a stack for `appliance`."""

    def __init__(self, folder: Path, engine_bin: Path, appliance: OwnAppliance, *, at_once: int) -> None:
        self.folder, self._appliance = folder, appliance
        for name in ("Pulumi.yaml", "__main__.py", "psaas_resources", ".venv"):
            (folder / name).symlink_to(ROOT / name)
        for name in ("stacks", "state", "home"):
            (folder / name).mkdir()
        described = appliance.described
        self.escrow = folder / "escrow" / appliance.rta
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "PSAAS_"))}
        self._environment = kept | {
            "PATH": f"{engine_bin}{os.pathsep}{os.environ.get('PATH', '')}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"{(folder / 'state').as_uri()}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": "chaos",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_EXPERIMENTAL": "1",
            "PULUMI_SKIP_CHECKPOINTS": "1",
            "PSAAS_CONNECT_TO": described["address"],
            "PSAAS_CA_BUNDLE": described["ca"],
            "PSAAS_CLIENT_SECRET": described["provisioning"]["client_secret"],
            "PSAAS_ADMIN_CLIENT_SECRET": described["admin"]["client_secret"],
            "PSAAS_ESCROW_DIR": str(folder / "escrow"),
            "PSAAS_ESCROW_DURABLE": "true",
            "PSAAS_TIMEOUT_SECONDS": "10",
        }
        self._config = {
            "domain": appliance.rta,
            "clientId": described["provisioning"]["client_id"],
            "adminClientId": described["admin"]["client_id"],
            "scopes": ["create:tenants", "read:tenants"],
            "maxConcurrentCreates": at_once,
        }
        self.declare([], {})
        self.pulumi("stack", "init", STACK)

    def declare(self, names: Sequence[str], more: Mapping[str, Mapping[str, Any]]) -> None:
        """Write the stack file; `more` is what an entry says besides name and owner. JSON is YAML."""
        file = self.folder / "stacks" / f"Pulumi.{STACK}.yaml"
        before = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        salt = [line for line in before if line.startswith("encryptionsalt:")]
        entries = [{"name": name, "owners": ["me@email.com"], **more.get(name, {})} for name in names]
        config = {f"psaas:{key}": value for key, value in (self._config | {"tenants": entries}).items()}
        file.write_text("\n".join([*salt, f"config: {json.dumps(config)}", ""]), encoding="utf-8")

    def run(self, command: Sequence[str] = UP, *, until: Callable[[], bool] = lambda: False) -> Ran:
        """Run to its end, or until `until` says that it shall be killed; then everything of it is."""
        mark = f"CHAOS_RUN={secrets.token_hex(8)}"
        name, _, value = mark.partition("=")
        began, killed = time.monotonic(), False
        log = self.folder / "run.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["pulumi", *command, "--stack", STACK, "--non-interactive", "--color", "never"],
                cwd=self.folder, env=self._environment | {name: value}, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
            try:
                while process.poll() is None and not killed:
                    time.sleep(LOOKS_EVERY_SECONDS)
                    killed = until()
                    if time.monotonic() - began > RUN_SECONDS:
                        raise TimeoutError(f"a run took longer than {RUN_SECONDS:g} s; see {log}")
            finally:
                processes.end_all(mark)
                process.wait(timeout=processes.END_SECONDS)
        said = log.read_text(encoding="utf-8", errors="replace")
        return Ran(None if killed else process.returncode, said, time.monotonic() - began)

    def unlock(self) -> bool:
        """`pulumi cancel`, where a killed run has left its lock; whether there was one."""
        locks = any(file.is_file() for file in (self.folder / "state" / ".pulumi" / "locks").rglob("*.json"))
        if locks:
            self.pulumi("cancel", "--yes", "--stack", STACK)
        return locks

    def in_state(self) -> dict[str, dict[str, Any]]:
        """The outputs of every tenant in the state, with its secret."""
        exported = json.loads(self.pulumi("stack", "export", "--show-secrets", "--stack", STACK))
        found = {}
        for resource in exported["deployment"].get("resources", []):
            if resource["type"].endswith("psaas:Tenant"):
                outputs = resource["outputs"]
                secret = outputs["client_secret"]
                plain = json.loads(secret["plaintext"]) if isinstance(secret, dict) else secret
                found[str(outputs["name"])] = {**outputs, "client_secret": plain}
        return found

    def in_escrow(self) -> set[str]:
        return {file.stem for file in self.escrow.rglob("customer-*.json")}

    def put_entry_aside(self, name: str) -> bool:
        """Move an escrow entry that can't be used away, as a person would; whether there was one."""
        entry = self.escrow / f"{name}.json"
        if not entry.exists():
            return False
        aside = self.folder / "set-aside"
        aside.mkdir(exist_ok=True)
        shutil.move(entry, aside / entry.name)
        return True

    def pulumi(self, *command: str) -> str:
        ran = subprocess.run(
            ["pulumi", *command, "--non-interactive", "--color", "never"], cwd=self.folder, env=self._environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=RUN_SECONDS, check=False,
        )  # fmt: skip
        if ran.returncode:
            raise RuntimeError(f"pulumi {' '.join(command)}: {ran.stderr}")
        return ran.stdout


def _type(words: Sequence[str]) -> str:
    return next(word for word in words if "psaas:Tenant" in word)
