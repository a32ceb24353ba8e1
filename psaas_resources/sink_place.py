"""Where a team reads its credential: a place in a sink, named by a template with the tenant's name and labels. Pure.

Sources: the names that Vault's KV version 2, and Kubernetes for Secrets and namespaces, take.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from . import rules

Kind = Literal["vault", "kubernetes", "command"]
KINDS = ("vault", "kubernetes", "command")
PATHS = {"vault": "psaas/{tenant}", "kubernetes": "auth0-{tenant}", "command": "{tenant}"}
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_PATH = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
_SECRET_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_NAMESPACE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class SinkPlace:
    """One place. `address` is the https URL of a Vault or of a Kubernetes API server, "" for a command.

    `path` is the path below `mount` in Vault, the name of the Secret in Kubernetes, and any name for a command.
    `role_id` is that of Vault's AppRole, "" where a token is given.
    """

    kind: str
    address: str = ""
    namespace: str = ""
    mount: str = ""
    path: str = ""
    role_id: str = ""

    @staticmethod
    def of(given: Mapping[str, Any]) -> SinkPlace:
        """From the engine's properties, or a program's."""
        known = {name: str(value) for name, value in given.items() if name in SinkPlace.__dataclass_fields__}
        return SinkPlace(**{"kind": "", **known})

    def props(self) -> dict[str, str]:
        """For the engine."""
        return asdict(self)

    def __str__(self) -> str:
        """In words that a person can follow."""
        host = urlsplit(self.address).netloc
        if self.kind == "vault":
            within = f" (namespace {self.namespace})" if self.namespace else ""
            return f"{self.mount}/{self.path} of the Vault {host}{within}"
        if self.kind == "kubernetes":
            return f"the Secret {self.namespace}/{self.path} of {host}"
        return f"{self.path} of the sink's command"

    def of_tenant(self, tenant: str, labels: Mapping[str, str]) -> SinkPlace:
        """This template for a tenant; variables that it has no value for stay as they are."""
        values = {"tenant": tenant, **{f"label:{name}": value for name, value in labels.items()}}

        def value(found: re.Match[str]) -> str:
            return values.get(found[1], found[0])

        return replace(self, path=_VARIABLE.sub(value, self.path), namespace=_VARIABLE.sub(value, self.namespace))


def template_problems(place: SinkPlace) -> Iterator[tuple[str, str]]:
    """What is wrong with a template, whatever the tenants are: field and words."""
    if place.kind not in KINDS:
        yield "kind", f"expected one of {', '.join(KINDS)}"
        return
    for name in ("mount", "role_id"):
        if getattr(place, name) and place.kind != "vault":
            yield name, "is for the kind vault only"
    if place.kind == "command" and (place.address or place.namespace):
        yield "address" if place.address else "namespace", "is not for a command"
    if place.kind != "command" and not _is_address(place.address):
        yield (
            "address",
            f'"{rules.printable(place.address)}" is not an address such as https://{place.kind}.example.com',
        )
    if place.kind == "vault" and not _is_path(place.mount):
        yield "mount", f'"{rules.printable(place.mount)}" is not the path of a secrets engine, such as secret'
    if place.kind == "kubernetes" and not place.namespace:
        yield "namespace", 'is missing; for example team-a, or "{label:team}"'
    for name in ("path", "namespace"):
        for variable in variables(getattr(place, name)):
            label = variable.removeprefix("label:")
            if variable != "tenant" and (label == variable or not label):
                yield name, f'"{{{rules.printable(variable)}}}" is not known; use {{tenant}} or {{label:NAME}}'


def missing_labels(place: SinkPlace, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The labels that a template needs and a tenant lacks, each with the field that needs it."""
    for name in ("path", "namespace"):
        for variable in variables(getattr(place, name)):
            label = variable.removeprefix("label:")
            if label != variable and label and not labels.get(label):
                yield name, label


def place_problem(place: SinkPlace) -> tuple[str, str] | None:
    """Why this can't be a place, once it is a tenant's: field and words."""
    if place.kind == "kubernetes" and not _NAMESPACE.fullmatch(place.namespace):
        return "namespace", f'"{rules.printable(place.namespace)}" is not the name of a namespace'
    if place.kind == "kubernetes" and not _SECRET_NAME.fullmatch(place.path):
        return "path", f'"{rules.printable(place.path)}" is not a name for a Secret: lower-case letters, digits, "-"'
    if place.kind == "vault" and place.namespace and not _is_path(place.namespace.strip("/")):
        return "namespace", f'"{rules.printable(place.namespace)}" is not a namespace of Vault'
    if not _is_path(place.path):
        return "path", f'"{rules.printable(place.path)}" is not a path: letters, digits, "-", "_" and "." between "/"'
    return None


def variables(template: str) -> list[str]:
    """What stands between braces."""
    return [found[1] for found in _VARIABLE.finditer(template)]


def _is_path(text: str) -> bool:
    return len(text) <= 500 and bool(_PATH.fullmatch(text)) and all(part.strip(".") for part in text.split("/"))


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment or parts.username or "@" in parts.netloc)
    host = re.fullmatch(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]+\]", parts.netloc.removesuffix(f":{port}"))
    return parts.scheme == "https" and plain and bool(host) and bool(re.fullmatch(r"(/[A-Za-z0-9._-]+)*/?", parts.path))
