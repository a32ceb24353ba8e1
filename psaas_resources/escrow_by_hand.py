"""An escrow for people: what waits in it, and how to get it out. Prints nothing; shows no credential."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import escrow, rules, settings, stack_files, tenant_state
from .errors import ConfigError, EscrowError
from .escrow import Escrow


@dataclass(frozen=True)
class Waiting:
    """What an entry says of itself without its key. `problem` is why it can't be opened here, "" where it can."""

    tenant: str
    reason: str = "?"
    written_at: str = "?"
    key_id: str = "?"
    problem: str = ""


def of_stack(stack: str, *, root: Path, environment: Mapping[str, str]) -> Escrow:
    """The escrow of a stack, as its file and the environment say. Encrypted values stay closed."""
    file = stack_files.path_of(stack)
    try:
        text = stack_files.decoded((root / file).read_bytes())
    except FileNotFoundError:
        raise ConfigError(stack_files.unknown(stack, stack_files.stacks_on_disk(root))) from None
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    values = stack_files.opened(stack, {file: text}).values
    return escrow.of(settings.read(values.get, environment))


def waiting(found: Escrow) -> list[Waiting]:
    """The entries that wait for a state."""
    return [_waiting(found, tenant) for tenant in found.tenants()]


def recover(found: Escrow, tenant: str, output: Path) -> None:
    """Write an entry's credential to a file of mode 0600 that `adopt: true` can take. The entry stays."""
    entry = found.find(tenant)
    if entry is None:
        raise EscrowError(f"the escrow has no entry for {tenant}")
    credential = tenant_state.delivered(entry).credential
    given = {tenant: {"clientId": credential.client_id, "clientSecret": credential.client_secret}}
    try:
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise EscrowError(f"{output} can't be written: {error.strerror}") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(given, file)


def next_steps(tenant: str, output: Path) -> str:
    """What to do with a recovered credential."""
    return (
        f"wrote {output} (mode 0600); the entry stays in the escrow. To take the tenant over with it:\n\n"
        f"  psaas:tenants:\n    - name: {tenant}\n      adopt: true\n\n"
        f"  PSAAS_CREDENTIALS_FILE={output} pulumi up\n\nThen remove the file."
    )


def _waiting(found: Escrow, tenant: str) -> Waiting:
    try:
        header = found.header(tenant)
    except EscrowError as error:
        return Waiting(tenant, problem=str(error))
    problem = "" if header["opens"] else _closed(str(header["rta"]))
    return Waiting(tenant, str(header["reason"]), str(header["written_at"]), str(header["key_id"]), problem)


def _closed(rta: str) -> str:
    """Why no key of this stack opens an entry: stacks of one appliance share an escrow, and not always a key."""
    way = f"give its key in PSAAS_ESCROW_KEY; it may be of another stack of {rules.printable(rta)}"
    if rules.is_local(rta):
        return f"{way}, whose secret it was sealed with: local stacks derive their key from that"
    return f"{way}, sealed with that one's key"
