"""`python -m psaas_resources escrow …`: what waits in an escrow, and how to get it out by hand. Talks to people.

Reads the stack file as data: encrypted values in it are not opened, so secrets come from `PSAAS_*` variables.
Exit status: 0 done, 1 a person must mend something (told on stderr), 2 wrong use.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from psaas_resources import escrow, settings, tenant_state
from psaas_resources.errors import ConfigError, EscrowError, PsaasError
from psaas_resources.escrow import Escrow


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m psaas_resources")
    nouns = parser.add_subparsers(dest="noun", required=True)
    verbs = nouns.add_parser("escrow", help="one-time credentials that wait for the state").add_subparsers(
        dest="verb", required=True
    )
    listing = verbs.add_parser("list", help="the entries that wait, without their contents")
    recover = verbs.add_parser("recover", help="write an entry's credential to a file, for an adoption by hand")
    recover.add_argument("tenant")
    recover.add_argument("--output", type=Path, required=True, help="the file to write (mode 0600); must not exist")
    for verb in (listing, recover):
        verb.add_argument("--stack", required=True, help="the NAME of stacks/Pulumi.NAME.yaml")
    options = parser.parse_args(arguments)
    try:
        found = escrow.of(settings.read(_values(options.stack), os.environ))
        return COMMANDS[options.verb](found, options)
    except PsaasError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def list_entries(found: Escrow, _: argparse.Namespace) -> int:
    """A line for each entry that waits."""
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


def recover(found: Escrow, options: argparse.Namespace) -> int:
    """Write the credential so that `adopt: true` can take it."""
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


COMMANDS: Mapping[str, Callable[[Escrow, argparse.Namespace], int]] = {"list": list_entries, "recover": recover}


def _values(stack: str) -> Callable[[str], Any]:
    """The plain `psaas:` values of a stack file."""
    file = Path("stacks") / f"Pulumi.{stack}.yaml"
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        config = {key: value for key, value in document["config"].items() if not _is_encrypted(value)}
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    except (ValueError, yaml.YAMLError, KeyError, TypeError, AttributeError):
        raise ConfigError(f"{file}: is not a stack file") from None
    return lambda key: config.get(f"psaas:{key}")


def _is_encrypted(value: object) -> bool:
    if isinstance(value, dict):
        return "secure" in value or any(map(_is_encrypted, value.values()))
    return False


if __name__ == "__main__":
    sys.exit(main())
