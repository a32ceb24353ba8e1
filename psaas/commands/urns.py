"""`psaas urns`: what goes along when a stack is split, one URN a line, for `pulumi state move`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import typer

from psaas.arguments import Json, Stack
from psaas.exits import DONE, LOOK
from psaas.output import Output


def register(app: typer.Typer) -> None:
    app.command("urns")(urns)


def urns(stack: Stack, as_json: Json = False) -> int:
    """Print the URNs of all resources that belong to the tenants of a stack file, as another stack's state has them.

    Standard input is that state, as `pulumi stack export` prints it. Nothing is changed. The answer is for
    `pulumi state move`: see "A stack is split" in docs/operations.md.

    **Examples**

    ```
    pulumi stack export --stack prod > prod.json
    psaas urns --stack prod-2 < prod.json
    ```

    Exit status: 0 every tenant of the stack file is in that state, 1 one of them is not.
    """
    from psaas_resources import moving, stack_files
    from psaas_resources.errors import WrongUse

    out = Output(as_json=as_json)
    fleet = stack_files.read(stack, stack_files.from_disk(Path()))
    if sys.stdin.isatty():
        raise WrongUse(f"give the other stack's state: pulumi stack export --stack OTHER | psaas urns --stack {stack}")
    try:
        export = json.load(sys.stdin)
    except ValueError:
        export = None
    names = [*(entry.name for entry in fleet.tenants), *(entry.name for entry in fleet.retired)]
    found = moving.belongings(export, names, rta=fleet.domain)
    out.document({"urns": found.urns, "missing": found.missing, "shared": found.shared})
    for urn in found.shared:
        out.warning(f"{urn} needs tenants of both stacks; it stays, and the next update of its stack sees to it")
    if found.missing:
        out.error(f"that state has no tenant {', '.join(found.missing)} of {fleet.domain}: nothing is to be moved yet")
        return LOOK
    for urn in found.urns:
        out.line(urn)
    return DONE
