"""npm's `auth0-deploy-cli`, pinned by the lock file of tests/tools, in the user's cache folder; fetched where it isn't.

Knows how it finds a local appliance; nothing of what is measured.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from chaos.own_appliance import ROOT, OwnAppliance

PINS = ROOT / "tests" / "tools" / "node"
FETCH_SECONDS = 300


class NotHere(Exception):
    """The tool can't be had on this machine; the message says why."""


def installed() -> Path:
    """The command. Raises NotHere."""
    if missing := [name for name in ("node", "npm") if shutil.which(name) is None]:
        raise NotHere(f"there is no `{missing[0]}` on PATH")
    digest = hashlib.sha256(b"".join((PINS / name).read_bytes() for name in ("package.json", "package-lock.json")))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "psaas" / "tools" / f"node-{digest.hexdigest()[:16]}"
    if not (folder / "done").exists():
        _fetch(folder)
    return folder / "node_modules" / ".bin" / "a0deploy"


def _fetch(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PINS / name, folder / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=FETCH_SECONDS)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise NotHere("npm could not fetch auth0-deploy-cli") from None
    (folder / "done").touch()


def variables(appliance: OwnAppliance) -> dict[str, str]:
    """What it must be given to act on client grants of the RTA alone, and to delete none."""
    admin = appliance.described["admin"]
    return {
        "NODE_OPTIONS": f"--require={PINS / 'at_loopback.cjs'}",
        "NODE_EXTRA_CA_CERTS": appliance.described["ca"],
        "APPLIANCE_PORT": appliance.described["address"].rpartition(":")[2],
        "AUTH0_DOMAIN": appliance.rta,
        "AUTH0_CLIENT_ID": admin["client_id"],
        "AUTH0_CLIENT_SECRET": admin["client_secret"],
        "AUTH0_INCLUDED_ONLY": '["clientGrants"]',
        "AUTH0_ALLOW_DELETE": "false",
    }
