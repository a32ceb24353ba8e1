"""Client assertions, the alternative to a client secret. Knows what an assertion must say; knows no grant.

An assertion is a JWT of the application about itself, for this tenant alone, good for five minutes at most and for one
use. Source: the vendor's pages on Private Key JWT, and RFC 7523. One that is not good is answered `invalid_client`; the
reason in the description is this appliance's own.
"""

import json
from collections.abc import Sequence
from typing import Any

import jwt

from appliance import clock, public_keys
from appliance.errors import OAuthError
from appliance.names import Tenant
from appliance.store import Row

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_BYTES = 2048
LONGEST_LIFE_SECONDS = 300
SKEW_SECONDS = 10
_LIMITS = {"iss": 64, "sub": 64, "jti": 64}


class UsedAssertions:
    """The IDs of assertions that were used, until they would have expired anyway."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}

    def use(self, client_id: str, identity: str, *, until: float, now: float) -> bool:
        """Whether this is its first use."""
        self._until = {key: end for key, end in self._until.items() if end > now}
        key = (client_id, identity)
        if key in self._until:
            return False
        self._until[key] = until
        return True


def client_id_of(assertion: str) -> str:
    """Whose assertion it claims to be; raises the refusal of one that is no JWT."""
    if len(assertion.encode()) > LONGEST_BYTES:
        raise refused(f"The assertion is longer than {LONGEST_BYTES} bytes")
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError):
        raise refused("The assertion is not a JWT") from None
    return str(claims.get("sub", ""))


def check(assertion: str, tenant: Tenant, client_id: str, keys: Sequence[Row], used: UsedAssertions) -> None:
    """Raise the refusal of an assertion that none of the application's keys in use has signed, or that says wrong."""
    now = clock.seconds()
    claims = _signed(assertion, [key for key in keys if not public_keys.has_expired(key, now)])
    audience = claims.get("aud")
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise refused("'iss' and 'sub' claims must be the client_id")
    if audience != tenant.issuer and audience != [tenant.issuer]:
        raise refused(f"'aud' claim must be {tenant.issuer}")
    identity, expires_at = claims.get("jti"), claims.get("exp")
    if not isinstance(identity, str) or not identity:
        raise refused("'jti' claim is missing")
    if any(len(str(claims[name])) > limit for name, limit in _LIMITS.items()):
        raise refused("A claim is too long")
    if not isinstance(expires_at, int | float):
        raise refused("'exp' claim is missing")
    if expires_at <= now:
        raise refused("The assertion has expired")
    for name in ("iat", "nbf"):
        if name in claims and (not isinstance(claims[name], int | float) or claims[name] > now + SKEW_SECONDS):
            raise refused(f"'{name}' claim is in the future")
    issued_at = claims.get("iat", now)
    if expires_at - min(issued_at, now) > LONGEST_LIFE_SECONDS + SKEW_SECONDS:
        raise refused("'exp' claim must specify a time that is no more than 5 minutes after 'iat'")
    if not used.use(client_id, identity, until=expires_at, now=now):
        raise refused("The assertion was used before")


def refused(reason: str) -> OAuthError:
    return OAuthError(401, "invalid_client", reason)


def _signed(assertion: str, keys: Sequence[Row]) -> dict[str, Any]:
    """The claims of an assertion that one of the keys has signed, with the algorithm that the key was given for."""
    try:
        kid = jwt.get_unverified_header(assertion).get("kid")
    except (jwt.PyJWTError, ValueError):
        raise refused("The assertion is not a JWT") from None
    for key in keys:
        if kid not in (None, key["kid"]):
            continue
        try:
            claims: dict[str, Any] = json.loads(jwt.api_jws.decode(assertion, key["pem"], algorithms=[key["alg"]]))
        except (jwt.PyJWTError, ValueError):
            continue
        if isinstance(claims, dict):
            return claims
    raise refused("No key of the application has signed the assertion with its algorithm")
