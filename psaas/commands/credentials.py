"""`psaas credentials`: a tenant's credential in the form that a team's tool reads, to a file or a pipe."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from psaas.arguments import Json, Stack, Tenant
from psaas.exits import DONE
from psaas.output import Output
from psaas_resources.errors import WrongUse

Form = Literal["env", "dotenv", "json", "terraform", "pulumi", "deploy-cli", "kubernetes", "vault"]
Wanted = Annotated[Form, typer.Option("--format", help="What the reader reads.")]
All = Annotated[bool, typer.Option("--all", help="Every tenant of the stack, into the folder of --output.")]
Place = Annotated[
    Path | None, typer.Option("--output", metavar="PATH", help="A file (mode 0600), or with --all a folder.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]
Shown = Annotated[bool, typer.Option("--to-terminal", help="Show the secret, also where a terminal would keep it.")]
Root = Annotated[bool, typer.Option("--root", help="The tenant's own, also where its team has an application.")]


def register(app: typer.Typer) -> None:
    app.command("credentials")(credentials)


def credentials(
    stack: Stack, form: Wanted, tenant: Tenant = "", every: All = False, output: Place = None, force: Force = False,
    to_terminal: Shown = False, root: Root = False, as_json: Json = False,
) -> int:  # fmt: skip
    """Hand tenants over: their credentials from the state, exactly as Terraform, Pulumi, Kubernetes, … read them.

    To a file that only you can read, or a pipe; never to a terminal by accident. A tenant whose team has an application
    of its own (`managementClient`) is handed over with that one; --root asks for the tenant's own. The state is opened
    by `pulumi`, so its backend and passphrase must be set.

    **Examples**

    ```
    psaas credentials customer-1 --stack prod --format terraform --output customer-1.terraform.sh
    psaas credentials customer-1 --stack prod --format vault | curl … --data @- https://vault.example.com/v1/…
    psaas credentials --all --stack prod --format dotenv --output handover/
    ```

    Exit status: 0 handed over, 1 a person must mend something.
    """
    from psaas_resources import handover

    out = Output(as_json=as_json)
    if bool(tenant) == every:
        raise WrongUse("name one tenant, or say --all")
    if as_json and output is None:
        raise WrongUse("--json tells about files that were written; for a credential as JSON say --format json")
    request = handover.Request(stack, form, tenant, output, force, to_terminal, root)
    told = handover.hand_over(request, sys.stdout)
    out.document({"stack": stack, "format": form, "output": str(output), "told": told})
    for line in told if not as_json else ():
        out.say(line)
    return DONE
