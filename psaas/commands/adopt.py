"""`psaas adopt`: tenants that exist already go under management, hundreds at once, and nothing of them is changed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from psaas.arguments import Json, Stack
from psaas.exits import DONE, LOOK
from psaas.output import Output

if TYPE_CHECKING:
    from psaas_resources.adoption import Plan

Names = Annotated[
    list[str] | None, typer.Argument(metavar="TENANT", help="Names of tenants that exist on the appliance.")
]
All = Annotated[bool, typer.Option("--all", help="Every tenant that is listed.")]
Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="PATTERN", help="Names that match, as 'customer-*'; repeatable.")
]
Except = Annotated[
    list[str] | None, typer.Option("--except", metavar="PATTERN", help="All but names that match; repeatable.")
]
From = Annotated[
    str,
    typer.Option(
        "--from", metavar="FILE", help="A CSV or JSON of names and, optionally, credentials, owners and labels, in the "
        "place of the appliance's list; all of it is taken, unless you choose. '-' is standard input.",
    ),
]  # fmt: skip
Into = Annotated[
    str,
    typer.Option(
        "--into", metavar="FILE", help="The file below stacks/ for new entries; default: the stack file, and for more "
        "than 20 stacks/existing/STACK.yaml.",
    ),
]  # fmt: skip
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be written, as a diff, and change nothing.")]
Report = Annotated[bool, typer.Option("--report", help="Only list the tenants that no stack file knows.")]
MOST_SHOWN = 10


def register(app: typer.Typer) -> None:
    app.command("adopt")(adopt)


def adopt(
    stack: Stack, tenants: Names = None, everything: All = False, only: Only = None, without: Except = None,
    source: From = "", into: Into = "", dry_run: DryRun = False, report: Report = False, as_json: Json = False,
) -> int:  # fmt: skip
    """Write stack-file entries for tenants that exist already, so that the next update takes them over.

    Credentials go into the escrow, and into no file. The appliance is only read here, and `pulumi up` then sends it no
    request that changes anything. Run it again whenever you like: what is there already stays as it is.

    **Examples**

    ```
    psaas adopt --stack prod --report
    psaas adopt --stack prod --only 'customer-*' --dry-run
    psaas adopt --stack prod --from tenants.csv && pulumi preview
    ```

    A CSV begins with a line of headers: name,client_id,client_secret,owners,labels. A tenant whose credential nobody
    holds is listed and watched (`adopt: inventory`), and may get one later, by the same command.

    Exit status: 0 done, or everything is known; 1 some that were asked for are left out, or --report found tenants.
    """
    from psaas_resources import adoption

    out = Output(as_json=as_json)
    if report:
        return _report(stack, out)
    names = tuple(tenants or ())
    wanted = adoption.Wanted(names, everything, tuple(only or ()), tuple(without or ()))
    given = _read(source) if source else None
    if given and wanted.nothing:
        wanted = adoption.Wanted(everything=True)
    into = os.path.relpath(into).replace(os.sep, "/") if into else ""
    with out.waiting("asking the appliance for its tenants"):
        plan = adoption.plan(adoption.Request(stack, wanted, given, into))
    if not dry_run:
        with out.progress("credentials into the escrow", len(plan.credentials)) as step:
            plan.carry_out(lambda _: step())
    out.document(_document(plan, dry_run=dry_run))
    _tell(plan, out, dry_run=dry_run)
    if plan.credentials and source not in ("", "-"):
        _about_the_list(Path(source), out)
    return LOOK if plan.needs_a_person else DONE


def _report(stack: str, out: Output) -> int:
    from psaas_resources import adoption

    with out.waiting("asking the appliance for its tenants"):
        found = adoption.unknown(stack, root=Path(), environment=os.environ)
    rows = [(tenant.name, ", ".join(tenant.owners)) for tenant in found.tenants]
    document = {"appliance": found.rta, "listed": found.listed}
    out.document({**document, "unknown": [{"name": t.name, "owners": t.owners} for t in found.tenants]})
    if rows:
        out.table(("TENANT", "OWNERS"), rows)
    many = "1 tenant is" if len(rows) == 1 else f"{len(rows)} tenants are"
    out.say(f"{many} in no stack file, of {found.listed} that {found.rta} lists")
    return LOOK if rows else DONE


def _read(source: str) -> tuple[str, str]:
    """The list's text, and its name."""
    from psaas_resources.errors import ConfigError

    if source == "-":
        return sys.stdin.read(), "standard input"
    try:
        return Path(source).read_text(encoding="utf-8"), source
    except OSError as error:
        raise ConfigError(f"{source}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{source}: is not text in UTF-8") from None


def _about_the_list(file: Path, out: Output) -> None:
    """A file of secrets is somebody's to remove."""
    if file.stat().st_mode & 0o077:
        out.warning(f"{file} holds secrets, and others than you may read it: chmod 600 {file}")
    out.say(f"{file} holds secrets: remove it once the update has taken the tenants over")


def _document(plan: Plan, *, dry_run: bool) -> dict[str, object]:
    return {
        "dryRun": dry_run,
        "adopted": [{"name": entry.name, "adopt": entry.adopt} for entry in plan.new],
        "credentialAdded": list(plan.upgraded),
        "alreadyKnown": list(plan.already),
        "leftOut": [{"name": name, "why": why} for name, why in plan.left_out.items()],
        "unknown": list(plan.unknown),
        "sealed": list(plan.credentials),
        "escrow": plan.escrow_place,
        "comparedWithTheAppliance": not plan.not_compared,
        "files": list(plan.after),
        "diff": plan.diff,
    }


def _tell(plan: Plan, out: Output, *, dry_run: bool) -> None:
    """The diff of a dry run is the answer; all else is talk, but for what was done."""
    if dry_run:
        out.line(plan.diff.rstrip("\n")) if plan.diff else None
    if sealed := len(plan.credentials):
        done = "would be" if dry_run else "is" if sealed == 1 else "are"
        out.say(f"{_counted(sealed, 'credential')} {done} in the escrow {plan.escrow_place}")
    taken = sum(entry.adopt is True for entry in plan.new)
    if plan.new or plan.upgraded:
        with_one, without = taken + len(plan.upgraded), len(plan.new) - taken
        many = f"{_counted(with_one, 'tenant')} with a credential and {_counted(without, 'tenant')} without"
        out.say(f"{many} {'would be' if dry_run else 'are'} declared in {', '.join(plan.after)}")
    if plan.new and plan.not_compared:
        why = plan.not_compared
        out.warning(f"not compared with the appliance's list, so the update finds what isn't there: {why}")
    if known := len(plan.already):
        left = "left as it is" if known == 1 else "left as they are"
        out.say(f"{_counted(known, 'tenant')} known to this stack already: {left}")
    for name, why in plan.left_out.items():
        out.warning(f"{name} is left out: {why}")
    if plan.unknown:
        out.say(f"{_counted(len(plan.unknown), 'tenant')} of the appliance in no stack file: {_some(plan.unknown)}")
    if plan.changes and not dry_run:
        out.say("next: review the change, then `pulumi preview` and `pulumi up`; nothing is posted")


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _some(names: Iterable[str]) -> str:
    every = list(names)
    return ", ".join(every[:MOST_SHOWN]) + (f", … ({len(every) - MOST_SHOWN} more)" if len(every) > MOST_SHOWN else "")
