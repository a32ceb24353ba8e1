"""Applications of the root tenant authority: one method per call, with the admin application's token.

Knows the API; knows no rules and no Pulumi. Which connections an application is enabled on is in `enabled_connections`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from . import answers, paging, redaction, tokens
from .errors import AnswerUnusable, NotGranted, ToldNo, WrongCredential
from .management import Management
from .rules import READ_TENANTS
from .settings import Credential
from .transport import Answer

METHODS, WITH_A_KEY, SECRET_WAY = "client_authentication_methods", "private_key_jwt", "token_endpoint_auth_method"


@dataclass(frozen=True)
class PublicKey:
    """A public key of an application: its name on the appliance, and the thumbprint by which we know it again."""

    name: str
    key_id: str


class Applications:
    """Calls about applications. Whatever secret an answer holds is known to the redaction from then on."""

    def __init__(self, api: Management) -> None:
        self._api = api
        self.settings = api.settings

    def create(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """`POST /clients`, sent at most once after bytes have left; raises OutcomeUnknown where nobody can say."""
        doing = f'create the application "{properties["name"]}"'
        answer = self._call("POST", "clients", body=dict(properties), once=True)
        return answers.application(answers.check(answer, doing))

    def get(self, client_id: str) -> dict[str, Any] | None:
        """`GET /clients/{id}`; None where there is none. The secret is in it only for who may read client keys."""
        answer = self._call("GET", _path(client_id))
        if answer.status == 404:
            return None
        return answers.application(answers.check(answer, f"read application {client_id}"))

    def all(self) -> Iterator[dict[str, Any]]:
        """Every application, with its name and its notes only."""
        query = {"fields": "client_id,name,client_metadata", "include_fields": "true"}
        return paging.pages(self._call, "clients", "clients", query)

    def update(self, client_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """`PATCH /clients/{id}` with the named properties only."""
        answer = self._call("PATCH", _path(client_id), body=dict(changes))
        return answers.application(answers.check(answer, f"change application {client_id}"))

    def delete(self, client_id: str) -> None:
        """`DELETE /clients/{id}`; one that is gone already counts as deleted."""
        answer = self._call("DELETE", _path(client_id))
        if answer.status != 404:
            answers.check(answer, f"delete application {client_id}")

    def set_secret(self, client_id: str, secret: str) -> str:
        """Make `secret` the application's own, or have the appliance make one up where it takes none from us.

        Returns the one that is in force now. Setting the same one again changes nothing, so it may be repeated; the
        appliance's own rotation may not, and comes into use only where setting is refused.
        """
        redaction.remember(secret)
        answer = self._call("PATCH", _path(client_id), body={"client_secret": secret})
        if answer.ok:
            return secret
        if answer.status not in (400, 405):
            raise answers.management_error(answer, f"set the secret of application {client_id}")
        answer = self._call("POST", f"{_path(client_id)}/rotate-secret", once=True)
        rotated = answers.application(answers.check(answer, f"rotate the secret of application {client_id}"))
        if not isinstance(made := rotated.get("client_secret"), str) or not made:
            raise AnswerUnusable(f"the secret of application {client_id} was rotated, and is not in the answer")
        return made

    def keys(self, client_id: str) -> list[PublicKey]:
        """`GET /clients/{id}/credentials`: its public keys, two at most."""
        answer = self._call("GET", f"{_path(client_id)}/credentials")
        document = answers.check(answer, f"read the keys of application {client_id}").json()
        if not isinstance(document, list) or not all(isinstance(one, dict) and one.get("id") for one in document):
            raise AnswerUnusable(f"{answer.what}: the answer is not a list of credentials")
        return [PublicKey(str(one["id"]), str(one.get("kid") or "")) for one in document]

    def add_key(self, client_id: str, pem: str, *, key_id: str) -> None:
        """`POST /clients/{id}/credentials`; one that is there already is fine."""
        body = {"credential_type": "public_key", "name": "psaas-tenants", "pem": pem, "alg": "RS256", "kid": key_id}
        answer = self._call("POST", f"{_path(client_id)}/credentials", body=body)
        if answer.status != 409 or key_id not in [key.key_id for key in self.keys(client_id)]:
            answers.check(answer, f"add a key to application {client_id}")

    def sign_with(self, client_id: str, keys: Sequence[PublicKey]) -> None:
        """Prove itself by these keys alone, and by no secret."""
        named = [{"id": key.name} for key in keys]
        self.update(client_id, {METHODS: {WITH_A_KEY: {"credentials": named}}, SECRET_WAY: None})

    def prove_by_secret(self, client_id: str) -> None:
        """Prove itself by its secret again, and by no key."""
        self.update(client_id, {METHODS: None, SECRET_WAY: "client_secret_post"})

    def signs_with(self, client_id: str) -> list[str]:
        """The names of the keys that are in force; none where it proves itself by a secret."""
        methods = (self.get(client_id) or {}).get(METHODS)
        way = methods.get(WITH_A_KEY) if isinstance(methods, dict) else None
        named = way.get("credentials") if isinstance(way, dict) else None
        return [str(one["id"]) for one in named if isinstance(one, dict) and "id" in one] if named else []

    def delete_key(self, client_id: str, key: PublicKey) -> None:
        """`DELETE /clients/{id}/credentials/{id}`; one that is gone already counts as deleted."""
        answer = self._call("DELETE", f"{_path(client_id)}/credentials/{quote(key.name, safe='')}")
        if answer.status != 404:
            answers.check(answer, f"delete a key of application {client_id}")

    def proves(self, credential: Credential) -> bool:
        """Whether the token endpoint takes a credential for what it says; a missing grant is another matter."""
        try:
            self._api.tokens.request(self.settings.rta, self.settings.audience, credential)
        except WrongCredential:
            return False
        except NotGranted:
            pass
        return True

    def tenants_remain(self, own: Credential) -> bool | None:
        """Whether the appliance lists tenants, for the admin or the application itself; None where neither may look."""
        for credential in (self.settings.require_admin(), own):
            try:
                granted = tokens.scopes(self._api.tokens.token(credential))
                if granted is None or READ_TENANTS in granted:
                    return any(True for _ in paging.pages(self._as(credential), "tenants", "tenants", {}))
            except (ToldNo, AnswerUnusable):
                continue
        return None

    def _call(self, method: str, path: str, **rest: Any) -> Answer:
        return self._api.with_token(self.settings.require_admin(), method, path, **rest)

    def _as(self, credential: Credential) -> Callable[..., Answer]:
        return lambda method, path, **rest: self._api.with_token(credential, method, path, **rest)


def _path(client_id: str) -> str:
    return f"clients/{quote(client_id, safe='')}"
