"""The key that each tenant signs its tokens with. Knows RSA and where the numbers are kept; knows no token.

Every tenant has a modulus of its own, so a token of one tenant fails against another's JWKS, as it should. A fresh
2048-bit key costs 50 ms and more, though, which a thousand tenants would feel. So tenants share *primes*: key number
k is the k-th pair of a slowly growing list, and 46 primes make more than a thousand keys. Whoever holds two such keys
can compute both; that is one of the reasons why this appliance is for development only.
"""

import asyncio
import base64
import hashlib
import math
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import rsa

from appliance.store import Store

EXPONENT = 65537


@dataclass(frozen=True)
class SigningKey:
    private: rsa.RSAPrivateKey
    public: rsa.RSAPublicKey
    jwk: dict[str, str]

    @property
    def kid(self) -> str:
        return self.jwk["kid"]


class SigningKeys:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, SigningKey] = {}
        self._growing = asyncio.Lock()

    def existing(self, tenant: str) -> SigningKey | None:
        """The key of a tenant that has signed something already."""
        if tenant not in self._known:
            row = self._store.one("SELECT key_number FROM tenants WHERE name = ?", (tenant,))
            if row is None or row["key_number"] is None:
                return None
            self._known[tenant] = self._key(int(row["key_number"]))
        return self._known[tenant]

    async def of(self, tenant: str) -> SigningKey:
        """The key of a tenant, made on first use; the server answers others while a prime is sought."""
        async with self._growing:
            if found := self.existing(tenant):
                return found
            number = await self._new_number()
            self._store.run("UPDATE tenants SET key_number = ? WHERE name = ?", (number, tenant))
        self._known[tenant] = key = self._key(number)
        return key

    def spare(self, keys: int) -> None:
        """Find the primes of the first so many keys now, so that nobody waits for them later."""
        while keys > 0 and pair(keys - 1)[1] >= self._count():
            self._add_primes(_two_primes())

    def published(self, tenant: str) -> list[SigningKey]:
        """The keys whose tokens are good: the tenant's own, if it has signed anything, and old ones that are kept."""
        own = self.existing(tenant)
        sql = "SELECT key_number FROM retired_keys WHERE tenant = ? AND published ORDER BY key_number DESC"
        old = [self._key(int(row["key_number"])) for row in self._store.all(sql, (tenant,))]
        return [own, *old] if own else old

    async def rotate(self, tenant: str, *, keep_old: bool) -> SigningKey:
        """Give a tenant a new key; the ones before stay published, or are worth nothing from now on."""
        await self.of(tenant)
        async with self._growing:
            number = await self._new_number()
            with self._store.transaction():
                self._store.run(
                    "INSERT INTO retired_keys (key_number, tenant, published)"
                    " SELECT key_number, name, 1 FROM tenants WHERE name = ?",
                    (tenant,),
                )
                if not keep_old:
                    self._store.run("UPDATE retired_keys SET published = 0 WHERE tenant = ?", (tenant,))
                self._store.run("UPDATE tenants SET key_number = ? WHERE name = ?", (number, tenant))
        self._known[tenant] = key = self._key(number)
        return key

    async def _new_number(self) -> int:
        """A number that no key has or had, with the primes that it needs."""
        row = self._store.one(
            "SELECT max(coalesce((SELECT max(key_number) FROM tenants), -1),"
            " coalesce((SELECT max(key_number) FROM retired_keys), -1)) + 1 AS free"
        )
        number = 0 if row is None else int(row["free"])
        if pair(number)[1] >= self._count():
            self._add_primes(await asyncio.to_thread(_two_primes))
        return number

    def _count(self) -> int:
        row = self._store.one("SELECT count(*) AS count FROM primes")
        return 0 if row is None else int(row["count"])

    def _add_primes(self, primes: tuple[int, int]) -> None:
        start = self._count()
        with self._store.transaction():
            for n, prime in enumerate(primes, start):
                self._store.insert("primes", {"n": n, "prime": str(prime)})

    def _key(self, number: int) -> SigningKey:
        rows = self._store.all("SELECT prime FROM primes WHERE n IN (?, ?) ORDER BY n", pair(number))
        p, q = (int(row["prime"]) for row in rows)
        d = pow(EXPONENT, -1, (p - 1) * (q - 1))
        public = rsa.RSAPublicNumbers(EXPONENT, p * q)
        dmp1, dmq1, iqmp = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
        numbers = rsa.RSAPrivateNumbers(p, q, d, dmp1, dmq1, iqmp, public)
        # Checking the primes again would cost as much as finding them.
        private = numbers.private_key(unsafe_skip_rsa_key_validation=True)
        return SigningKey(private, private.public_key(), _jwk(public))


def pair(number: int) -> tuple[int, int]:
    """The number-th pair of a growing list: 0-1, 0-2, 1-2, 0-3, 1-3, 2-3, …"""
    larger = (1 + math.isqrt(1 + 8 * number)) // 2
    return number - larger * (larger - 1) // 2, larger


def _two_primes() -> tuple[int, int]:
    numbers = rsa.generate_private_key(public_exponent=EXPONENT, key_size=2048).private_numbers()
    return numbers.p, numbers.q


def _jwk(public: rsa.RSAPublicNumbers) -> dict[str, str]:
    n, e = _base64url(public.n), _base64url(public.e)
    kid = hashlib.sha256(n.encode()).hexdigest()[:32]
    return {"alg": "RS256", "kty": "RSA", "use": "sig", "n": n, "e": e, "kid": kid}


def _base64url(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
