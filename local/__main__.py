"""The commands behind `make up`, `make preview` and the others: `python -m local COMMAND`. Talks to people."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import engine
from engine.__main__ import Terminal
from local import appliance, environment, pulumi
from local.appliance import ApplianceError
from local.folder import STACK, Folder

PENDING = (
    "\nThe warning about pending operations is of a run that was killed. All of them are settled: each tenant was\n"
    "found in the escrow, or made. To confirm it to the engine:\n"
    '  eval "$(make -s env)"; pulumi refresh --yes --run-program --clear-pending-creates'
)
Step = Callable[[Folder], int]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m local", description="Runs this clone's stack `local`.")
    parser.add_argument("command", choices=COMMANDS)
    command = parser.parse_args(arguments).command
    try:
        return COMMANDS[command](Folder(Path(__file__).resolve().parent.parent))
    except (ApplianceError, engine.NoEngineError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def up(folder: Folder) -> int:
    """Everything from nothing to tenants, then a table of them."""
    variables = _prepared(folder)
    _say("update: `pulumi up` of stacks/Pulumi.local.yaml")
    refresh = ["--refresh"] if os.environ.get("REFRESH") else []
    options = ["--yes", "--skip-preview", "--suppress-outputs", "--continue-on-error", *refresh]
    status = _pulumi(folder, variables, "up", *options)
    if status == 0:
        _print_tenants(folder, variables)
        if pulumi.has_pending_creations(folder):
            _say(PENDING)
    return _explained(folder, status)


def preview(folder: Folder) -> int:
    """What the next update would do."""
    return _explained(folder, _pulumi(folder, _prepared(folder), "preview", "--diff", "--suppress-outputs"))


def refresh(folder: Folder) -> int:
    """Look whether the appliance still is what the state says; changes nothing there."""
    return _pulumi(folder, _prepared(folder), "refresh", "--run-program", "--preview-only", "--suppress-outputs")


def review(folder: Folder) -> int:
    """What the next update would do, judged; the exit status is the verdict."""
    return _reviewer(folder, "review", "preview")


def drift(folder: Folder) -> int:
    """Whether the appliance is what the state says, judged; the exit status is the verdict."""
    return _reviewer(folder, "drift")


def env(folder: Folder) -> int:
    """For `eval`: what a shell needs to run `pulumi` by hand on the local stack."""
    variables = _prepared(folder)
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")
    print(f"unset {' '.join(environment.users_own(variables))}")
    return 0


def escrow(folder: Folder) -> int:
    """The credentials that wait for the state."""
    command = [sys.executable, "-m", "psaas_resources", "escrow", "list", "--stack", STACK]
    environment_ = environment.complete(_prepared(folder))
    return subprocess.run(command, cwd=folder.clone, env=environment_, check=False).returncode


def down(folder: Folder) -> int:
    """Stop the appliance; what it knows, and the state, stay."""
    stopped = appliance.stop(folder)
    _say("the local appliance is stopped; `make up` starts it again, `make clean` forgets all" if stopped
         else "the local appliance was not running")  # fmt: skip
    return 0


def clean(folder: Folder) -> int:
    """Stop the appliance and remove its tenants, the local state and the escrow."""
    if not folder.root.exists():
        _say("nothing to clean")
        return 0
    appliance.stop(folder)
    folder.remove()
    _say("the local appliance's data, state and escrow are removed (.venv and the engine stay)")
    return 0


COMMANDS: Mapping[str, Step] = {
    "up": up, "preview": preview, "refresh": refresh, "review": review, "drift": drift,
    "env": env, "escrow": escrow, "down": down, "clean": clean,
}  # fmt: skip


def _prepared(folder: Folder) -> dict[str, str]:
    """Engine, appliance and stack, each made or found; returns the variables to use them with."""
    found = _engine()
    folder.create()
    began = time.monotonic()
    was_up = appliance.running(folder) is not None
    running = appliance.start(folder)
    state = "found" if was_up else f"started in {time.monotonic() - began:.1f} s"
    _say(f"appliance: {state}, at {running.address} (process {running.pid}, data in .psaas/appliance)")
    environment.write_secrets(folder, running)
    variables = environment.variables(folder, running, found.bin_folder)
    if ignored := environment.ignored(variables):
        _say(f"environment: not used on the local stack: {', '.join(ignored)}")
    if problem := pulumi.lock_problem(folder):
        raise ApplianceError(problem)
    if pulumi.has_stale_lock(folder):
        _say("lock: the process that held it is gone, so it is lifted (`pulumi cancel`)")
        _pulumi(folder, variables, "cancel", "--yes", quiet=True)
    status = _pulumi(folder, variables, "stack", "select", "--create", quiet=True)
    if status:
        raise ApplianceError(f"the stack {STACK} can't be selected in {folder.state}; `make clean` starts anew")
    return variables


def _engine() -> engine.Engine:
    """The engine that is there, in a line; or one that is had now, each step told."""
    if found := engine.find():
        _say(f"engine: pulumi {found.version}, from {found.bin_folder}")
        return found
    terminal = Terminal(sys.stderr)
    try:
        return engine.obtain(report=terminal.report, progress=terminal.progress())
    finally:
        terminal.clear()


def _pulumi(folder: Folder, variables: Mapping[str, str], *command: str, quiet: bool = False) -> int:
    """Run `pulumi` on the local stack, its output going where ours goes."""
    return pulumi.run(
        [*command, "--stack", STACK], folder=folder, environment=environment.complete(variables), quiet=quiet
    )


def _reviewer(folder: Folder, *command: str) -> int:
    """The report: laid out for reading on a terminal, Markdown elsewhere."""
    variables = _prepared(folder)
    module = ["psaas", *command] if sys.stdout.isatty() else ["review", command[-1]]
    arguments = [sys.executable, "-m", *module, "--stack", STACK]
    return subprocess.run(arguments, cwd=folder.clone, env=environment.complete(variables), check=False).returncode


def _explained(folder: Folder, status: int) -> int:
    """Pulumi says how to get around its protection; here is what to do instead."""
    if status and (names := pulumi.left_the_list(folder)):
        _say(
            f"\n{', '.join(names)} left the list while `deletion` is refuse. To let go of a tenant, move its name to "
            "psaas:retired in the same change. Without retiring it takes two: list it again with `deletion: forget`, "
            "run `make up`, then take it off. README: Removing a tenant"
        )
    return status


def _print_tenants(folder: Folder, variables: Mapping[str, str]) -> None:
    result = subprocess.run(
        ["pulumi", "stack", "output", "--json", "--stack", STACK],
        cwd=folder.clone,
        env=environment.complete(variables),
        capture_output=True,
        check=True,
    )
    tenants: dict[str, dict[str, Any]] = json.loads(result.stdout).get("tenants", {})
    rows = [("TENANT", "DOMAIN", "CLIENT ID", "READY")]
    for name, tenant in tenants.items():
        ready = "yes" if tenant["ready"] else f"no: {tenant['problem']}"
        rows.append((name, tenant["domain"], tenant["clientId"] or "-", ready))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    print()
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]))
    print(
        "\nTry next:\n"
        "  add a tenant to stacks/Pulumi.local.yaml, then   make preview   and   make up\n"
        '  eval "$(make -s env)"; pulumi stack output tenants\n'
        "  make down   (stops the local appliance)"
    )


def _say(text: str) -> None:
    """A line about what is being done. On stderr, so that the output of `make -s env` can be evaluated."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
