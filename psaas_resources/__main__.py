"""`python -m psaas_resources COMMAND`: looks at stack files and at an escrow, by hand. Talks to people.

`validate [FILES…]`    every mistake in stack files and included files, without engine or network
`schema`               writes the JSON schemas that editors use
`escrow list|recover`  what waits in an escrow, and how to get it out
`credentials TENANT`   hands a tenant over: its credential from the state, in the form that a tool reads

Encrypted values of stack files are not opened, so secrets come from `PSAAS_*` variables. What a command doesn't need
is not imported: the escrow's cryptography takes longer than all checks of `validate`.
Exit status: 0 done, 1 a person must mend something (told on stderr), 2 wrong use.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from psaas_resources import stack_files
from psaas_resources.errors import ConfigError, EscrowError, PsaasError

if TYPE_CHECKING:
    from psaas_resources.escrow import Escrow

FORMATS = ("env", "dotenv", "json", "terraform", "pulumi", "deploy-cli", "kubernetes", "vault")
Command = Callable[[argparse.Namespace], int]


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        command: Command = options.command
        return command(options)
    except PsaasError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m psaas_resources")
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
        raise ConfigError("name one tenant, or say --all")
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

    for name, text in schema.files().items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
        print(f"wrote {name}")
    return 0


def list_entries(options: argparse.Namespace) -> int:
    """A line for each entry that waits."""
    found = _escrow(options.stack)
    rows = [("TENANT", "REASON", "WRITTEN AT", "KEY ID", "OPENS")]
    for tenant in found.tenants():
        try:
            header = found.header(tenant)
            opens = "yes" if header["opens"] else "no: give its key in PSAAS_ESCROW_KEY"
            rows.append((tenant, str(header["reason"]), str(header["written_at"]), str(header["key_id"]), opens))
        except EscrowError as error:
            rows.append((tenant, "?", "?", "?", f"no: {error}"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]))
    if len(rows) == 1:
        print("nothing waits")
    return 0


def recover(options: argparse.Namespace) -> int:
    """Write the credential so that `adopt: true` can take it."""
    from psaas_resources import tenant_state

    found = _escrow(options.stack)
    entry = found.find(options.tenant)
    if entry is None:
        raise EscrowError(f"the escrow has no entry for {options.tenant}")
    credential = tenant_state.delivered(entry).credential
    given = {options.tenant: {"clientId": credential.client_id, "clientSecret": credential.client_secret}}
    try:
        handle = os.open(options.output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise EscrowError(f"{options.output} can't be written: {error.strerror}") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(given, file)
    print(
        f"wrote {options.output} (mode 0600); the entry stays in the escrow. To take the tenant over with it:\n\n"
        f"  psaas:tenants:\n    - name: {options.tenant}\n      adopt: true\n\n"
        f"  PSAAS_CREDENTIALS_FILE={options.output} pulumi up\n\nThen remove the file."
    )
    return 0


def _escrow(stack: str) -> Escrow:
    """The escrow of a stack, as its file and the environment say."""
    from psaas_resources import escrow, settings

    file = stack_files.path_of(stack)
    try:
        text = stack_files.decoded(Path(file).read_bytes())
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    values = stack_files.opened(stack, {file: text}).values
    return escrow.of(settings.read(values.get, os.environ))


if __name__ == "__main__":
    sys.exit(main())
