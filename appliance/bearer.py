"""Access tokens: signed here, and read back here. Knows JWT and which claims must hold; knows no client grant."""

from collections.abc import Callable
from dataclasses import dataclass

import jwt

from appliance import clock
from appliance.errors import unauthorized
from appliance.keys import SigningKey, SigningKeys
from appliance.names import Tenant

REMEMBERED = 20_000


@dataclass(frozen=True)
class Bearer:
    client_id: str
    scopes: frozenset[str]
    expires_at: int


def sign(key: SigningKey, tenant: Tenant, *, client_id: str, audience: str, scope: str, lifetime_seconds: int) -> str:
    issued_at = int(clock.seconds())
    claims: dict[str, object] = {
        "iss": tenant.issuer,
        "sub": f"{client_id}@clients",
        "aud": audience,
        "iat": issued_at,
        "exp": issued_at + lifetime_seconds,
    }
    if scope:
        claims["scope"] = scope
    claims |= {"gty": "client-credentials", "azp": client_id}
    return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid})


class BearerReader:
    """Checks signature, issuer, audience and expiry, and remembers by its text what it has checked."""

    def __init__(self, keys: SigningKeys, *, clock: Callable[[], float] = clock.seconds) -> None:
        self._keys = keys
        self._clock = clock
        self._checked: dict[tuple[str, str], Bearer] = {}

    def read(self, tenant: Tenant, authorization: str | None) -> Bearer:
        """The bearer of a Management API token of this tenant; raises the 401 otherwise."""
        scheme, _, token = (authorization or "").partition(" ")
        if not authorization:
            raise unauthorized("Missing authentication")
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthorized("Invalid token")
        key = (tenant.name, token.strip())
        bearer = self._checked.get(key)
        if bearer is None:
            bearer = self._check(tenant, token.strip())
            if len(self._checked) >= REMEMBERED:
                self._checked.clear()
            self._checked[key] = bearer
        if bearer.expires_at <= self._clock():
            raise unauthorized("Expired token received for JSON Web Token validation")
        return bearer

    def forget(self) -> None:
        """Check every token anew: keys that were good may be so no longer."""
        self._checked.clear()

    def _check(self, tenant: Tenant, token: str) -> Bearer:
        required: list[str] = ["iss", "sub", "aud", "exp", "azp"]
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = next((key for key in self._keys.published(tenant.name) if key.kid == kid), None)
            if key is None:
                raise unauthorized("Invalid token")
            claims = jwt.decode(
                token,
                key.public,
                algorithms=["RS256"],
                audience=tenant.audience,
                issuer=tenant.issuer,
                options={"require": required, "verify_exp": False, "verify_iat": False},
            )
            return Bearer(str(claims["azp"]), frozenset(claims.get("scope", "").split()), int(claims["exp"]))
        except (jwt.PyJWTError, ValueError):
            raise unauthorized("Invalid token") from None
