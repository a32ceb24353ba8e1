"""`python -m psaas_resources COMMAND`: looks at stack files and at an escrow, by hand. Talks to people.

`validate [FILES…]`    every mistake in stack files and included files, without engine or network
`schema`               writes the JSON schemas that editors use
`escrow list|recover`  what waits in an escrow, and how to get it out
`credentials TENANT`   hands a tenant over: its credential from the state, in the form that a tool reads

Encrypted values of stack files are not opened, so secrets come from `PSAAS_*` variables. What a command doesn't need
is not imported: the escrow's cryptography takes longer than all checks of `validate`.
Exit status, as that of `psaas`: 0 done, 1 a person must mend something (told on stderr), 64 wrong use.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from psaas_resources.errors import PsaasError, WrongUse

if TYPE_CHECKING:
    from psaas_resources.escrow import Escrow

FORMATS = ("env", "dotenv", "json", "terraform", "pulumi", "deploy-cli", "kubernetes", "vault")
WRONG_USE = 64
Command = Callable[[argparse.Namespace], int]


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        command: Command = options.command
        return command(options)
    except PsaasError as error:
        print(f"error: {error}", file=sys.stderr)
        return WRONG_USE if isinstance(error, WrongUse) else 1


class _Parser(argparse.ArgumentParser):
    """Ends with the status of wrong use that `psaas` has."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_USE, f"error: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m psaas_resources")
    nouns = parser.add_subparsers(required=True)
    checks = nouns.add_parser("validate", help="every mistake in stack files and the files that they include")
    checks.add_argument("files", nargs="*", help="default: all below stacks/")
    checks.set_defaults(command=validate)
    schemas = nouns.add_parser("schema", help="write the JSON schemas below stacks/schema/, which editors use")
    schemas.set_defaults(command=write_schemas)
    verbs = nouns.add_parser("escrow", help="one-time credentials that wait for the state").add_subparsers(
        required=True
    )
    listing = verbs.add_parser("list", help="the entries that wait, without their contents")
    listing.set_defaults(command=list_entries)
    taking = verbs.add_parser("recover", help="write an entry's credential to a file, for an adoption by hand")
    taking.add_argument("tenant")
    taking.add_argument("--output", type=Path, required=True, help="the file to write (mode 0600); must not exist")
    taking.set_defaults(command=recover)
    handing = nouns.add_parser("credentials", help="hand tenants over: credentials in the form that a tool reads")
    handing.add_argument("tenant", nargs="?", default="")
    handing.add_argument("--all", action="store_true", help="every tenant of the stack, into a folder")
    handing.add_argument("--format", required=True, choices=FORMATS, help="what the reader reads")
    handing.add_argument("--output", type=Path, help="the file to write (mode 0600), or the folder for --all")
    handing.add_argument("--force", action="store_true", help="replace files that exist")
    handing.add_argument("--to-terminal", action="store_true", help="show the secret, if standard output is a terminal")
    handing.add_argument("--root", action="store_true", help="the tenant's own, also where its team has an application")
    handing.set_defaults(command=credentials)
    for verb in (listing, taking, handing):
        verb.add_argument("--stack", required=True, help="the NAME of stacks/Pulumi.NAME.yaml")
    return parser


def credentials(options: argparse.Namespace) -> int:
    """To a file or a pipe; what was done is told on standard error."""
    from psaas_resources import handover

    if bool(options.tenant) == options.all:
        raise WrongUse("name one tenant, or say --all")
    request = handover.Request(
        options.stack, options.format, options.tenant, options.output, options.force, options.to_terminal, options.root
    )
    for line in handover.hand_over(request, sys.stdout):
        print(line, file=sys.stderr)
    return 0


def validate(options: argparse.Namespace) -> int:
    """A line for each stack that is in order, and every mistake with its place."""
    from psaas_resources import validation

    findings = validation.of_folder(Path(), options.files)
    for line in findings.fine:
        print(line)
    for warning in findings.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    for mistake in findings.mistakes:
        print(mistake, file=sys.stderr)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for command in validation.marks(findings):
            print(command)
    if findings.nothing:
        print(f"error: {validation.nothing_below(Path())}", file=sys.stderr)
    return 0 if findings.good else 1


def write_schemas(_: argparse.Namespace) -> int:
    """The schemas as files, to be checked in."""
    from psaas_resources import schema

    for name in schema.write(Path()):
        print(f"wrote {name}")
    return 0


def list_entries(options: argparse.Namespace) -> int:
    """A line for each entry that waits."""
    from psaas_resources import escrow_by_hand

    rows = [("TENANT", "REASON", "WRITTEN AT", "KEY ID", "OPENS")]
    for entry in escrow_by_hand.waiting(_escrow(options.stack)):
        opens = f"no: {entry.problem}" if entry.problem else "yes"
        rows.append((entry.tenant, entry.reason, entry.written_at, entry.key_id, opens))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]))
    if len(rows) == 1:
        print("nothing waits")
    return 0


def recover(options: argparse.Namespace) -> int:
    """Write the credential so that `adopt: true` can take it."""
    from psaas_resources import escrow_by_hand

    escrow_by_hand.recover(_escrow(options.stack), options.tenant, options.output)
    print(escrow_by_hand.next_steps(options.tenant, options.output))
    return 0


def _escrow(stack: str) -> Escrow:
    from psaas_resources import escrow_by_hand

    return escrow_by_hand.of_stack(stack, root=Path(), environment=os.environ)


if __name__ == "__main__":
    sys.exit(main())
