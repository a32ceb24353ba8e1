"""A stand-in for the Secrets of a Kubernetes API server, and its reviews of access, after its API's description.

No registry that these tests use has an API server, so this is a reading of the description and no proof against the
real thing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.sinks.https import Answer, HttpsServer

TOKEN = "canary-kubernetes-token-8d1f"
SECRETS = re.compile(r"/api/v1/namespaces/([^/]+)/secrets(?:/([^/]+))?")
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
MERGE = "application/merge-patch+json"


@dataclass
class KubernetesStandIn(HttpsServer):
    """`secrets` by namespace and name. Namespaces that exist: `namespaces`.

    `verbs` are allowed there for secrets; a token that may not ask (`reviews`) is told so.
    """

    ca: str = ""
    secrets: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    namespaces: tuple[str, ...] = ("team-a",)
    verbs: tuple[str, ...] = ("get", "create", "patch")
    reviews: bool = True
    version: int = 100

    def answer(self, method: str, path: str, headers: dict[str, str], body: Any) -> Answer:
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return self._status(401, "Unauthorized", "Unauthorized")
        if path == REVIEWS:
            return self._review(method, body)
        found = SECRETS.fullmatch(path)
        if not found or found[1] not in self.namespaces:
            return self._status(403, "Forbidden", f'secrets is forbidden: no access to "{path}"')
        if (verb := {"POST": "create"}.get(method, method.lower())) not in self.verbs:
            return self._status(403, "Forbidden", f"secrets is forbidden: cannot {verb} it")
        namespace, name = found[1], found[2] or body["metadata"]["name"]
        key = (namespace, name)
        if method == "POST":
            if key in self.secrets:
                return self._status(409, "AlreadyExists", f'secrets "{name}" already exists')
            self.keep(namespace, name, body)
            return 201, self.secrets[key]
        if key not in self.secrets:
            return self._status(404, "NotFound", f'secrets "{name}" not found')
        if method == "PATCH":
            assert headers["content-type"] == MERGE
            wanted = body["metadata"].get("resourceVersion")
            if wanted and wanted != self.secrets[key]["metadata"]["resourceVersion"]:
                return self._status(409, "Conflict", "the object has been modified; please apply your changes")
            if self.secrets[key].get("immutable"):
                return self._status(422, "Invalid", f'Secret "{name}" is invalid: field is immutable')
            self.keep(namespace, name, _merged(self.secrets[key], body))
        return 200, self.secrets[key]

    def _review(self, method: str, body: Any) -> Answer:
        if not self.reviews:
            return self._status(403, "Forbidden", "selfsubjectaccessreviews.authorization.k8s.io is forbidden")
        assert (method, body["apiVersion"]) == ("POST", "authorization.k8s.io/v1")
        assert body["kind"] == "SelfSubjectAccessReview"
        asked = body["spec"]["resourceAttributes"]
        at_place = asked["namespace"] in self.namespaces and (asked["group"], asked["resource"]) == ("", "secrets")
        return 201, body | {"status": {"allowed": at_place and asked["verb"] in self.verbs}}

    def keep(self, namespace: str, name: str, secret: dict[str, Any]) -> None:
        """Store a Secret, whoever does it."""
        self.version += 1
        metadata = {**secret.get("metadata", {}), "name": name, "resourceVersion": str(self.version)}
        self.secrets[namespace, name] = {**secret, "metadata": metadata}

    @staticmethod
    def _status(code: int, reason: str, message: str) -> Answer:
        status = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}
        return code, status | {"reason": reason, "message": message, "code": code}


def _merged(before: Any, patch: Any) -> Any:
    """JSON merge patch, RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(before) if isinstance(before, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged
