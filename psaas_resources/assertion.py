"""Client assertions: an application proves itself by a signature, and sends no secret. Knows keys; sends nothing.

An assertion is good for one use and a short time. `iat` is left out, which the API allows, so that a clock of ours that
is ahead does no harm. Source: the vendor's pages on Private Key JWT, and RFC 7523.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME_SECONDS = 120
BITS = (2048, 4096)
NEW_BITS = 3072


def problem(pem: str) -> str | None:
    """Why a text can't be the private key of an application; None if it can. The text is not repeated."""
    try:
        key = _loaded(pem)
    except (ValueError, TypeError):
        return "is not a private key in PEM, without a passphrase (-----BEGIN PRIVATE KEY-----)"
    bits = getattr(key, "key_size", 0) if hasattr(key, "private_numbers") and hasattr(key, "decrypt") else 0
    if not BITS[0] <= bits <= BITS[1]:
        return f"is not an RSA key of {BITS[0]} to {BITS[1]} bits, which is what the appliance takes"
    return None


def new_key() -> str:
    """A new private key, as PEM without a passphrase."""
    from cryptography.hazmat.primitives.asymmetric import rsa  # slow to load, seldom needed
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=NEW_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_key(pem: str) -> str:
    """The public half of a private key, as PEM."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return str(_loaded(pem).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def key_id(pem: str) -> str:
    """By which a key is known: the thumbprint of RFC 7638."""
    numbers = _loaded(pem).public_key().public_numbers()
    members = {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def signed(pem: str, client_id: str, host: str, *, clock: Callable[[], float] = time.time) -> str:
    """A new assertion of an application for the token endpoint of `host`."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # slow to load, seldom needed
    from cryptography.hazmat.primitives.hashes import SHA256

    claims = {
        "iss": client_id, "sub": client_id, "aud": f"https://{host}/",
        "exp": int(clock()) + LIFETIME_SECONDS, "jti": str(uuid.uuid4()),
    }  # fmt: skip
    text = b".".join(_part(part) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
    signature = _loaded(pem).sign(text, PKCS1v15(), SHA256())
    return b".".join((text, base64.urlsafe_b64encode(signature).rstrip(b"="))).decode()


def _loaded(pem: str) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(pem.encode(), password=None)
    except UnsupportedAlgorithm:
        raise ValueError from None


def _number(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _part(content: dict[str, Any]) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=")
