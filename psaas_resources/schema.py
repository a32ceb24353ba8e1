"""JSON schemas for editors: what a stack file and an included file may say. Made from the model in `fleet`.

They accept whatever `validate` accepts, and underline what has a wrong shape: a schema can't know which names are
taken, or whether two values fit each other. Draft 7, which editors know best.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import schema_parts, settings
from .entries import EXISTING_FIELDS, INCLUDED_FIELDS, INSIDE_INCLUDED
from .fleet import Fleet
from .mistakes import REVIEWED
from .schema_parts import Schema
from .stack_files import TOP_LEVEL

DRAFT = "http://json-schema.org/draft-07/schema#"
ENCRYPTED: Schema = {
    "type": "object",
    "description": "What `pulumi config set --secret` writes.",
    "properties": {"secure": {"type": "string"}},
    "required": ["secure"],
    "additionalProperties": False,
}
BESIDE_CONFIG = {
    "encryptionsalt": "Salt of the passphrase that encrypts this stack's secrets. Kept by `pulumi`.",
    "secretsprovider": "The key service that encrypts this stack's secrets. Kept by `pulumi`.",
    "encryptedkey": "This stack's data key, encrypted by the secrets provider. Kept by `pulumi`.",
    "environment": "Pulumi ESC environments. What defines resources belongs into this file, not there.",
}
TEXT_OF_AN_OBJECT: Schema = {"type": "string", "pattern": r"^\s*\{"}


def files() -> dict[str, str]:
    """The schemas' paths below the project's folder, and their texts."""
    return {
        "stacks/schema/stack.json": _text(stack_file()),
        "stacks/schema/tenants.json": _text(included_file()),
        "stacks/schema/existing.json": _text(existing_file()),
    }


def write(root: Path) -> list[str]:
    """Write them below a project's folder; returns their names."""
    for name, text in files().items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return list(files())


def stack_file() -> Schema:
    """For `Pulumi.*.yaml`."""
    keys = {f"psaas:{key}": _key(key, shape) for key, shape in schema_parts.shapes_of(Fleet).items()}
    config = {
        "type": "object",
        "description": "Where the appliance is, and which tenants it shall have.",
        "properties": keys,
        "patternProperties": {"^(?!psaas:)[^:]+:": {}},
        "additionalProperties": False,
        "required": ["psaas:domain", "psaas:clientId"],
    }
    beside = {key: {"description": BESIDE_CONFIG[key]} for key in TOP_LEVEL if key != "config"}
    definitions = {
        "tenant": schema_parts.tenant(), "retired": schema_parts.retired(), "settings": schema_parts.settings(),
        "encrypted": ENCRYPTED, "managementClient": schema_parts.management_client(), "sink": schema_parts.sink(),
        "tenantSink": schema_parts.sink_of_tenant(),
    }  # fmt: skip
    return _document("A stack file of psaas-tenants", {"config": config} | beside, "config", definitions)


def included_file() -> Schema:
    """For the files that `psaas:tenantFiles` names."""
    tenants = _list("The tenants of this file.", {"$ref": "#/definitions/tenant"}) | {"type": "array"}
    definitions = {"tenant": schema_parts.tenant(INCLUDED_FIELDS), "managementClient": schema_parts.management_client()}
    for key, fields in INSIDE_INCLUDED.items():
        known = definitions[key]["properties"]
        definitions[key]["properties"] = {name: known[name] for name in fields}
    return _document("An included file of psaas-tenants", {"tenants": tenants}, "tenants", definitions)


def existing_file() -> Schema:
    """For the files that `psaas:existingTenantFiles` names."""
    tenant = schema_parts.tenant(EXISTING_FIELDS, exist=True)
    tenants = _list("The tenants of this file, which exist already.", {"$ref": "#/definitions/tenant"})
    properties = {"tenants": tenants | {"type": "array"}}
    return _document("Existing tenants of psaas-tenants", properties, "tenants", {"tenant": tenant})


def _document(title: str, properties: Schema, required: str, definitions: Schema) -> Schema:
    return {
        "$schema": DRAFT, "title": title, "type": "object", "properties": properties, "required": [required],
        "additionalProperties": False, "definitions": definitions,
    }  # fmt: skip


def _key(key: str, shape: Mapping[str, Any]) -> Schema:
    """A key of `config`: every scalar may be written as a text too, every list as JSON, and some things encrypted."""
    schema = _of_config(key, shape)
    if key in REVIEWED:
        return schema
    inner = {name: value for name, value in schema.items() if name not in ("description", "default")}
    kept = {name: value for name, value in schema.items() if name in ("description", "default")}
    return kept | {"anyOf": [inner, {"$ref": "#/definitions/encrypted"}]}


def _of_config(key: str, shape: Mapping[str, Any]) -> Schema:
    said = {name: shape[name] for name in ("description", "default") if shape.get(name) not in (None, "", [], {})}
    if key in settings.SECRETS:
        return said | (_credentials() if key == "credentials" else {"enum": ["", None]})
    if key in ("tenants", "retired"):
        item = "tenant" if key == "tenants" else "retired"
        return said | _list(shape["description"], {"$ref": f"#/definitions/{item}"})
    if key in ("settings", "managementClient", "sink"):
        return {"description": shape["description"], "anyOf": [{"$ref": f"#/definitions/{key}"}, TEXT_OF_AN_OBJECT]}
    if shape.get("type") == "array":
        return said | _list(shape["description"], {"type": "string", "minLength": 1})
    if shape.get("type") == "boolean":
        return said | schema_parts.yes_or_no()
    if key in settings.BOUNDS:
        _, least, most = settings.BOUNDS[key]
        bounds = {"minimum": least, "maximum": most}
        return said | {"type": ["number", "string"], "pattern": "^[-+0-9._eE ]+$"} | bounds
    if "enum" in shape:
        return said | {"enum": shape["enum"]}
    if key in ("domain", "clientId"):
        pattern = r"^[a-z0-9.-]+(:[0-9]+)?$" if key == "domain" else r"\S"
        return said | {"type": ["string", "number", "boolean"], "pattern": pattern}
    return said | {"type": ["string", "number", "boolean", "null"]}


def _credentials() -> Schema:
    part = {"anyOf": [{"type": "string"}, {"$ref": "#/definitions/encrypted"}]}
    secret = {"anyOf": [{"$ref": "#/definitions/encrypted"}, {"enum": [""]}]}
    pair = {
        "type": "object", "properties": {"clientId": part, "clientSecret": secret},
        "required": ["clientId", "clientSecret"], "additionalProperties": False,
    }  # fmt: skip
    return {"type": "object", "additionalProperties": pair}


def _list(description: str, items: Schema) -> Schema:
    """A list, or the JSON text of one, as `pulumi config set` may have written it."""
    return {"description": description, "type": ["array", "string"], "items": items, "pattern": r"^\s*\["}


def _text(schema: Schema) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
