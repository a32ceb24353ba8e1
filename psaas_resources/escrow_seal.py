"""How an entry of the escrow is sealed: a readable header, and a payload that only its key opens. Knows no stores.

The header says whose the entry is and which key it needs; the payload is AES-256-GCM, and the header is
authenticated with it, so that an entry can't be passed off as another's.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from . import rules
from .errors import EscrowError

VERSION = 1
_HEADER = ("version", "rta", "tenant", "reason", "written_at", "key_id")


def sealed(payload: Mapping[str, str], key: bytes, *, rta: str, tenant: str, reason: str) -> bytes:
    """An entry as it lies in a store."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # slow to load, seldom needed

    written_at = datetime.now(UTC).isoformat(timespec="seconds")
    header = dict(zip(_HEADER, (VERSION, rta, tenant, reason, written_at, key_id(key)), strict=True))
    nonce = secrets.token_bytes(12)
    ciphertext = AESGCM(key).encrypt(nonce, json.dumps(payload).encode(), _bound(header))
    document = {**header, "nonce": _b64(nonce), "payload": _b64(ciphertext)}
    return json.dumps(document, indent=1).encode() + b"\n"


def opened(document: Mapping[str, Any], keys: Sequence[bytes], *, place: str) -> dict[str, str]:
    """The payload of an entry that `parsed` has read. Raises EscrowError where no key fits, or the seal is broken."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    header = header_of(document)
    key = next((key for key in keys if key_id(key) == header["key_id"]), None)
    if key is None:
        raise EscrowError(
            f"the escrow entry {place} was written with another key (ID {shown(header['key_id'])}). Add the "
            "secret it was made from (an earlier escrow key, or provisioning secret) to PSAAS_ESCROW_KEY, "
            "behind the present one, and run again; it is not overwritten"
        )
    try:
        nonce, ciphertext = (base64.b64decode(document[name]) for name in ("nonce", "payload"))
        payload = json.loads(AESGCM(key).decrypt(nonce, ciphertext, _bound(header)))
    except (InvalidTag, KeyError, TypeError, ValueError):
        raise EscrowError(distrusted(place, "its contents don't match its seal")) from None
    return {str(name): str(value) for name, value in payload.items()}


def parsed(content: bytes, place: str) -> dict[str, Any]:
    """An entry's document. Nothing of it is to be trusted before it is opened."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise EscrowError(distrusted(place, "it is not whole")) from None
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise EscrowError(distrusted(place, f"its version is not {VERSION}"))
    return document


def header_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry says of itself without its key."""
    return {name: document.get(name) for name in _HEADER}


def derived(secret: str) -> bytes:
    """HKDF-SHA256 (RFC 5869) with one block of output; the secrets it is given are long and random."""
    extracted = hmac.digest(b"psaas escrow", secret.encode(), "sha256")
    return hmac.digest(extracted, b"AES-256-GCM\x01", "sha256")


def key_id(key: bytes) -> str:
    return hashlib.sha256(b"key id" + key).hexdigest()[:12]


def distrusted(place: str, why: str) -> str:
    """What a person is told of an entry that can't be used."""
    return (
        f"the escrow entry {place} can't be used: {why}. It is not overwritten: restore it from a copy, or move it "
        "away if the tenant's credential is known otherwise"
    )


def shown(value: object) -> str:
    return rules.printable(str(value), 80)


def _bound(header: Mapping[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True).encode()


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
