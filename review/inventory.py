"""What a deploy publishes of the state, so that reviews need neither the state nor its key. No secrets; pure.

From a `pulumi stack export` without `--show-secrets`, by named fields alone. The same state makes the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from . import stack_settings
from .standing import Grant, Tenant

VERSION = 1
LARGEST = 64 * 1024 * 1024  # some 100,000 tenants
TENANT, GRANT = "dynamic/psaas:Tenant", "dynamic/psaas:ClientGrant"


class InventoryError(Exception):
    """The document is no inventory that can be used; the message says why."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_camel)


class InventoryTenant(_Part):
    """A tenant as the state has it; `owners` are those declared last, `applied_owners` those of its POST."""

    name: str = Field(min_length=1, max_length=63)
    owners: list[str] = []
    applied_owners: list[str] = []
    labels: dict[str, str] = {}
    deletion: str = "refuse"
    adopt: bool | Literal["inventory"] = False
    recreate: bool = False
    retired: Literal["", "forget", "delete"] = ""
    tenant_domain: str = ""
    domain: str = ""
    ready: bool = False
    problem: str = ""
    vanished: bool = False
    created_at: str = ""


class InventoryGrant(_Part):
    name: str
    client_id: str
    audience: str
    scopes: list[str] = []


class Inventory(_Part):
    """One stack. `settings` are texts that may be published, see `stack_settings`."""

    version: Literal[1]
    stack: str
    rta: str
    tenant_domain: str = ""
    commit: str = ""
    tenants: list[InventoryTenant] = []
    grants: list[InventoryGrant] = []
    settings: dict[str, str] = {}
    seconds_per_tenant: float | None = None


def of_state(
    export: Mapping[str, Any],
    *,
    stack: str,
    stack_file: str,
    commit: str = "",
    seconds_per_tenant: float | None = None,
) -> dict[str, Any]:
    """The inventory of an exported state. `stack_file` is the text of the stack file that was deployed."""
    settings = stack_settings.of_file(stack_file)
    tenants = [(props, InventoryTenant(**_tenant(props))) for _, props in _resources(export, TENANT)]
    grants = [(props, InventoryGrant(**_grant(name, props))) for name, props in _resources(export, GRANT)]
    rtas = [_text(props.get("rta")) for props, _ in (*tenants, *grants)]
    rta = rtas[0] if rtas else settings.get("psaas:domain", "")
    document = Inventory.model_validate(
        {
            "version": VERSION,
            "stack": stack,
            "rta": rta,
            "tenantDomain": settings.get("psaas:tenantDomain", "") or rta.partition(".")[2],
            "commit": commit,
            "tenants": sorted((tenant for _, tenant in tenants), key=lambda tenant: tenant.name),
            "grants": sorted((grant for _, grant in grants), key=lambda grant: grant.name),
            "settings": settings,
            "secondsPerTenant": seconds_per_tenant,
        }
    )
    return document.model_dump(by_alias=True)


def render(document: Mapping[str, Any]) -> str:
    """The document as the text of its file."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def parse(text: str, *, stack: str = "") -> dict[str, Any]:
    """A published inventory, checked. Raises InventoryError for one that is damaged, of another stack or too new."""
    if len(text) > LARGEST:
        raise InventoryError(f"the inventory has more than {LARGEST} characters")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise InventoryError("the inventory is not JSON; publish it again with the next deploy") from None
    version = document.get("version") if isinstance(document, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise InventoryError(
            f"the inventory is of version {version}, and this reviewer knows {VERSION}; review with the version of "
            "the project that deploys"
        )
    try:
        inventory = Inventory.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part)[:40] for part in first["loc"]) or "it"
        raise InventoryError(f"the inventory is damaged: {place}: {first['msg'].lower()}") from None
    names = [tenant.name for tenant in inventory.tenants]
    if len(set(names)) < len(names):
        raise InventoryError("the inventory is damaged: it lists a tenant twice")
    if stack and inventory.stack != stack:
        raise InventoryError(f"the inventory is of another stack than {stack}")
    return inventory.model_dump(by_alias=True)


def tenants_of(document: Mapping[str, Any]) -> dict[str, Tenant]:
    """The tenants of a checked document, by name."""
    given = (InventoryTenant.model_validate(entry) for entry in document["tenants"])
    return {
        t.name: Tenant(
            t.name, tuple(t.owners), t.labels, t.deletion, t.adopt, t.recreate, t.retired, t.tenant_domain, t.domain,
            tuple(t.applied_owners), t.ready, t.vanished,
        )
        for t in given
    }  # fmt: skip


def grants_of(document: Mapping[str, Any]) -> dict[str, Grant]:
    """The client grants of a checked document, by logical name."""
    given = (InventoryGrant.model_validate(entry) for entry in document["grants"])
    return {g.name: Grant(g.name, g.client_id, g.audience, tuple(g.scopes)) for g in given}


def _resources(export: Mapping[str, Any], kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Logical name and properties of the state's resources of a kind; a failed replacement's old copy is none."""
    for resource in export.get("deployment", {}).get("resources") or []:
        if str(resource.get("type", "")).endswith(f":{kind}") and not resource.get("delete"):
            name = str(resource.get("urn", "")).rpartition("::")[2]
            yield name, {**resource.get("inputs", {}), **resource.get("outputs", {})}


def _tenant(props: Mapping[str, Any]) -> dict[str, Any]:
    adopt = props.get("adopt")
    retired = _text(props.get("retired"))
    return {
        "name": _text(props.get("name")),
        "owners": _texts(props.get("owners")),
        "appliedOwners": _texts(props.get("applied_owners")),
        "labels": _labels(props.get("labels")),
        "deletion": _text(props.get("deletion")) or "refuse",
        "adopt": adopt if adopt in (True, "inventory") else False,
        "recreate": props.get("recreate") is True,
        "retired": retired if retired in ("forget", "delete") else "",
        "tenantDomain": _text(props.get("tenant_domain")),
        "domain": _text(props.get("domain")),
        "ready": props.get("ready") is True,
        "problem": _text(props.get("problem")),
        "vanished": bool(_text(props.get("vanished_at"))),
        "createdAt": _text(props.get("created_at")),
    }


def _grant(name: str, props: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "clientId": _text(props.get("client_id")),
        "audience": _text(props.get("audience")),
        "scopes": _texts(props.get("scopes")),
    }


def _text(value: Any) -> str:
    """A text; whatever the engine marks as secret is an object, and becomes nothing."""
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    return sorted({text for text in value if isinstance(text, str)}) if isinstance(value, list) else []


def _labels(value: Any) -> dict[str, str]:
    given = value if isinstance(value, dict) and "ciphertext" not in value else {}
    return {str(key): text for key, text in sorted(given.items()) if isinstance(text, str)}
