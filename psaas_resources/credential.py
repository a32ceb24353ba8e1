"""A client ID and what proves it. Knows in which forms it is given; not where, and not whether anybody accepts it."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import redaction


@dataclass(frozen=True)
class Credential:
    """A client ID and its secret. Secrets stay out of `repr`, and of every message of this process.

    `other_secrets` are tried where the first is refused: while one is being rotated, nobody knows which is accepted.
    """

    client_id: str
    client_secret: str = field(repr=False)
    other_secrets: tuple[str, ...] = field(default=(), repr=False)
    private_key: str = field(default="", repr=False)  # signs assertions, in the place of a secret

    def __post_init__(self) -> None:
        redaction.remember(self.client_secret, *self.other_secrets, self.private_key)


def given(pair: object) -> Credential:
    """A credential as a person gives it. Raises TypeError for anything else, without repeating it."""
    if not isinstance(pair, dict) or set(pair) != {"clientId", "clientSecret"}:
        raise TypeError
    if not all(isinstance(part, str) and part.strip() for part in pair.values()):
        raise TypeError
    return Credential(pair["clientId"].strip(), pair["clientSecret"].strip())


def managed(said: object) -> Credential:
    """The credential of an application that the stack manages: its secret, or its key where it has one."""
    key = said.pop("clientKey", None) if isinstance(said, dict) else None
    credential = given(said)
    if not isinstance(key, str) or not key:
        return credential
    redaction.remember(key)
    return Credential(credential.client_id, "", private_key=key)
