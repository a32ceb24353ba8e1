"""A tenant's own Management API: who may call it, and one method per call. Knows no Pulumi.

Sources: the public description of `/api/v2/tenants/settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import answers, readiness, tenant_state
from .errors import AnswerUnusable, CouldNotTalk, NotOffered, PsaasError, RateLimited, SinkDown, ToldNo
from .escrow import Escrow
from .keyring import Keyring
from .management import Management
from .readiness import Look
from .settings import Credential
from .transport import Answer


def credential_of(
    tenant: str, *, rta: str, keyring: Keyring, escrow: Escrow, wait_seconds: float = 0.0
) -> Credential | None:
    """A tenant's credential: as this run has seen it in the state, else as the escrow has it aside.

    The second is for runs that leave the tenant itself out (`--target`). None where neither has it.
    """
    if found := keyring.find(rta, tenant, wait_seconds=wait_seconds):
        return found
    try:
        entry = escrow.find(tenant)
        return tenant_state.delivered(entry).credential if entry and entry.reason != "deleted" else None
    except PsaasError:
        return None  # an entry that can't be used is told where the tenant itself is handled


class NoCredential(CouldNotTalk):
    """Nothing was sent: nobody holds the tenant's credential here."""


class TenantNotReady(CouldNotTalk):
    """Nothing was sent but a request for a token, and none was given."""


def no_credential(tenant: str) -> str:
    return (
        f"nobody holds the credential of tenant {tenant} here: is it listed only (`adopt: inventory`), or left out of "
        "this run (`--target`)?"
    )


def passes(error: PsaasError) -> bool:
    """Whether it is the moment that is wrong, and not what was asked for."""
    busy = isinstance(error, ToldNo) and error.status >= 500
    return busy or isinstance(error, CouldNotTalk | AnswerUnusable | RateLimited | SinkDown)


class TenantAccess:
    """Calls to one tenant with its own credential. Raises what the client raises."""

    def __init__(self, api: Management, domain: str, credential: Credential) -> None:
        self._api, self._domain, self._credential = api, domain, credential

    @property
    def audience(self) -> str:
        """The audience of the tenant's Management API."""
        return f"https://{self._domain}/api/v2/"

    def look(self) -> Look:
        """Whether the tenant gives out a token; asked once in a process."""
        if self._api.holds_tenant_token(self._domain, self._credential):
            return Look(True)
        return readiness.look(self._api, self._domain, self._credential)

    def settings(self) -> dict[str, Any]:
        """`GET /tenants/settings`."""
        return self._settings("GET", f"read the settings of {self._domain}")

    def change_settings(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """`PATCH /tenants/settings` with the named fields only. Returns all settings as they are then."""
        return self._settings("PATCH", f"change the settings of {self._domain}", body=changes)

    def _settings(self, method: str, doing: str, **rest: Any) -> dict[str, Any]:
        answer = self.call(method, "tenants/settings", **rest)
        if answer.status in (404, 405):
            error = answers.management_error(answer, doing)
            raise NotOffered(f"{error}; does this release have that call?", status=answer.status, code=error.code)
        return _object(answers.check(answer, doing))

    def call(self, method: str, path: str, **rest: Any) -> Answer:
        """Any call of the tenant's Management API."""
        return self._api.tenant_call(self._domain, self._credential, method, path, **rest)


def _object(answer: Answer) -> dict[str, Any]:
    document = answer.json()
    if not isinstance(document, dict):
        raise AnswerUnusable(f"{answer.what}: the answer is not an object")
    return document
