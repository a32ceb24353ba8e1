"""`psaas escrow list|recover`: one-time credentials that wait for the state, and a way to get one out."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from psaas.arguments import Json, Stack, Tenant
from psaas.exits import DONE, LOOK
from psaas.output import Output

if TYPE_CHECKING:
    from psaas_resources.escrow import Escrow

Wanted = Annotated[Path, typer.Option("--output", metavar="FILE", help="The file to write (mode 0600), a new one.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="One-time credentials that wait for the state.")
    group.command("list")(list_entries)
    group.command("recover")(recover)
    app.add_typer(group, name="escrow")


def list_entries(stack: Stack, as_json: Json = False) -> int:
    """List the entries that wait for the state, without their contents.

    An entry waits from the appliance's answer until a later run has seen its credential in the state. So some after an
    update are nothing to worry about; the next run settles them.

    **Examples**

    ```
    psaas escrow list --stack prod
    psaas escrow list --stack prod --json | jq -r '.[].tenant'
    ```

    Exit status: 0 every entry can be opened here, 1 one can't.
    """
    from psaas_resources import escrow_by_hand

    out = Output(as_json=as_json)
    found = escrow_by_hand.waiting(_escrow(stack))
    out.document([asdict(entry) for entry in found])
    rows = [(one.tenant, one.reason, one.written_at, one.key_id, _opens(one.problem)) for one in found]
    if rows:
        out.table(("TENANT", "REASON", "WRITTEN AT", "KEY ID", "OPENS"), rows, styles={"yes": "green"})
    else:
        out.line("nothing waits")
    return LOOK if any(one.problem for one in found) else DONE


def recover(tenant: Tenant, stack: Stack, output: Wanted, as_json: Json = False) -> int:
    """Write an entry's credential to a file, so that the tenant can be taken over by hand.

    For the day that the state is lost for good. The entry stays in the escrow, and the file is for `adopt: true`.

    **Example**

    ```
    psaas escrow recover customer-1 --stack prod --output customer-1.json
    PSAAS_CREDENTIALS_FILE=customer-1.json pulumi up
    ```

    Exit status: 0 it is written, 1 there is no such entry, or it can't be opened or written.
    """
    from psaas_resources import escrow_by_hand

    out = Output(as_json=as_json)
    escrow_by_hand.recover(_escrow(stack), tenant, output)
    out.document({"tenant": tenant, "output": str(output)})
    out.line(escrow_by_hand.next_steps(tenant, output))
    return DONE


def _opens(problem: str) -> str:
    return f"no: {problem}" if problem else "yes"


def _escrow(stack: str) -> Escrow:
    from psaas_resources import escrow_by_hand

    return escrow_by_hand.of_stack(stack, root=Path(), environment=os.environ)
