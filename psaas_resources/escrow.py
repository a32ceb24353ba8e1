"""Where one-time credentials are safe before anyone else sees them. Knows files and keys; no HTTP, no Pulumi.

An entry is one file per root tenant authority and tenant: `<escrowDir>/<rta>/<tenant>.json`, mode 0600 in a
directory of mode 0700. A readable header says whose it is; the payload is AES-256-GCM, and the header is
authenticated with it, so that an entry can't be passed off as another's. It is written aside, flushed to disk
and renamed, then the directory is flushed: it is there as a whole or not at all.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .errors import EscrowError
from .settings import Credential, Settings

VERSION = 1
REASONS = ("answer", "forgotten", "deleted")
_HEADER = ("version", "rta", "tenant", "reason", "written_at", "key_id")
_NO_KEY = (
    "the escrow has no key: set the provisioning application's secret (PSAAS_CLIENT_SECRET), from which one is "
    "derived, or a key of its own (PSAAS_ESCROW_KEY)"
)


@dataclass(frozen=True)
class Entry:
    """What the escrow holds for a tenant.

    `reason` is "answer" (the raw answer of a tenant POST, in `answer`), or "forgotten" or "deleted" (the
    credential of a tenant that left the state, in `credential`).
    """

    tenant: str
    reason: str
    written_at: str
    file: Path
    answer: bytes = field(default=b"", repr=False)
    credential: Credential | None = field(default=None, repr=False)
    domain: str = ""


class Escrow:
    """The entries of one appliance. Several processes may use it at once: entries are written whole."""

    def __init__(self, directory: Path, *, rta: str, keys: Sequence[str]) -> None:
        self._directory = directory / re.sub(r"[^a-z0-9.-]", "_", rta)
        self._rta = rta
        self._keys = [_derived(key) for key in keys if key]

    def probe(self) -> None:
        """Make sure that an entry could be written right now. Raises EscrowError. Call it before the POST."""
        if not self._keys:
            raise EscrowError(_NO_KEY)
        self._write(self._directory / f".probe-{secrets.token_hex(8)}", b"probe").unlink()

    def keep_answer(self, tenant: str, answer: bytes) -> Path:
        """Make the raw answer of a tenant POST durable, before anybody tries to understand it."""
        return self._keep(tenant, "answer", {"answer": base64.b64encode(answer).decode()})

    def keep_credential(self, tenant: str, credential: Credential, *, domain: str, reason: str) -> Path:
        """Make the credential of a tenant that leaves the state durable; `reason` is "forgotten" or "deleted"."""
        payload = {"client_id": credential.client_id, "client_secret": credential.client_secret, "domain": domain}
        return self._keep(tenant, reason, payload)

    def find(self, tenant: str) -> Entry | None:
        """The entry of a tenant; None where there is none.

        Raises EscrowError where there is one that can't be read, was tampered with or belongs elsewhere.
        """
        file = self._file(tenant)
        try:
            document = json.loads(file.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise EscrowError(self._unusable("read", error)) from None
        except ValueError:
            raise EscrowError(_distrusted(file, "it is not whole")) from None
        header = {key: document.get(key) for key in _HEADER} if isinstance(document, dict) else {}
        if header.get("version") != VERSION:
            raise EscrowError(_distrusted(file, f"its version is not {VERSION}"))
        if (header["rta"], header["tenant"]) != (self._rta, tenant):
            raise EscrowError(_distrusted(file, f"it belongs to {header['tenant']} on {header['rta']}"))
        payload = self._decrypted(file, header, document)
        credential = Credential(payload["client_id"], payload["client_secret"]) if "client_secret" in payload else None
        return Entry(
            tenant, str(header["reason"]), str(header["written_at"]), file,
            answer=base64.b64decode(payload.get("answer", "")), credential=credential,
            domain=payload.get("domain", ""),
        )  # fmt: skip

    def can_open(self, tenant: str) -> bool:
        """Whether there is an entry, and any key to try on it, without opening it."""
        return bool(self._keys) and self._file(tenant).exists()

    def remove(self, tenant: str) -> None:
        """Drop an entry. Only for a credential that was seen in the durable state."""
        with contextlib.suppress(FileNotFoundError):
            self._file(tenant).unlink()

    def _file(self, tenant: str) -> Path:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", tenant):
            raise EscrowError("the escrow keeps credentials under a tenant's name, and this is not one")
        return self._directory / f"{tenant}.json"

    def _keep(self, tenant: str, reason: str, payload: dict[str, str]) -> Path:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # slow to load, seldom needed

        if not self._keys:
            raise EscrowError(_NO_KEY)
        key = self._keys[0]
        header = dict(zip(_HEADER, (VERSION, self._rta, tenant, reason, _now(), _key_id(key)), strict=True))
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(key).encrypt(nonce, json.dumps(payload).encode(), _bound(header))
        document = {**header, "nonce": _b64(nonce), "payload": _b64(sealed)}
        return self._write(self._file(tenant), json.dumps(document, indent=1).encode() + b"\n")

    def _decrypted(self, file: Path, header: dict[str, Any], document: dict[str, Any]) -> dict[str, str]:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = next((key for key in self._keys if _key_id(key) == header["key_id"]), None)
        if key is None:
            raise EscrowError(
                f"the escrow entry {file} was written with another key (ID {header['key_id']}). Give the secret it "
                "was made from (an earlier provisioning secret, or escrow key) as PSAAS_ESCROW_KEY and run again; "
                "it is not overwritten"
            )
        try:
            nonce, sealed = (base64.b64decode(document[name]) for name in ("nonce", "payload"))
            payload = json.loads(AESGCM(key).decrypt(nonce, sealed, _bound(header)))
        except (InvalidTag, KeyError, TypeError, ValueError):
            raise EscrowError(_distrusted(file, "its contents don't match its seal")) from None
        return {str(name): str(value) for name, value in payload.items()}

    def _write(self, file: Path, content: bytes) -> Path:
        try:
            self._create_directory()
            aside = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            aside.rename(file)
            directory = os.open(self._directory, os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
        except OSError as error:
            raise EscrowError(self._unusable("written", error)) from None
        return file

    def _create_directory(self) -> None:
        """Each directory that is missing, down to ours, for this user alone."""
        missing = [folder for folder in (self._directory, *self._directory.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)

    def _unusable(self, done: str, error: OSError) -> str:
        why = error.strerror or type(error).__name__
        return (
            f"the escrow {self._directory} can't be {done}: {why}; give this user a directory there, or name "
            "another one in psaas:escrowDir or PSAAS_ESCROW_DIR"
        )


def of(settings: Settings) -> Escrow:
    """The escrow of an appliance. Its key comes from `escrowKey`, else from the provisioning secret."""
    secret = settings.provisioning.client_secret if settings.provisioning else ""
    return Escrow(settings.escrow_dir, rta=settings.rta, keys=[settings.escrow_key, secret])


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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _distrusted(file: Path, why: str) -> str:
    return (
        f"the escrow entry {file} can't be used: {why}. It is not overwritten: restore it from a copy, or move it "
        "away if the tenant's credential is known otherwise"
    )
