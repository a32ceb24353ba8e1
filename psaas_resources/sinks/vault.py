"""HashiCorp Vault (or OpenBao), secrets engine KV version 2: one path for each tenant, by check-and-set.

Sources: Vault's API descriptions of KV version 2 (`GET` and `POST /v1/MOUNT/data/PATH`, `options.cas`, the metadata
that a 404 carries where the newest version is deleted), of AppRole (`POST /v1/auth/approle/login`) and of a token's
own capabilities (`POST /v1/sys/capabilities-self`, which writes nothing and which a policy may forbid).
"""

from __future__ import annotations

import threading
from typing import Any

from .. import redaction
from ..errors import ConfigError, SinkDown, SinkError
from ..handed_over import VARIABLES, HandedOver, fingerprint
from ..sink_place import SinkPlace
from ..sink_settings import SinkSettings
from ..transport import Answer
from .found import Found, OvertakenError, Rights, Whose
from .web import Web

NEEDED = ("create", "read", "update")
RIGHTS = "its policy needs create, read and update on MOUNT/data/PATH"


class Vault:
    """One Vault, with one token. Safe for several threads."""

    def __init__(self, address: str, namespace: str, role_id: str, settings: SinkSettings) -> None:
        self._web = Web(address, settings)
        self._namespace = {"X-Vault-Namespace": namespace} if namespace else {}
        self._role_id, self._secret_id = role_id, settings.secret_id
        self._given, self._token, self._lock = settings.token, "", threading.Lock()

    def look(self, place: SinkPlace, whose: Whose) -> Found:
        """The newest version. One that is deleted counts as missing, and its number for the next write."""
        doing = f"read {place}"
        answer = self._call(doing, "GET", place)
        if answer.status == 404:
            return Found(version=_version(self._document_or_nothing(answer)))
        document = self._document(doing, answer)
        values, version = document.get("data"), _version(document)
        if not isinstance(values, dict):
            return Found(version=version)
        redaction.remember(*(value for value in values.values() if isinstance(value, str) and len(value) > 20))
        ours = [name for name in VARIABLES if name in values]
        foreign = bool(ours) and values.get("AUTH0_DOMAIN") != whose.domain
        return Found(fingerprint(values), version, "holds a credential of another domain" if foreign else "", values)

    def write(self, place: SinkPlace, what: HandedOver, found: Found | None) -> None:
        """A new version, on top of the one that was seen; the other keys of the path stay."""
        doing = f"write {place}"
        found = found or Found(version=0)
        body = {"options": {"cas": found.version}, "data": {**found.values, **what.variables()}}
        answer = self._call(doing, "POST", place, body)
        if answer.status == 400 and self.look(place, Whose(what.tenant, what.domain)).version != found.version:
            raise OvertakenError
        self._document(doing, answer)

    def rights(self, place: SinkPlace) -> Rights:
        """By the capabilities of the token, and by a read, which alone tells whether the mount is there."""
        path = f"{place.mount}/data/{place.path}"
        doing, asked = f"ask for the token's rights to {place}", {"paths": [path]}
        headers = self._headers(self._current())
        answer = self._web.send(doing, "POST", "v1/sys/capabilities-self", body=asked, headers=headers)
        told = self._document_or_nothing(answer).get(path) if answer.ok else None
        if isinstance(told, list) and "root" not in told and (lacking := [one for one in NEEDED if one not in told]):
            return Rights(tuple(lacking))
        doing = f"read {place}"
        answer = self._call(doing, "GET", place)
        nothing_there = answer.status == 404 and not _errors(self._document_or_nothing(answer))
        if not nothing_there:
            self._document(doing, answer)
        return Rights(told=isinstance(told, list))

    def _call(self, doing: str, method: str, place: SinkPlace, body: dict[str, Any] | None = None) -> Answer:
        """With a new token of the AppRole, once, where the one before has had its time."""
        path = f"v1/{place.mount}/data/{place.path}"
        token = self._current()
        answer = self._web.send(doing, method, path, body=body, headers=self._headers(token))
        if answer.status == 403 and self._role_id:
            renewed = self._current(instead_of=token)
            answer = self._web.send(doing, method, path, body=body, headers=self._headers(renewed))
        return answer

    def _headers(self, token: str) -> dict[str, str]:
        return {"X-Vault-Token": token, **self._namespace}

    def _current(self, *, instead_of: str = "") -> str:
        """The given token, or the AppRole's, for which one log-in serves the whole process."""
        if not self._role_id:
            if not self._given:
                raise ConfigError(
                    f"there is no token for the Vault {self._web.host}: give it as PSAAS_SINK_TOKEN, "
                    "PSAAS_SINK_TOKEN_FILE or psaas:sinkToken, or name an AppRole (roleId in psaas:sink)"
                )
            return self._given
        with self._lock:
            if not self._token or self._token == instead_of:
                self._token = self._logged_in()
            return self._token

    def _logged_in(self) -> str:
        if not self._secret_id:
            raise ConfigError(
                "psaas:sink names an AppRole, and its secret ID is missing: give it as PSAAS_SINK_SECRET_ID, "
                "PSAAS_SINK_SECRET_ID_FILE or psaas:sinkSecretId"
            )
        doing = f"log in to the Vault {self._web.host}"
        body = {"role_id": self._role_id, "secret_id": self._secret_id}
        answer = self._web.send(doing, "POST", "v1/auth/approle/login", body=body, headers=self._namespace)
        if not answer.ok:
            hint = "check roleId in psaas:sink and its secret ID"
            raise self._web.refused(doing, answer, _errors(self._document_or_nothing(answer)), hint)
        auth = self._web.json(doing, answer).get("auth")
        token = auth.get("client_token") if isinstance(auth, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise SinkDown(f"could not {doing}: its answer holds no usable token")
        redaction.remember(token)
        return token

    def _document(self, doing: str, answer: Answer) -> dict[str, Any]:
        """The `data` of a good answer."""
        if not answer.ok:
            hint = "the token is wrong or has no right to it" if answer.status == 403 else "check mount and path"
            raise self._web.refused(doing, answer, _errors(self._document_or_nothing(answer)), f"{hint}; {RIGHTS}")
        data = self._web.json(doing, answer).get("data")
        if not isinstance(data, dict):
            raise SinkError(f"could not {doing}: its answer has no data; is the mount a KV engine of version 2?")
        return data

    def _document_or_nothing(self, answer: Answer) -> dict[str, Any]:
        try:
            document = self._web.json("", answer)
        except SinkDown:
            return {}
        inner = document.get("data")
        return {**document, **(inner if isinstance(inner, dict) else {})}


def _version(document: dict[str, Any]) -> int:
    """The newest version that a place ever had; 0 where it never had one."""
    metadata = document.get("metadata")
    version = metadata.get("version") if isinstance(metadata, dict) else 0
    return version if isinstance(version, int) else 0


def _errors(document: dict[str, Any]) -> str:
    errors = document.get("errors")
    return "; ".join(" ".join(str(error).split()) for error in errors) if isinstance(errors, list) else ""
