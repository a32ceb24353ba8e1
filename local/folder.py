"""Where the local stack's things lie. Knows paths; starts nothing."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

STACK = "local"


@dataclass(frozen=True)
class Folder:
    """`.psaas/` of a clone: Pulumi's home, the state, the escrow, the appliance's data and two secret files."""

    clone: Path

    @property
    def root(self) -> Path:
        return self.clone / ".psaas"

    @property
    def pulumi_home(self) -> Path:
        return self.root / "pulumi"

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def escrow(self) -> Path:
        return self.root / "escrow"

    @property
    def appliance(self) -> Path:
        return self.root / "appliance"

    @property
    def appliance_log(self) -> Path:
        return self.root / "appliance.log"

    @property
    def client_secret(self) -> Path:
        return self.root / "client-secret"

    @property
    def admin_client_secret(self) -> Path:
        return self.root / "admin-client-secret"

    @property
    def address(self) -> Path:
        """Where the appliance listened last, so that a shell that was told stays right."""
        return self.root / "address"

    @property
    def locks(self) -> Path:
        return self.state / ".pulumi" / "locks" / "organization" / "psaas" / STACK

    @property
    def checkpoint(self) -> Path:
        return self.state / ".pulumi" / "stacks" / "psaas" / f"{STACK}.json"

    @property
    def stack_file(self) -> Path:
        return self.clone / "stacks" / f"Pulumi.{STACK}.yaml"

    def create(self) -> None:
        for folder in (self.root, self.pulumi_home, self.state, self.appliance):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def remove(self) -> None:
        shutil.rmtree(self.root, ignore_errors=False)
