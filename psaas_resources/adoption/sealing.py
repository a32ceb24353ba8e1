"""What the escrow has of tenants that are taken over, and what a person's credentials do there. Knows no files.

A credential that a person gives waits in the escrow as one from a tenant POST does, and the update that takes the
tenant over finds it there. A one-time answer is never overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from .. import tenant_state
from ..errors import CredentialMissing, EscrowError
from ..escrow import Entry, Escrow
from ..settings import Credential
from ..tenant_creation import GIVEN
from .candidates import Candidate


@dataclass(frozen=True)
class Sealing:
    """By name: credentials that are to go in; `held`, of which the escrow has one already; and why others can't."""

    to_seal: Mapping[str, Credential] = field(default_factory=dict, repr=False)
    held: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether a credential will be there for the update."""
        return name in self.to_seal or name in self.held


def look(escrow: Escrow, candidates: Sequence[Candidate]) -> Sealing:
    """What is there of the candidates. Reads only."""
    kept, waiting = escrow.kept(), frozenset(escrow.tenants())
    to_seal: dict[str, Credential] = {}
    held: set[str] = set()
    refused: dict[str, str] = {}
    for candidate in candidates:
        name, given = candidate.name, candidate.credential
        try:
            entry = escrow.find(name) if name in kept else None
        except EscrowError as error:
            refused[name] = str(error)
            continue
        found = _credential(entry)
        if entry and (why := _conflict(entry, given, found, waits=name in waiting)):
            refused[name] = why
        elif given and given != found:
            to_seal[name] = given
        elif found:
            held.add(name)
    return Sealing(to_seal, frozenset(held), refused)


def seal(
    escrow: Escrow, credentials: Mapping[str, Credential], *, tenant_domain: str, each: Callable[[str], None]
) -> None:
    """Make them durable, one after the other. Run again after an interruption, it goes on where it ended."""
    if credentials:
        escrow.probe()
    for name, credential in credentials.items():
        escrow.keep_credential(name, credential, domain=f"{name}.{tenant_domain}", reason=GIVEN)
        each(name)


def _credential(entry: Entry | None) -> Credential | None:
    try:
        return tenant_state.delivered(entry).credential if entry else None
    except CredentialMissing:
        return None


def _conflict(entry: Entry, given: Credential | None, found: Credential | None, *, waits: bool) -> str:
    """Why what is in the escrow keeps a tenant from being taken over; "" if it doesn't."""
    if entry.reason == "deleted":
        return f"it was deleted by us at {entry.written_at}, and its name can never be used again"
    if given is None or given == found or not waits or entry.reason == GIVEN:
        return ""
    return (
        f"another credential of it waits in the escrow ({entry.place}, since {entry.written_at}) and is not "
        "overwritten. Leave the credential out of the list to take the tenant over with that one, or give yours "
        "for one run in PSAAS_CREDENTIALS, with `adopt: true` in its entry, where it wins"
    )
