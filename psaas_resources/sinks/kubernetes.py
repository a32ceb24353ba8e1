"""A Kubernetes Secret for each tenant, of which only our keys and labels are ours.

Sources: the Kubernetes API description of Secrets (v1): `GET`, `POST` and `PATCH
/api/v1/namespaces/NAMESPACE/secrets/NAME`, JSON merge patch, `resourceVersion` as the condition of a write, and
`SelfSubjectAccessReview` (authorization.k8s.io/v1), which is answered and not kept.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from .. import redaction
from ..errors import AnswerUnusable, ConfigError
from ..handed_over import MANAGED_BY, MANAGER, TENANT_LABEL, VARIABLES, HandedOver, fingerprint
from ..sink_place import SinkPlace
from ..sink_settings import SinkSettings
from ..transport import Answer
from .found import Found, OvertakenError, Rights, Whose
from .web import Web

FIELD_MANAGER = "?fieldManager=psaas-tenants"
NEEDED = ("get", "create", "patch")
REVIEWS = "apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
RIGHTS = "the token's role needs get, create and patch for secrets in that namespace"


class Kubernetes:
    """The API server of one cluster, with one bearer token."""

    def __init__(self, address: str, settings: SinkSettings) -> None:
        self._web, self._token = Web(address, settings), settings.token

    def look(self, place: SinkPlace, whose: Whose) -> Found:
        """The Secret. It is ours by its labels, whatever it holds."""
        doing = f"read {place}"
        answer = self._send(doing, "GET", place)
        if answer.status == 404:
            return Found()
        if not answer.ok:
            raise self._refused(doing, answer)
        secret = self._web.json(doing, answer)
        metadata, data = _object(secret.get("metadata")), _object(secret.get("data"))
        labels = _object(metadata.get("labels"))
        values = {name: _decoded(data[name]) for name in VARIABLES if name in data}
        redaction.remember(values.get("AUTH0_CLIENT_SECRET", ""))
        return Found(fingerprint(values), str(metadata.get("resourceVersion", "")), _owner(labels, whose.tenant))

    def write(self, place: SinkPlace, what: HandedOver, found: Found | None) -> None:
        """Make it, or change our keys and labels in it if it is still as it was seen."""
        doing = f"write {place}"
        labels = what.labels()
        data = {name: base64.b64encode(value.encode()).decode() for name, value in what.variables().items()}
        if found and found.version:
            body: dict[str, Any] = {"metadata": {"resourceVersion": found.version, "labels": labels}, "data": data}
            merge = {"Content-Type": "application/merge-patch+json"}
            answer = self._send(doing, "PATCH", place, body=body, headers=merge)
        else:
            named = {"name": place.path, "namespace": place.namespace, "labels": labels}
            body = {"apiVersion": "v1", "kind": "Secret", "metadata": named, "type": "Opaque", "data": data}
            answer = self._send(doing, "POST", place, body=body)
        if answer.status == 409 or (answer.status == 404 and found and found.version):
            raise OvertakenError
        if not answer.ok:
            raise self._refused(doing, answer)

    def rights(self, place: SinkPlace) -> Rights:
        """As the server reviews them, or else by a read."""
        allowed = {verb: self._may(verb, place) for verb in NEEDED}
        if None not in allowed.values():
            return Rights(tuple(verb for verb in NEEDED if not allowed[verb]))
        doing = f"read {place}"
        answer = self._send(doing, "GET", place)
        if not answer.ok and answer.status != 404:
            raise self._refused(doing, answer)
        return Rights(told=False)

    def _may(self, verb: str, place: SinkPlace) -> bool | None:
        """Whether the token may; None where it may not ask."""
        doing = f"ask for the token's rights to {place}"
        meant = {"group": "", "resource": "secrets", "namespace": place.namespace, "verb": verb}
        if verb != "create":  # a role can't allow that for a name
            meant["name"] = place.path
        body = {
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": meant},
        }  # fmt: skip
        answer = self._web.send(doing, "POST", REVIEWS, body=body, token=self._given())
        if answer.status == 401:
            raise self._refused(doing, answer)
        allowed = _object(self._web.json(doing, answer).get("status")).get("allowed") if answer.ok else None
        return allowed if isinstance(allowed, bool) else None

    def _send(
        self,
        doing: str,
        method: str,
        place: SinkPlace,
        *,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        path = f"api/v1/namespaces/{place.namespace}/secrets"
        path += "" if method == "POST" else f"/{place.path}"
        path += "" if method == "GET" else FIELD_MANAGER
        return self._web.send(doing, method, path, body=body, token=self._given(), headers=headers)

    def _given(self) -> str:
        if not self._token:
            raise ConfigError(
                f"there is no token for the Kubernetes API server {self._web.host}: give it as PSAAS_SINK_TOKEN, "
                "PSAAS_SINK_TOKEN_FILE or psaas:sinkToken"
            )
        return self._token

    def _refused(self, doing: str, answer: Answer) -> Exception:
        try:
            said = answer.json().get("message")
        except (AnswerUnusable, AttributeError):
            said = ""
        hint = "the token is wrong, or its time is over" if answer.status == 401 else RIGHTS
        return self._web.refused(doing, answer, said, hint)


def _owner(labels: Mapping[str, Any], tenant: str) -> str:
    if labels.get(MANAGED_BY) != MANAGER:
        return f"is not ours (it has no label {MANAGED_BY}={MANAGER})"
    other = labels.get(TENANT_LABEL)
    return "" if other == tenant else "belongs to another tenant"


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _decoded(value: object) -> str:
    try:
        return base64.b64decode(str(value), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
