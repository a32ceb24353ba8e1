"""Where one-time credentials are safe before anyone else sees them. Knows keys and entries; no HTTP, no Pulumi.

There is at most one entry per root tenant authority and tenant that waits for the state, and one that was settled
since: found in the state of a later run, and kept aside for the day that the state is lost. A readable header says
whose it is and which key it needs; the payload is AES-256-GCM, and the header is authenticated with it, so that an
entry can't be passed off as another's. Where entries lie is a store's affair, see `escrow_stores`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from . import rules
from .errors import ConfigError, EscrowError
from .escrow_stores import Bucket, Command, Directory, Store
from .settings import Credential, Settings

VERSION = 1
_HEADER = ("version", "rta", "tenant", "reason", "written_at", "key_id")
_RECORD = "_appliance"  # no tenant's name begins with an underscore
_NO_KEY = (
    "the escrow has no key: set the provisioning application's secret (PSAAS_CLIENT_SECRET), from which one is "
    "derived, or a key of its own (PSAAS_ESCROW_KEY)"
)


@dataclass(frozen=True)
class Entry:
    """What the escrow holds for a tenant.

    `reason` is "answer" (the raw answer of a tenant POST, in `answer`), or "forgotten", "deleted" or "replaced"
    (a credential that left the state, in `credential`). `place` says to a person where the entry lies.
    """

    tenant: str
    reason: str
    written_at: str
    key_id: str
    place: str
    answer: bytes = field(default=b"", repr=False)
    credential: Credential | None = field(default=None, repr=False)
    domain: str = ""


class Escrow:
    """The entries of one appliance. Several processes may use it at once: entries are written whole."""

    def __init__(self, store: Store, *, rta: str, keys: Sequence[str], unfit: str = "") -> None:
        self._store = store
        self._unfit = unfit
        self._rta = rta
        self._folder = re.sub(r"[^a-z0-9.-]|^[.]+", "_", rta)
        self._keys = [_derived(key) for key in keys if key]
        self._lock = threading.Lock()
        self._waiting: set[str] | None = None

    def probe(self) -> None:
        """Make sure that an entry could be written right now, and would stay. Call it before the POST.

        Raises EscrowError, or ConfigError where this stack needs another escrow.
        """
        if self._unfit:
            raise ConfigError(self._unfit)
        if not self._keys:
            raise EscrowError(_NO_KEY)
        name = f"{self._folder}/.probe-{secrets.token_hex(8)}"
        self._store.write(name, b"probe\n")
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
        """Make a credential that leaves the state durable. An entry that can't be opened is not overwritten."""
        self.find(tenant)
        payload = {"client_id": credential.client_id, "client_secret": credential.client_secret, "domain": domain}
        return self._keep(tenant, reason, payload)

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
        document, header = _parsed(content, place)
        if (header["rta"], header["tenant"]) != (self._rta, tenant):
            raise EscrowError(
                _distrusted(place, f"it belongs to {_shown(header['tenant'])} on {_shown(header['rta'])}")
            )
        payload = self._opened(place, header, document)
        credential = Credential(payload["client_id"], payload["client_secret"]) if "client_secret" in payload else None
        return Entry(
            tenant, str(header["reason"]), str(header["written_at"]), str(header["key_id"]), place,
            answer=base64.b64decode(payload.get("answer", "")), credential=credential,
            domain=payload.get("domain", ""),
        )  # fmt: skip

    def tenants(self) -> list[str]:
        """The tenants that have an entry, sorted."""
        names = (name.removeprefix(f"{self._folder}/") for name in self._store.names(self._folder))
        return sorted(name for name in names if rules.existing_name_problem(name) is None)

    def header(self, tenant: str) -> dict[str, Any]:
        """What an entry says of itself without its key: reason, written_at, key_id, and whether a key of ours fits."""
        name = self._name(tenant)
        header = _parsed(self._store.read(name) or b"", self._store.where(name))[1]
        return header | {"opens": any(_key_id(key) == header["key_id"] for key in self._keys)}

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
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # slow to load, seldom needed

        if not self._keys:
            raise EscrowError(_NO_KEY)
        key = self._keys[0]
        header = dict(zip(_HEADER, (VERSION, self._rta, tenant, reason, _now(), _key_id(key)), strict=True))
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(key).encrypt(nonce, json.dumps(payload).encode(), _bound(header))
        document = {**header, "nonce": _b64(nonce), "payload": _b64(sealed)}
        self._store.write(self._name(tenant), json.dumps(document, indent=1).encode() + b"\n")
        return self._store.where(self._name(tenant))

    def _opened(self, place: str, header: dict[str, Any], document: dict[str, Any]) -> dict[str, str]:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = next((key for key in self._keys if _key_id(key) == header["key_id"]), None)
        if key is None:
            raise EscrowError(
                f"the escrow entry {place} was written with another key (ID {_shown(header['key_id'])}). Add the "
                "secret it was made from (an earlier escrow key, or provisioning secret) to PSAAS_ESCROW_KEY, "
                "behind the present one, and run again; it is not overwritten"
            )
        try:
            nonce, sealed = (base64.b64decode(document[name]) for name in ("nonce", "payload"))
            payload = json.loads(AESGCM(key).decrypt(nonce, sealed, _bound(header)))
        except (InvalidTag, KeyError, TypeError, ValueError):
            raise EscrowError(_distrusted(place, "its contents don't match its seal")) from None
        return {str(name): str(value) for name, value in payload.items()}


@lru_cache(maxsize=16)
def of(settings: Settings) -> Escrow:
    """The one escrow of this process for these settings.

    The first of `escrow_keys` writes, the others open. The provisioning secret comes last: it writes only where no
    key is given, and opens what was written before one was.
    """
    secret = settings.provisioning.client_secret if settings.provisioning else ""
    keys = [*settings.escrow_keys, secret]
    return Escrow(_store(settings), rta=settings.rta, keys=keys, unfit=_unfit(settings))


def _unfit(settings: Settings) -> str:
    """Why this stack's escrow is not good enough for a tenant's one-time credential; "" if it is.

    Outside of local stacks it needs a key of its own, so that rotating the provisioning secret loses nothing; and
    on a machine of a pipeline (CI is set) a plain directory must be declared to outlive the job.
    """
    if not rules.is_local(settings.rta) and not settings.escrow_keys:
        return (
            "the escrow of this stack needs a key of its own: make one with `openssl rand -hex 32`, keep it where the "
            "other secrets are, and give it as PSAAS_ESCROW_KEY, PSAAS_ESCROW_KEY_FILE or psaas:escrowKey"
        )
    if settings.in_pipeline and not (settings.escrow_url or settings.escrow_command or settings.escrow_durable):
        return (
            f"this runs in a pipeline (CI is set), and the escrow is the directory {settings.escrow_dir}: if the job's "
            "disk goes before the state is written, new credentials go with it. Name a store that stays (psaas:escrow: "
            "s3://…, or PSAAS_ESCROW_COMMAND), or declare that this directory does with psaas:escrowDurable: true"
        )
    return ""


def _store(settings: Settings) -> Store:
    if settings.escrow_command:
        return Command(settings.escrow_command)
    if settings.escrow_url:
        return Bucket(settings.escrow_url)
    return Directory(settings.escrow_dir)


def _parsed(content: bytes, place: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """An entry's document and its header."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise EscrowError(_distrusted(place, "it is not whole")) from None
    header = {key: document.get(key) for key in _HEADER} if isinstance(document, dict) else {}
    if header.get("version") != VERSION:
        raise EscrowError(_distrusted(place, f"its version is not {VERSION}"))
    return document, header


def _derived(secret: str) -> bytes:
    """HKDF-SHA256 (RFC 5869) with one block of output; the secrets it is given are long and random."""
    extracted = hmac.digest(b"psaas escrow", secret.encode(), "sha256")
    return hmac.digest(extracted, b"AES-256-GCM\x01", "sha256")


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"key id" + key).hexdigest()[:12]


def _bound(header: dict[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True).encode()


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _shown(value: object) -> str:
    return rules.printable(str(value), 80)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _distrusted(place: str, why: str) -> str:
    return (
        f"the escrow entry {place} can't be used: {why}. It is not overwritten: restore it from a copy, or move it "
        "away if the tenant's credential is known otherwise"
    )
