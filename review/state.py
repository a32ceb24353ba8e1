"""An exported state's resources of our kinds, by named fields alone. Pure; whatever is secret becomes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import applications, inside

TENANT, GRANT = "dynamic/psaas:Tenant", "dynamic/psaas:ClientGrant"
APPLICATION = "dynamic/psaas:ProvisioningApplication"
PROTECTED = " protected"  # no property is called that

Props = Mapping[str, Any]


def resources(export: Mapping[str, Any], kind: str) -> Iterator[tuple[str, Props]]:
    """Logical name and properties of the state's resources of a kind; a failed replacement's old copy is none."""
    for resource in export.get("deployment", {}).get("resources") or []:
        if str(resource.get("type", "")).endswith(f":{kind}") and not resource.get("delete"):
            name = str(resource.get("urn", "")).rpartition("::")[2]
            props = {**resource.get("inputs", {}), **resource.get("outputs", {})}
            yield name, {**props, PROTECTED: resource.get("protect") is True}


def within(export: Mapping[str, Any]) -> dict[str, dict[str, Props]]:
    """The properties of what is managed inside of tenants, by the tenant's name and the key of the part."""
    found: dict[str, dict[str, Props]] = {}
    for part in inside.PARTS:
        for _, props in resources(export, part.kind):
            found.setdefault(text(props.get("tenant")), {})[part.key] = props
    return found


def tenant(props: Props, within: Mapping[str, Props]) -> dict[str, Any]:
    """A tenant, with the properties of what is inside of it, by the key of the part."""
    adopt = props.get("adopt")
    retired = text(props.get("retired"))
    team = within.get(inside.TEAM.key, {})
    return {
        "name": text(props.get("name")),
        "owners": _texts(props.get("owners")),
        "appliedOwners": _texts(props.get("applied_owners")),
        "labels": _labels(props.get("labels")),
        "deletion": text(props.get("deletion")) or "refuse",
        "adopt": adopt if adopt in (True, "inventory") else False,
        "recreate": props.get("recreate") is True,
        "retired": retired if retired in ("forget", "delete") else "",
        "tenantDomain": text(props.get("tenant_domain")),
        "domain": text(props.get("domain")),
        "ready": props.get("ready") is True,
        "problem": text(props.get("problem")),
        "vanished": bool(text(props.get("vanished_at"))),
        "createdAt": text(props.get("created_at")),
        "rotate": text(props.get("rotate")),
        "inside": {part.key: part.standing(within[part.key]) for part in inside.PARTS if part.key in within},
        "insideReady": all(one.get("ready", True) is True for one in within.values()),
        "held": bool(text(props.get("client_id"))),
        "credentialSince": text(props.get("rotated_at")) or text(props.get("created_at")),
        "managedSince": text(props.get("managed_since")),
        "teamSince": text(team.get("rotated_at")) or text(team.get("managed_since")),
        "drift": [
            change.name
            for part in inside.PARTS
            if part.key in within
            for change in part.changes(part.declared(within[part.key]), part.standing(within[part.key]))
        ],
    }


def grant(name: str, props: Props) -> dict[str, Any]:
    return {
        "name": name,
        "clientId": text(props.get("client_id")),
        "audience": text(props.get("audience")),
        "scopes": _texts(props.get("scopes")),
    }


def application(props: Props) -> dict[str, Any]:
    drift = props.get("drift")
    return {
        **{key: text(props.get(key)) for key in ("name", "description", "adopt", "rotate")},
        "clientId": text(props.get("client_id")),
        "secretSince": text(props.get("secret_since")),
        "drift": [text for text in drift if isinstance(text, str)] if isinstance(drift, list) else [],
        "protected": props[PROTECTED],
        "key": props.get("signs") is True,
        "previousKeyHours": applications.hours_of(props),
    }


def text(value: Any) -> str:
    """A text; whatever the engine marks as secret is an object, and becomes nothing."""
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    return sorted({text for text in value if isinstance(text, str)}) if isinstance(value, list) else []


def _labels(value: Any) -> dict[str, str]:
    given = value if isinstance(value, dict) and "ciphertext" not in value else {}
    return {str(key): text for key, text in sorted(given.items()) if isinstance(text, str)}
