"""The state of a stack with its secrets open, by the `pulumi` command. Knows how that fails; repeats no output.

Needs what every update needs: the state's backend and its passphrase or key service.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from ..rules import printable

SECONDS = 300.0


def opened(stack: str, *, root: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """`pulumi stack export --show-secrets`. Raises ConfigError with the way out."""
    command = ["pulumi", "stack", "export", "--show-secrets", "--stack", stack, "--non-interactive", "--color", "never"]
    try:
        ran = subprocess.run(
            command, cwd=root, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise ConfigError(
            "there is no `pulumi` on PATH, which opens the state; `make engine` prints the folder of one"
        ) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigError(f"`pulumi stack export` did not end: {type(error).__name__}") from None
    if ran.returncode:
        raise ConfigError(f"the state of stack {printable(stack)} can't be opened: {_why(ran.stderr)}")
    try:
        document = json.loads(ran.stdout)
    except ValueError:
        raise ConfigError("`pulumi stack export` did not print a state; try it by hand") from None
    return dict(document) if isinstance(document, dict) else {}


def _why(said: str) -> str:
    if "passphrase" in said:
        return "its passphrase is missing or wrong; set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE"
    if "no stack named" in said:
        return "there is no such stack in this backend; see `pulumi stack ls`; `pulumi login` chooses another"
    lines = [line.removeprefix("error: ") for line in said.splitlines() if line.strip()]
    return printable(lines[-1] if lines else "the engine gives no reason")
