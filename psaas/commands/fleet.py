"""`psaas fleet`: all tenants of all stacks, in a terminal, as JSON, or as one HTML page."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from psaas.arguments import Json, stack_names
from psaas.exits import DONE, LOOK
from psaas.output import Output

if TYPE_CHECKING:
    from review.fleet import FleetView
    from review.fleet.assembly import Source

Stacks = Annotated[
    list[str] | None,
    typer.Option("--stack", metavar="NAME", help="This stack only; repeatable.", autocompletion=stack_names),
]
NoState = Annotated[bool, typer.Option("--no-state", help="Don't open any state: no engine, and an answer at once.")]
Inventory = Annotated[
    Path | None,
    typer.Option("--inventory", metavar="FOLDER", help="Published inventories, for stacks whose state isn't opened."),
]
LookToo = Annotated[
    bool, typer.Option("--look", help="Ask the appliances too, and every tenant's domain; nothing is changed.")
]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write one page for a browser there.")]


def register(app: typer.Typer) -> None:
    app.command("fleet")(fleet)


def fleet(
    stack: Stacks = None, no_state: NoState = False, inventory: Inventory = None, look: LookToo = False,
    html: Html = None, as_json: Json = False,
) -> int:  # fmt: skip
    """Show every tenant of every stack: owners, domain, readiness, age of its credential, drift, and what comes next.

    Read are the stack files, the states of stacks whose backend and passphrase are here, and inventories that deploys
    have published. What could not be read is told for each stack. Drift is what the last refresh has noted; with --look
    it is that of this moment. No secret is read or shown.

    **Examples**

    ```
    psaas fleet
    psaas fleet --look --html fleet.html
    psaas fleet --no-state --inventory inventories/
    psaas fleet --json | jq -r '.tenants[] | select(.needsALook) | .name'
    ```

    The template stacks/Pulumi.example.yaml is left out, unless --stack names it.

    Exit status: 0 all is well; 1 a tenant needs a look, a stack's files have mistakes, --look could not be made
    somewhere, or there is no stack file.
    """
    from psaas_resources import stack_files, validation
    from psaas_resources.errors import ConfigError
    from review.fleet import assembled, rows, sources

    out = Output(as_json=as_json)
    root = Path()
    wanted = sources.Wanted(root, tuple(stack or ()), not no_state, inventory)
    names = sources.stacks_in(stack_files.from_disk(root), wanted.stacks)
    if not names:
        template = root / stack_files.path_of(stack_files.TEMPLATE)
        only = " but the template, which is there to be copied" if template.is_file() else ""
        raise ConfigError(validation.nothing_below(root) + only)
    with out.progress("stacks", len(names)) as step:
        found = sources.read(wanted, step)
    if look:
        found = _looked_at(found, root, out)
    view = assembled(found, at=datetime.now(UTC), every_stack=not stack)
    if html:
        _write(html, view, out)
    out.document(rows.document(view))
    _show(view, out)
    return DONE if view.good else LOOK


def _looked_at(found: list[Source], root: Path, out: Output) -> list[Source]:
    """The same, with a look at each appliance; one that can't be asked is a gap of its stack."""
    from psaas_resources import fleet_look, stack_files
    from psaas_resources.errors import PsaasError
    from review.fleet import Looked, assembled, sources

    files = stack_files.from_disk(root)
    looked: list[Source] = []
    for one in found:
        if one.only_an_application:
            looked.append(one)
            continue
        tenants = assembled([one], at=datetime.now(UTC), every_stack=False).tenants
        domains = {tenant.name: tenant.domain for tenant in tenants if tenant.domain and tenant.ready in ("yes", "no")}
        with out.progress(f"tenants of {one.declared.stack}", len(domains)) as step:
            try:
                seen = fleet_look.look(one.declared.stack, files, domains, environment=os.environ, each=step)
                looked.append(sources.with_look(one, Looked(seen.listed, seen.served), ""))
            except PsaasError as error:
                looked.append(sources.with_look(one, None, str(error)))
    return looked


def _write(file: Path, view: FleetView, out: Output) -> None:
    from psaas_resources.errors import ConfigError
    from review.fleet import page

    try:
        file.write_text(page.render(view), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{file} can't be written: {error.strerror}") from None
    out.say(f"wrote {file}")


def _show(view: FleetView, out: Output) -> None:
    from review.fleet import rows

    if view.tenants:
        styles = {"yes": "green", "nobody holds it": "dim", "not yet made": "dim", "not known": "dim"}
        cells = [rows.cells(tenant, view.at) for tenant in view.tenants]
        out.table(rows.COLUMNS, cells, styles=styles, least=rows.LEAST)
    for stack in view.stacks:
        out.say(rows.stack_line(stack))
    out.say(rows.counts(view))
