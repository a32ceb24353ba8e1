"""A project folder with an empty stack, ready for one program. Knows links and what `pulumi stack init` leaves."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chaos.own_appliance import ROOT

NAME = "bench"
STACK_FILE = f"Pulumi.{NAME}.yaml"


@dataclass(frozen=True)
class Ground:
    """`folder` becomes the project; `template` is one whose stack was made, and is copied; made here if it is not."""

    folder: Path
    template: Path
    engine_bin: Path

    def prepared(self, program: Path, variables: Mapping[str, str]) -> dict[str, str]:
        """Link the project and its program, with an empty stack; the environment in which `pulumi` runs it."""
        environment = self._environment(self.folder) | dict(variables)
        if not self.template.exists():
            self._make_template()
        _link(self.folder, program)
        shutil.copytree(self.template / "state", self.folder / "state")
        shutil.copy(self.template / "stacks" / STACK_FILE, self.folder / "stacks")
        return environment

    def _make_template(self) -> None:
        """`pulumi stack init` takes more than a second, and leaves the same each time."""
        self.template.mkdir()
        _link(self.template, ROOT / "__main__.py")
        (self.template / "state").mkdir()
        subprocess.run(
            ["pulumi", "stack", "init", NAME, "--non-interactive"], cwd=self.template,
            env=self._environment(self.template), check=True, stdin=subprocess.DEVNULL, capture_output=True,
        )  # fmt: skip

    def _environment(self, folder: Path) -> dict[str, str]:
        return without_users_own() | {
            "PATH": f"{self.engine_bin}{os.pathsep}{os.environ.get('PATH', '')}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"{(folder / 'state').as_uri()}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }


def _link(folder: Path, program: Path) -> None:
    for name in ("psaas_resources", "bench", ".venv", "Pulumi.yaml"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "__main__.py").symlink_to(program)
    for name in ("stacks/tenants", "home"):
        (folder / name).mkdir(parents=True)


def without_users_own() -> dict[str, str]:
    """The environment without anybody's own settings of Pulumi and of this project."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "PSAAS_"))}
