"""Checks of this machine: the escrow, the engine, the state's backend, the stack and its passphrase."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

from psaas_resources import escrow
from psaas_resources.errors import ConfigError, PsaasError
from psaas_resources.handover import exports
from psaas_resources.rules import printable

from .finding import Finding, bad, doubtful, good
from .subject import Subject

SECONDS = 60.0
GOES_AWAY = ("tmpfs", "ramfs")
OF_A_CONTAINER = ("overlay", "aufs")


def escrow_writable(subject: Subject) -> Finding:
    """Whether a one-time credential could be kept right now: an entry is written, and removed again."""
    try:
        escrow.of(subject.settings).probe()
    except PsaasError as error:
        mend = "no tenant is made before this is mended; docs/operations.md has the choices"
        return bad("escrow", str(error), mend, store=_store(subject), writable=False)
    return good("escrow", f"an entry was written to the {_store(subject)} and removed", store=_store(subject),
                writable=True)  # fmt: skip


def escrow_durable(subject: Subject) -> Finding:
    """Whether what is written there stays when the machine or the job is over."""
    name, store = "escrow-durable", _store(subject)
    if store != "directory":
        return good(name, f"the {store} outlives this machine", store=store)
    kind = _file_system(subject.settings.escrow_dir)
    facts: dict[str, Any] = {"store": store, "file_system": kind, "declared": subject.settings.escrow_durable}
    where = f"{subject.settings.escrow_dir} is on {kind or 'a file system that is not known'}"
    mend = "name a directory on a disk in psaas:escrowDir, or a store that stays: psaas:escrow: s3://…"
    if kind in GOES_AWAY:
        return bad(name, f"{where}, which is gone with the next start of this machine", mend, **facts)
    if kind in OF_A_CONTAINER:
        return doubtful(name, f"{where}, which is gone with this container", mend, **facts)
    return good(name, where, **facts)


def engine(subject: Subject) -> Finding:
    """Whether `pulumi` is on PATH, and fits the SDK."""
    try:
        ran = _pulumi(subject, "version")
    except FileNotFoundError:
        mend = "in a clone `make engine` prints the folder to put on PATH, and gets one if need be"
        return bad("engine", "there is no `pulumi` on PATH", mend, found=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return bad("engine", f"`pulumi version` did not run: {type(error).__name__}", "try it by hand", found=False)
    subject.pulumi = printable(ran.stdout.strip().removeprefix("v"), 40)
    sdk = metadata.version("pulumi")
    facts: dict[str, Any] = {"found": True, "sdk": sdk}
    if ran.returncode or not subject.pulumi[:1].isdigit():
        return bad("engine", "`pulumi version` prints no version", "is another program called pulumi?", **facts)
    facts["version"] = subject.pulumi if subject.pulumi.replace(".", "").isalnum() else "another form"
    if subject.pulumi.split(".")[0] != sdk.split(".")[0]:
        mend = "make their first numbers equal"
        return doubtful("engine", f"pulumi {subject.pulumi} with the SDK {sdk}", mend, **facts)
    return good("engine", f"pulumi {subject.pulumi} (SDK {sdk})", **facts)


def backend(subject: Subject) -> Finding:
    """Whether the place of states answers, for whoever is logged in."""
    try:
        ran = _pulumi(subject, "whoami", "--json", "--non-interactive")
    except (OSError, subprocess.TimeoutExpired) as error:
        mend = "is the backend's host reachable from here?"
        return bad("backend", f"`pulumi whoami` did not end: {type(error).__name__}", mend, reachable=False)
    if ran.returncode:
        mend = "`pulumi login …` chooses a backend, or PULUMI_BACKEND_URL names it; is its host reachable from here?"
        return bad("backend", f"no backend: {_last(ran.stderr)}", mend, reachable=False)
    try:
        url = str(json.loads(ran.stdout).get("url", ""))
    except (ValueError, AttributeError):
        url = ""
    scheme = url.partition("://")[0] if "://" in url else "another"
    known = scheme if scheme in ("file", "https", "s3", "gs", "azblob") else "another"
    return good("backend", url.split("?")[0] or "answers", reachable=True, scheme=known)


def stack(subject: Subject) -> Finding:
    """Whether the backend has a state of this stack."""
    try:
        ran = _pulumi(subject, "stack", "export", "--stack", subject.stack, "--non-interactive", "--color", "never")
    except (OSError, subprocess.TimeoutExpired) as error:
        return bad("stack", f"`pulumi stack export` did not end: {type(error).__name__}", "try it by hand", there=False)
    if "no stack named" in ran.stderr:
        mend = f"`pulumi stack init {subject.stack}` makes it, or choose the backend that has it"
        unmade = doubtful("stack", f"the backend has no stack {subject.stack} yet", mend, there=False)
        return replace(unmade, stops=True)  # it has no passphrase yet
    if ran.returncode:
        mend = "run it in the project's folder; try `pulumi stack export` by hand"
        return bad("stack", f"its state can't be read: {_last(ran.stderr)}", mend, there=False)
    return good("stack", f"the backend has the stack {subject.stack}", there=True)


def passphrase(subject: Subject) -> Finding:
    """Whether the state opens here. What is in it is not kept."""
    try:
        exports.opened(subject.stack, root=subject.root, environment=subject.environment)
    except ConfigError as error:
        mend = "the passphrase, or the key service of `secretsprovider`, is the one the stack was made with"
        return bad("passphrase", str(error), mend, opens=False)
    return good("passphrase", "the state opens here", opens=True)


def _store(subject: Subject) -> str:
    given = subject.settings
    return "command" if given.escrow_command else "bucket" if given.escrow_url else "directory"


def _file_system(path: Path) -> str:
    """The kind of the file system that a path is on, or will be; "" where the system doesn't tell."""
    while not path.exists() and path != path.parent:
        path = path.parent
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return ""
    real = path.resolve()
    holding = [row for row in mounts if len(row) > 2 and real.is_relative_to(row[1].replace("\\040", " "))]
    return max(holding, key=lambda row: len(row[1]))[2] if holding else ""


def _pulumi(subject: Subject, *arguments: str) -> subprocess.CompletedProcess[str]:
    given = {**subject.environment, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    return subprocess.run(
        ["pulumi", *arguments], cwd=subject.root, env=given, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=SECONDS, check=False,
    )  # fmt: skip


def _last(said: str) -> str:
    """The engine's own reason: its last line that begins with "error", or else its last."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return printable((errors or lines or ["it gives no reason"])[-1])
