"""Names that the appliance makes up: IDs and secrets, random ones and fixed ones. Knows no table they stand in."""

import hashlib
import secrets
import string

BASE62 = string.ascii_uppercase + string.ascii_lowercase + string.digits


def new_id(prefix: str = "", *, length: int = 16) -> str:
    # One draw for all digits: a thousand tenants draw some hundred thousand of them.
    return prefix + _base62(secrets.randbits(length * 6), length)


def new_secret() -> str:
    """64 URL-safe characters, the length that applications have on the real thing."""
    return secrets.token_urlsafe(48)


def fixed_client_id(rta: str, application: str) -> str:
    """The client_id of an application that every new appliance has, so that tracked files may name it."""
    return _base62(int.from_bytes(hashlib.sha256(f"{rta}\n{application}".encode()).digest(), "big"), 32)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(BASE62[digit])
    return "".join(digits)
