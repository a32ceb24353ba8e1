"""Public keys of applications, for `private_key_jwt`. Knows keys, their limits and their table; knows no call.

An application has room for two, so that a new one can be in use before the old one goes. A key's `kid` is its RFC 7638
thumbprint unless the caller names another.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from appliance.errors import conflict, invalid_body
from appliance.identifiers import new_id
from appliance.shapes import Flag, Record, Text
from appliance.store import Row, Store, Value, now

ROOM = 2
ALGORITHMS = ("RS256", "RS384", "PS256")
BITS = (2048, 4096)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})")


def date_time(text: str) -> bool:
    return _DATE.fullmatch(text) is not None and _seconds(text) is not None


date_time.__name__ = "date-time"
PUBLIC_KEY = Record(
    {
        "credential_type": Text(choices=("public_key",)),
        "name": Text(maximum=128),
        "pem": Text(1, 4096),
        "alg": Text(choices=ALGORITHMS),
        "kid": Text(10, 64, re.compile(r"[0-9a-zA-Z_-]{10,64}")),
        "parse_expiry_from_cert": Flag(),
        "expires_at": Text(form=date_time),
    },
    required=("credential_type", "pem"),
)


def add(store: Store, client_id: str, asked: Mapping[str, object]) -> Row:
    """Keep a public key; raises the 400 for one that is none, the 409 where it is there or there is no room."""
    key, expires_at = _read(str(asked["pem"]))
    if not asked.get("parse_expiry_from_cert"):
        expires_at = str(asked["expires_at"]) if "expires_at" in asked else None
    elif "expires_at" in asked or expires_at is None:
        raise invalid_body("'parse_expiry_from_cert needs a certificate, and no expires_at beside it'.")
    others = of(store, client_id)
    kid = str(asked.get("kid") or thumbprint(key))
    if len(others) >= ROOM:
        raise conflict(f"An application has room for {ROOM} credentials; delete one that is not in use")
    if any(row["kid"] == kid for row in others):
        raise conflict("A credential with the same kid already exists")
    row: dict[str, Value] = {"id": new_id("cred_", length=22), "client_id": client_id, "kid": kid}
    row |= {"pem": key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()}
    row |= {"name": str(asked.get("name", "")), "alg": str(asked.get("alg", "RS256")), "expires_at": expires_at}
    store.insert("client_credentials", {**row, "created_at": now(), "updated_at": now()})
    return of(store, client_id)[-1]


def of(store: Store, client_id: str) -> list[Row]:
    """The keys of an application, oldest first."""
    return store.all("SELECT * FROM client_credentials WHERE client_id = ? ORDER BY n", (client_id,))


def shown(row: Row) -> dict[str, object]:
    """A key as the API tells it: never the key itself."""
    names = ("id", "kid", "name", "alg", "created_at", "updated_at", "expires_at")
    der = load_pem_public_key(row["pem"].encode()).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    told = {name: row[name] for name in names if row[name] is not None}
    return {**told, "credential_type": "public_key", "thumbprint_sha256": hashlib.sha256(der).hexdigest()}


def has_expired(row: Row, seconds: float) -> bool:
    return row["expires_at"] is not None and (_seconds(row["expires_at"]) or 0) <= seconds


def thumbprint(key: RSAPublicKey) -> str:
    """RFC 7638: the digest of the key's required members, sorted, without blanks."""
    numbers = key.public_numbers()
    members = {"e": _base64url(numbers.e), "kty": "RSA", "n": _base64url(numbers.n)}
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _read(pem: str) -> tuple[RSAPublicKey, str | None]:
    """The key of a PEM text, and the end of its certificate, where it is one."""
    ends = None
    try:
        if "BEGIN CERTIFICATE" in pem:
            certificate = x509.load_pem_x509_certificate(pem.encode())
            key: object = certificate.public_key()
            ends = certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
        else:
            key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise invalid_body("'Invalid public key or certificate' on property pem.") from None
    if not isinstance(key, RSAPublicKey) or not BITS[0] <= key.key_size <= BITS[1]:
        raise invalid_body(f"'The key must be RSA of {BITS[0]} to {BITS[1]} bits' on property pem.")
    return key, ends


def _seconds(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _base64url(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
