"""Applications inside a tenant and what they may do there, by the tenant's own credential. Knows the API; no rules.

Sources: the public description of `/api/v2/clients` and `/api/v2/client-grants`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from . import answers, paging
from .errors import AnswerUnusable
from .tenant_access import TenantAccess


class TenantApplications:
    """Calls about the applications of one tenant. Whatever secret an answer holds is known to the redaction."""

    def __init__(self, tenant: TenantAccess) -> None:
        self._tenant = tenant
        self.audience = tenant.audience

    def create(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """`POST /clients`, sent at most once after bytes have left; raises OutcomeUnknown where nobody can say."""
        answer = self._tenant.call("POST", "clients", body=dict(properties), once=True)
        return answers.application(answers.check(answer, f'create the application "{properties["name"]}"'))

    def get(self, client_id: str) -> dict[str, Any] | None:
        """`GET /clients/{id}`; None where there is none. Its secret is in it for who may read client keys."""
        answer = self._tenant.call("GET", _path(client_id))
        return (
            None
            if answer.status == 404
            else answers.application(answers.check(answer, f"read application {client_id}"))
        )

    def marked(self, key: str, value: str) -> list[dict[str, Any]]:
        """The applications whose metadata say so, in the order of their IDs."""
        query = {"fields": "client_id,name,client_metadata", "include_fields": "true"}
        found = []
        for row in paging.pages(self._tenant.call, "clients", "clients", query):
            metadata = row.get("client_metadata")
            if isinstance(metadata, dict) and metadata.get(key) == value and row.get("client_id"):
                found.append(row)
        return sorted(found, key=lambda row: str(row["client_id"]))

    def rotate_secret(self, client_id: str) -> str:
        """`POST /clients/{id}/rotate-secret`."""
        answer = self._tenant.call("POST", f"{_path(client_id)}/rotate-secret", once=True)
        rotated = answers.application(answers.check(answer, f"rotate the secret of application {client_id}"))
        if not isinstance(secret := rotated.get("client_secret"), str) or not secret:
            raise AnswerUnusable(f"the secret of application {client_id} was rotated, and is not in the answer")
        return secret

    def delete(self, client_id: str) -> None:
        """`DELETE /clients/{id}`, with its grants; one that is gone already counts as deleted."""
        answer = self._tenant.call("DELETE", _path(client_id))
        if answer.status != 404:
            answers.check(answer, f"delete application {client_id}")

    def scopes(self, client_id: str) -> tuple[str, ...] | None:
        """What an application may do in the tenant's Management API; None where it has no client grant for it."""
        grant = self._grant(client_id)
        return None if grant is None else tuple(sorted(grant.get("scope") or ()))

    def allow(self, client_id: str, scopes: Sequence[str]) -> tuple[str, ...]:
        """Give an application exactly these scopes, by a new grant or the one it has. Returns what is stored."""
        doing, body = f"let application {client_id} use the Management API", {"scope": sorted(scopes)}
        if grant := self._grant(client_id):
            answer = self._tenant.call("PATCH", f"client-grants/{quote(str(grant['id']), safe='')}", body=body)
        else:
            whole = body | {"client_id": client_id, "audience": self.audience}
            answer = self._tenant.call("POST", "client-grants", body=whole, once=True)
        document = answers.check(answer, doing).json()
        stored = document.get("scope") if isinstance(document, dict) else None
        if not isinstance(stored, list):
            raise AnswerUnusable(f"{answer.what}: the answer is not a client grant")
        return tuple(sorted(map(str, stored)))

    def _grant(self, client_id: str) -> dict[str, Any] | None:
        query = {"client_id": client_id, "audience": self.audience}
        for grant in paging.pages(self._tenant.call, "client-grants", "client_grants", query):
            same = grant.get("client_id") == client_id and grant.get("audience") == self.audience
            if same and grant.get("subject_type") in (None, "client"):
                return grant
        return None


def _path(client_id: str) -> str:
    return f"clients/{quote(client_id, safe='')}"
