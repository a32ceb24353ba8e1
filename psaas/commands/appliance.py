"""`psaas appliance up|down|status|env`: the local appliance of this folder, to try things with."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from pathlib import Path

import typer

from psaas.arguments import Json
from psaas.exits import DONE, LOOK
from psaas.output import Output


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="A local appliance that stands for a real one, to try things with.")
    for command in (up, down, status, env):
        group.command(command.__name__)(command)
    app.add_typer(group, name="appliance")


def up(as_json: Json = False) -> int:
    """Start the local appliance of this folder, or find it running. Its data is in .psaas/appliance.

    It listens on loopback, outlives this command, and knows nothing of real appliances. `make up` in a clone starts the
    same one, and runs an update of the stack `local` too.

    **Examples**

    ```
    psaas appliance up
    eval "$(psaas appliance env)"
    ```

    Exit status: 0 it is up, 1 it did not start.
    """
    from local import appliance, environment
    from local.folder import Folder

    out, folder = Output(as_json=as_json), Folder(Path.cwd())

    def start() -> int:
        folder.create()
        began, was_up = time.monotonic(), appliance.running(folder) is not None
        running = appliance.start(folder)
        environment.write_secrets(folder, running)
        took = "found" if was_up else f"started in {time.monotonic() - began:.1f} s"
        out.document({"running": True, "address": running.address, "pid": running.pid, "ca": running.ca})
        out.line(f"appliance: {took}, at {running.address} (process {running.pid}, data in .psaas/appliance)")
        return DONE

    return _told(out, start)


def down(as_json: Json = False) -> int:
    """Stop the local appliance; everything that it knows stays on disk.

    **Example**

    ```
    psaas appliance down
    ```

    Exit status: 0 it is not running now, 1 it did not end.
    """
    from local import appliance
    from local.folder import Folder

    out = Output(as_json=as_json)

    def stop() -> int:
        stopped = appliance.stop(Folder(Path.cwd()))
        out.document({"running": False, "stopped": stopped})
        out.line("appliance: stopped; what it knows stays" if stopped else "appliance: was not running")
        return DONE

    return _told(out, stop)


def status(as_json: Json = False) -> int:
    """Tell whether the local appliance of this folder runs, and where.

    **Examples**

    ```
    psaas appliance status
    psaas appliance status --json | jq -r .address
    ```

    Exit status: 0 it runs, 1 it doesn't.
    """
    from local import appliance
    from local.folder import Folder

    out = Output(as_json=as_json)
    found = appliance.running(Folder(Path.cwd()))
    if found is None:
        out.document({"running": False})
        out.line("appliance: not running; `psaas appliance up` starts it")
        return LOOK
    out.document({"running": True, "address": found.address, "pid": found.pid, "ca": found.ca})
    out.line(f"appliance: running at {found.address} (process {found.pid})")
    return DONE


def env(as_json: Json = False) -> int:
    """Print what a shell needs to run `pulumi` and `psaas` on the local appliance by hand.

    Backend, passphrase and home are those of this folder's .psaas/, never your own. Secrets are named by file.

    **Example**

    ```
    eval "$(psaas appliance env)"
    pulumi stack select --create local && pulumi up
    ```

    Exit status: 0 printed, 1 the appliance is not up, or there is no `pulumi`.
    """
    import engine
    from local import appliance, environment
    from local.folder import Folder

    out, folder = Output(as_json=as_json), Folder(Path.cwd())
    running, found = appliance.running(folder), engine.find()
    if running is None:
        out.error("the local appliance is not running; `psaas appliance up` starts it")
        return LOOK
    if found is None:
        out.error("there is no `pulumi` here; in a clone `make engine` gets one, or see the vendor's page")
        return LOOK
    variables = environment.variables(folder, running, found.bin_folder)
    unset = environment.users_own(variables)
    out.document({"set": variables, "unset": unset})
    for name, value in variables.items():
        out.line(f"export {name}={shlex.quote(value)}")
    out.line(f"unset {' '.join(unset)}")
    return DONE


def _told(out: Output, act: Callable[[], int]) -> int:
    from local.appliance import ApplianceError

    try:
        return act()
    except ApplianceError as error:
        out.error(f"{error}\nis it installed? `pip install 'psaas-tenants[appliance]'`, or `make venv` in a clone")
        return LOOK
