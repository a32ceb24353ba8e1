"""What `pulumi` must be given to use this clone's own home, state and appliance. Knows names of variables only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from local.appliance import Running
from local.folder import Folder
from psaas_resources import settings

# Known to everybody, like the stack itself: it protects a state that holds credentials of a local appliance.
PASSPHRASE = "local"  # noqa: S105
# Whatever the user's shell says about their own Pulumi account does not count here.
PULUMIS_OWN = ("PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_STACK")
# Nor what it says of their own appliance, but for these: they lead no run to another one.
_SINKS = "PSAAS_SINK_"
_OF_A_RUN = (
    "PSAAS_EXPECTED_SINK", "PSAAS_ALLOW_DELETE", "PSAAS_ACCEPT_ABSENT", "PSAAS_CREDENTIALS", "PSAAS_CREDENTIALS_FILE",
    "PSAAS_TIMEOUT_SECONDS", "PSAAS_LIVENESS",
)  # fmt: skip


def users_own(changes: Mapping[str, str]) -> tuple[str, ...]:
    """What a shell must unset before it works by hand on the local stack, beside setting `changes`."""
    others = {name for name in settings.variables() if not _counts(name)}
    return (*PULUMIS_OWN, *sorted(others - {*changes}))


def ignored(changes: Mapping[str, str]) -> list[str]:
    """The variables for an appliance that are set here and don't count on the local stack."""
    given = (name for name in os.environ if name.startswith("PSAAS_") and not _counts(name))
    return sorted(name for name in given if os.environ[name] and os.environ[name] != changes.get(name))


def _counts(name: str) -> bool:
    return name.startswith(_SINKS) or name in _OF_A_RUN


def variables(folder: Folder, appliance: Running, engine_bin: Path) -> dict[str, str]:
    """The variables that differ from the user's own environment. Secrets are named by file, never by value."""
    return {
        "PATH": f"{engine_bin}{os.pathsep}{os.environ.get('PATH', '')}",
        "PULUMI_HOME": str(folder.pulumi_home),
        # Without side files, of which a run that is killed may leave an empty one that no command can read.
        "PULUMI_BACKEND_URL": f"{folder.state.as_uri()}?metadata=skip",
        # The state is written once, at the end: until then credentials are in the escrow, which lies beside it.
        "PULUMI_EXPERIMENTAL": "true",
        "PULUMI_SKIP_CHECKPOINTS": "true",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PSAAS_CONNECT_TO": appliance.address,
        "PSAAS_CA_BUNDLE": appliance.ca,
        "PSAAS_CLIENT_SECRET_FILE": str(folder.client_secret),
        "PSAAS_ADMIN_CLIENT_SECRET_FILE": str(folder.admin_client_secret),
        "PSAAS_ESCROW_DIR": str(folder.escrow),
        "PSAAS_ESCROW_DURABLE": "true",
    }


def write_secrets(folder: Folder, appliance: Running) -> None:
    """Put the appliance's credentials into files that only the user can read."""
    for file, secret in (
        (folder.client_secret, appliance.client_secret),
        (folder.admin_client_secret, appliance.admin_client_secret),
    ):
        file.touch(mode=0o600)
        file.write_text(secret + "\n", encoding="utf-8")


def complete(changes: Mapping[str, str]) -> dict[str, str]:
    """The whole environment for a child process."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in PULUMIS_OWN and (_counts(name) or not name.startswith("PSAAS_"))
    }  # fmt: skip
    return inherited | dict(changes)
