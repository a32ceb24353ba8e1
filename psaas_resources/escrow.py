"""Where one-time credentials are safe before anyone else sees them. Knows keys and entries; no HTTP, no Pulumi.

There is at most one entry per root tenant authority and tenant that waits for the state, and one that was settled
since: found in the state of a later run, and kept aside for the day that the state is lost. How an entry is sealed is
in `escrow_seal`; where entries lie is a store's affair, see `escrow_stores`.
"""

from __future__ import annotations

import base64
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import escrow_seal, escrow_stores, rules
from .errors import ConfigError, EscrowError
from .escrow_stores import Store
from .once import Once
from .settings import Credential, Settings

_RECORD = "_appliance"  # no tenant's name begins with an underscore
PROOF_SECONDS = 5.0
Clock = Callable[[], float]
_NO_KEY = (
    "the escrow has no key: set a key of its own (PSAAS_ESCROW_KEY), or the provisioning application's secret "
    "(PSAAS_CLIENT_SECRET), from which local stacks derive one"
)


@dataclass(frozen=True)
class Entry:
    """What the escrow holds for a tenant.

    `reason` is "answer" (the raw answer of a tenant POST, in `answer`), or "forgotten", "deleted", "replaced" (a
    credential that left the state, in `credential`), "given" (by a person, for a tenant that exists) or "rotation"
    (one on its way into the state; `previous` is the secret before it, good until the appliance has the new one).
    `place` says to a person where the entry lies.
    """

    tenant: str
    reason: str
    written_at: str
    key_id: str
    place: str
    answer: bytes = field(default=b"", repr=False)
    credential: Credential | None = field(default=None, repr=False)
    domain: str = ""
    previous: str = field(default="", repr=False)


class Escrow:
    """The entries of one appliance. Several processes may use it at once: entries are written whole."""

    def __init__(
        self, store: Store, *, rta: str, keys: Sequence[str], unfit: str = "", clock: Clock = time.monotonic
    ) -> None:
        self._store, self._unfit = store, unfit
        self._rta = rta
        self._folder = re.sub(r"[^a-z0-9.-]|^[.]+", "_", rta)
        self._keys = [escrow_seal.derived(key) for key in keys if key]
        self._lock, self._proving = threading.Lock(), threading.Lock()
        self._waiting: set[str] | None = None
        self._clock, self._proven_at = clock, float("-inf")

    def probe(self) -> None:
        """Make sure that an entry could be written right now, and would stay. Call it before each POST.

        An entry that was written within the last `PROOF_SECONDS` proves it too. Raises EscrowError, or ConfigError
        where this stack needs another escrow.
        """
        if self._unfit:
            raise ConfigError(self._unfit)
        if not self._keys:
            raise EscrowError(_NO_KEY)
        with self._proving:
            if self._clock() - self._proven_at < PROOF_SECONDS:
                return
            name = f"{self._folder}/.probe-{secrets.token_hex(8)}"
            self._write(name, b"probe\n")
            self._store.remove(name)

    def keep_answer(self, tenant: str, answer: bytes) -> str:
        """Make the raw answer of a tenant POST durable, before anybody tries to understand it. Returns its place.

        An entry there that can't be opened is set aside, not overwritten.
        """
        name = self._name(tenant)
        try:
            self.find(tenant)
        except EscrowError:
            self._store.move(name, f"{self._folder}/set-aside/{tenant}-{secrets.token_hex(4)}")
        return self._keep(tenant, "answer", {"answer": base64.b64encode(answer).decode()})

    def keep_credential(self, tenant: str, credential: Credential, *, domain: str, reason: str) -> str:
        """Make a credential that leaves the state durable. An entry that can't be opened is not overwritten.

        Nor is one of a rotation on its way, which holds the same secret and the one that may be in force already.
        """
        entry = self.find(tenant)
        if entry and entry.previous and entry.previous == credential.client_secret and reason != "deleted":
            return entry.place
        payload = {"client_id": credential.client_id, "client_secret": credential.client_secret, "domain": domain}
        return self._keep(tenant, reason, payload)

    def keep_rotation(self, tenant: str, credential: Credential, *, domain: str, previous: str) -> str:
        """Make a credential durable before the appliance knows it, beside the secret that it takes the place of."""
        payload = {"client_id": credential.client_id, "client_secret": credential.client_secret, "domain": domain}
        return self._keep(tenant, "rotation", {**payload, "previous": previous})

    def find(self, tenant: str) -> Entry | None:
        """The entry of a tenant; None where there is none.

        Raises EscrowError where there is one that can't be read, was tampered with or belongs elsewhere.
        """
        name = self._name(tenant)
        content = self._store.read(name)
        if content is None:
            name = self._settled(tenant)
            content = self._store.read(name)
        if content is None:
            return None
        place = self._store.where(name)
        header, payload = self._opened(content, place, whose=tenant)
        credential = Credential(payload["client_id"], payload["client_secret"]) if "client_secret" in payload else None
        return Entry(
            tenant, str(header["reason"]), str(header["written_at"]), str(header["key_id"]), place,
            answer=base64.b64decode(payload.get("answer", "")), credential=credential,
            domain=payload.get("domain", ""), previous=payload.get("previous", ""),
        )  # fmt: skip

    def keep_note(self, subject: str, note: Mapping[str, str]) -> None:
        """Make a sealed note about something else than a tenant durable; it replaces the one before."""
        self.find_note(subject)  # one that can't be opened is not overwritten
        self._store.write(self._note(subject), self._sealed(f"_{subject}", "note", note))

    def find_note(self, subject: str) -> dict[str, str] | None:
        """The note about a subject, None where there is none. Raises EscrowError for one that can't be trusted."""
        name = self._note(subject)
        content = self._store.read(name)
        return None if content is None else self._opened(content, self._store.where(name), whose=f"_{subject}")[1]

    def drop_note(self, subject: str) -> None:
        self._store.remove(self._note(subject))

    def _note(self, subject: str) -> str:
        return f"{self._folder}/_{re.sub(r'[^A-Za-z0-9_-]', '_', subject)}"

    def _opened(self, content: bytes, place: str, *, whose: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Header and payload of what lies at `place`, which must be about `whose`."""
        document = escrow_seal.parsed(content, place)
        header = escrow_seal.header_of(document)
        if (header["rta"], header["tenant"]) != (self._rta, whose):
            other = f"{escrow_seal.shown(header['tenant'])} on {escrow_seal.shown(header['rta'])}"
            raise EscrowError(escrow_seal.distrusted(place, f"it belongs to {other}"))
        return header, escrow_seal.opened(document, self._keys, place=place)

    def tenants(self) -> list[str]:
        """The tenants that have an entry, sorted."""
        names = (name.removeprefix(f"{self._folder}/") for name in self._store.names(self._folder))
        return sorted(name for name in names if rules.existing_name_problem(name) is None)

    def kept(self) -> frozenset[str]:
        """The tenants that `find` would find, whether their entry waits or was put aside."""
        aside = f"{self._folder}/settled"
        names = {name.removeprefix(f"{aside}/") for name in self._store.names(aside)}
        return frozenset(self.tenants()) | {name for name in names if rules.existing_name_problem(name) is None}

    def header(self, tenant: str) -> dict[str, Any]:
        """What an entry says of itself without its key: reason, written_at, key_id, and whether a key of ours fits."""
        name = self._name(tenant)
        document = escrow_seal.parsed(self._store.read(name) or b"", self._store.where(name))
        header = escrow_seal.header_of(document)
        return header | {"opens": any(escrow_seal.key_id(key) == header["key_id"] for key in self._keys)}

    def may_hold(self, tenant: str) -> bool:
        """Whether an entry was there when this process first looked, and there is any key to try on it.

        One look at the store serves all tenants of a run.
        """
        with self._lock:
            if self._waiting is None:
                self._waiting = set(self.tenants()) if self._keys else set()
            return tenant in self._waiting

    def settle(self, tenant: str) -> None:
        """Put an entry aside whose credential was seen in the durable state.

        It is found there still: a state may be lost, or restored from before the tenant was made.
        """
        self._store.move(self._name(tenant), self._settled(tenant))

    def _settled(self, tenant: str) -> str:
        return self._name(tenant).replace(f"{self._folder}/", f"{self._folder}/settled/", 1)

    def read_record(self) -> bytes | None:
        """The note about the appliance itself, see `identity`; it holds no secret and is not encrypted."""
        return self._store.read(f"{self._folder}/{_RECORD}")

    def write_record(self, content: bytes) -> None:
        self._store.write(f"{self._folder}/{_RECORD}", content)

    def record_place(self) -> str:
        return self._store.where(f"{self._folder}/{_RECORD}")

    def mark_grant(self, grant_id: str) -> None:
        """Note that we have made a client grant: a run that dies before its state is written finds it again."""
        self._store.write(self._grant(grant_id), b"made by us\n")

    def made_grant(self, grant_id: str) -> bool:
        return self._store.read(self._grant(grant_id)) is not None

    def _grant(self, grant_id: str) -> str:
        return f"{self._folder}/_grant-{re.sub(r'[^A-Za-z0-9_-]', '_', grant_id)}"

    def _name(self, tenant: str) -> str:
        if rules.existing_name_problem(tenant):
            raise EscrowError("the escrow keeps credentials under a tenant's name, and this is not one")
        return f"{self._folder}/{tenant}"

    def _keep(self, tenant: str, reason: str, payload: dict[str, str]) -> str:
        self._write(self._name(tenant), self._sealed(tenant, reason, payload))
        return self._store.where(self._name(tenant))

    def _write(self, name: str, content: bytes) -> None:
        self._proven_at = float("-inf")
        self._store.write(name, content)
        self._proven_at = self._clock()

    def _sealed(self, whose: str, reason: str, payload: Mapping[str, str]) -> bytes:
        if not self._keys:
            raise EscrowError(_NO_KEY)
        return escrow_seal.sealed(payload, self._keys[0], rta=self._rta, tenant=whose, reason=reason)


@Once
def of(settings: Settings) -> Escrow:
    """The one escrow of this process for these settings.

    The first of `escrow_keys` writes, the others open. The provisioning secrets come last: they write only where no
    key is given, and open what was written before one was. Where the stack manages that application, and so may
    rotate its secret, the admin application's secret writes before them.
    """
    known = [settings.provisioning, settings.admin]
    known = known[::-1] if settings.application_managed else known
    keys = [*settings.escrow_keys, *(secret for c in known if c for secret in (c.client_secret, *c.other_secrets))]
    return Escrow(escrow_stores.of(settings), rta=settings.rta, keys=keys, unfit=settings.escrow_problem)
