"""A stack for a test: the project as it is, a stack file and a state of its own, and the real `pulumi`."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import yaml

from tests.local_appliance import LocalAppliance

ROOT = Path(__file__).resolve().parents[2]
NAME = "test"
RUN_SECONDS = 240

_LEFT_BY_INIT: dict[str, bytes] = {}
_SALT: list[str] = []


@dataclass(frozen=True)
class Ran:
    """What a `pulumi` command said, both streams in one text, and its exit status."""

    command: str
    status: int
    output: str

    def ok(self) -> Self:
        assert self.status == 0, f"{self.command} ended with {self.status}\n{self.output}"
        return self

    def failed(self, *words: str) -> Self:
        """It ended with an error in which these words stand, and which is no traceback."""
        assert self.status != 0, f"{self.command} ended with 0\n{self.output}"
        flat = " ".join(self.output.split())
        assert "Traceback" not in flat, self.output
        for word in words:
            assert word in flat, f"{word!r} is not in the output of {self.command}:\n{self.output}"
        return self

    @property
    def summary(self) -> str:
        """The lines of counts: `+ 7 created`, `7 unchanged`."""
        return " ".join(self.output.rpartition("Resources:")[2].partition("Duration")[0].split())


@dataclass
class Stack:
    """Runs `pulumi` on one stack and keeps everything that it said."""

    project: Path
    appliance: LocalAppliance
    environment: dict[str, str] = field(repr=False)
    config: dict[str, Any] = field(repr=False)
    said: list[Ran] = field(default_factory=list, repr=False)
    name: str = NAME

    @classmethod
    def create(cls, project: Path, engine_bin: Path, appliance: LocalAppliance, program: str = "") -> Self:
        """A project folder of links to the real one; with `program`, another `__main__.py`."""
        (project / "stacks").mkdir(parents=True)
        for name in ("Pulumi.yaml", "psaas_resources", ".venv"):
            (project / name).symlink_to(ROOT / name)
        if program:
            (project / "__main__.py").write_text(program, encoding="utf-8")
        else:
            (project / "__main__.py").symlink_to(ROOT / "__main__.py")
        for folder in ("state", "home"):
            (project / folder).mkdir()
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "PSAAS_"))}
        environment = inherited | {
            "PATH": f"{engine_bin}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(project / "home"),
            "PULUMI_BACKEND_URL": f"{(project / 'state').as_uri()}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": "test passphrase",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PSAAS_CONNECT_TO": appliance.address,
            "PSAAS_CA_BUNDLE": appliance.ca,
            "PSAAS_CLIENT_SECRET": appliance.described["provisioning"]["client_secret"],
            "PSAAS_ADMIN_CLIENT_SECRET": appliance.described["admin"]["client_secret"],
            "PSAAS_ESCROW_DIR": str(project / "escrow"),
            "PSAAS_ESCROW_DURABLE": "true",
            "PSAAS_TIMEOUT_SECONDS": "20",
        }
        config = {
            "domain": appliance.rta,
            "clientId": appliance.described["provisioning"]["client_id"],
            "adminClientId": appliance.described["admin"]["client_id"],
            "scopes": ["create:tenants", "read:tenants"],
            "tenants": [],
        }
        stack = cls(project, appliance, environment, config)
        stack.write()
        stack.init()
        return stack

    def init(self) -> None:
        """An empty stack, as `pulumi stack init` leaves it; it runs once in a process, and is copied after that."""
        if not _LEFT_BY_INIT:
            self.pulumi("stack", "init").ok()
            files = [file for file in (self.project / "state").rglob("*") if file.is_file()]
            _LEFT_BY_INIT.update({str(file.relative_to(self.project)): file.read_bytes() for file in files})
            _SALT.append(yaml.safe_load(self.file.read_text(encoding="utf-8"))["encryptionsalt"])
            return
        for name, content in _LEFT_BY_INIT.items():
            (self.project / name).parent.mkdir(parents=True, exist_ok=True)
            (self.project / name).write_bytes(content)
        document = yaml.safe_load(self.file.read_text(encoding="utf-8"))
        self.file.write_text(
            yaml.safe_dump({"encryptionsalt": _SALT[0], **document}, sort_keys=False), encoding="utf-8"
        )

    def declare(self, *tenants: str | Mapping[str, Any], **config: Any) -> Self:
        """Write the stack file: these tenants, and config keys that change (None removes one)."""
        entries = [t if isinstance(t, Mapping) else {"name": t, "owners": ["me@email.com"]} for t in tenants]
        self.config = {k: v for k, v in {**self.config, "tenants": entries, **config}.items() if v is not None}
        self.write()
        return self

    @property
    def file(self) -> Path:
        return self.project / "stacks" / f"Pulumi.{self.name}.yaml"

    def write(self) -> None:
        """Write the stack file, keeping what `pulumi` itself has put there."""
        before = yaml.safe_load(self.file.read_text(encoding="utf-8")) if self.file.exists() else {}
        document = {**before, "config": {f"psaas:{key}": value for key, value in self.config.items()}}
        self.file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")

    def up(self, *options: str, **environment: str) -> Ran:
        return self.pulumi("up", "--yes", "--skip-preview", *options, **environment)

    def preview(self, *options: str, **environment: str) -> Ran:
        return self.pulumi("preview", *options, **environment)

    def refresh(self, *options: str, **environment: str) -> Ran:
        """A refresh with today's config, as drift commands use it."""
        return self.pulumi("refresh", "--yes", "--skip-preview", "--run-program", *options, **environment)

    def pulumi(self, *command: str, **environment: str) -> Ran:
        arguments, values = command, ()
        if "--" in command:  # what follows are values, which may look like options
            arguments, values = command[: command.index("--")], command[command.index("--") :]
        named = {("stack", "init"): (self.name,), ("state", "move"): ("--source", self.name)}
        stack = named.get(command[:2], ("--stack", self.name))
        result = subprocess.run(
            ["pulumi", *arguments, *stack, "--non-interactive", "--color", "never", *values],
            cwd=self.project,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
        ran = Ran(" ".join(("pulumi", *command)), result.returncode, result.stdout)
        self.said.append(ran)
        return ran

    def outputs(self) -> dict[str, Any]:
        """The tenants of the stack's outputs, none of which is a secret."""
        [root] = [resource for resource in self._in_state() if resource["type"] == "pulumi:pulumi:Stack"]
        return dict(root["outputs"]["tenants"])

    def resources(self, *, show_secrets: bool = False) -> dict[str, dict[str, Any]]:
        """The state's resources of our kinds, by logical name."""
        found = self._exported("--show-secrets") if show_secrets else self._in_state()
        if show_secrets:
            self.said.pop()
        return {
            resource["urn"].rpartition("::")[2]: resource for resource in found if "dynamic/psaas:" in resource["type"]
        }

    def _exported(self, *options: str) -> list[dict[str, Any]]:
        exported = json.loads(self.pulumi("stack", "export", *options).ok().output)
        return list(exported["deployment"].get("resources", []))

    def _in_state(self) -> list[dict[str, Any]]:
        """What an export shows with secrets encrypted; from the file, where the state is one: that takes no process."""
        backend = urlsplit(self.environment["PULUMI_BACKEND_URL"])
        if backend.scheme != "file":
            return self._exported()
        file = Path(unquote(backend.path)) / ".pulumi" / "stacks" / "psaas" / f"{self.name}.json"
        latest = json.loads(file.read_text(encoding="utf-8"))["checkpoint"]["latest"] or {}
        return list(latest.get("resources", []))

    def credential(self, tenant: str) -> dict[str, str]:
        """A tenant's client ID and secret from the state."""
        outputs = self.resources(show_secrets=True)[tenant]["outputs"]
        secret = outputs["client_secret"]
        plain = json.loads(secret["plaintext"]) if isinstance(secret, dict) else secret
        return {"client_id": outputs["client_id"], "client_secret": plain}

    def posts(self) -> list[str]:
        """The statuses of all tenant POSTs that reached the appliance."""
        return [str(call["status"]) for call in self.appliance.calls("POST", "/api/v2/tenants")]
