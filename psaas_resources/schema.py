"""JSON schemas for editors: what a stack file and an included file may say. Made from the models in `fleet`.

They accept whatever `validate` accepts, and underline what has a wrong shape: a schema can't know which names are
taken, or whether two values fit each other. Draft 7, which editors know best.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import rules, settings
from .entries import EXISTING_FIELDS, INCLUDED_FIELDS, INSIDE_INCLUDED, RetiredEntry, TenantEntry
from .fleet import Fleet
from .mistakes import REVIEWED
from .parts import ManagementClientPart, Part, SettingsPart, SinkPart, TenantSinkPart
from .sink_place import KINDS
from .stack_files import TOP_LEVEL

Schema = dict[str, Any]
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
YES_OR_NO = "true false yes no on off y n t f 1 0".split()


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
    keys = {f"psaas:{key}": _key(key, shape) for key, shape in _shapes(Fleet).items()}
    config = {
        "type": "object",
        "description": "Where the appliance is, and which tenants it shall have.",
        "properties": keys,
        "patternProperties": {"^(?!psaas:)[^:]+:": {}},
        "additionalProperties": False,
        "required": ["psaas:domain", "psaas:clientId"],
    }
    beside = {key: {"description": BESIDE_CONFIG[key]} for key in TOP_LEVEL if key != "config"}
    definitions = {"tenant": _tenant(), "retired": _retired(), "settings": _settings(), "encrypted": ENCRYPTED}
    definitions |= {"managementClient": _management_client(), "sink": _sink(), "tenantSink": _sink_of_tenant()}
    return _document("A stack file of psaas-tenants", {"config": config} | beside, "config", definitions)


def included_file() -> Schema:
    """For the files that `psaas:tenantFiles` names."""
    tenants = _list("The tenants of this file.", {"$ref": "#/definitions/tenant"}) | {"type": "array"}
    definitions = {"tenant": _tenant(INCLUDED_FIELDS), "managementClient": _management_client()}
    for key, fields in INSIDE_INCLUDED.items():
        known = definitions[key]["properties"]
        definitions[key]["properties"] = {name: known[name] for name in fields}
    return _document("An included file of psaas-tenants", {"tenants": tenants}, "tenants", definitions)


def existing_file() -> Schema:
    """For the files that `psaas:existingTenantFiles` names."""
    tenant = _tenant(EXISTING_FIELDS, exist=True)
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
        return said | _yes_or_no()
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


def _tenant(fields: tuple[str, ...] | None = None, *, exist: bool = False) -> Schema:
    """An entry of `tenants`; one that makes a new tenant has a name in the form for new ones, and an owner.

    `exist`: of a file whose tenants exist already.
    """
    shapes = _shapes(TenantEntry)
    new_name = {"pattern": rules.NEW_NAME, "not": {"enum": sorted(rules.RESERVED_NAMES)}}
    new_owners = {"minItems": 1, "items": {"pattern": rules.EMAIL}}
    new = {"properties": {"name": new_name, "owners": new_owners}, "required": ["owners"]}
    properties = {
        "name": shapes["name"] | {"pattern": rules.EXISTING_NAME},
        "owners": shapes["owners"],
        "adopt": {"enum": [False, True, "inventory"], "default": False, "description": shapes["adopt"]["description"]},
        "deletion": {"enum": [*rules.DELETIONS, None], "description": shapes["deletion"]["description"]},
        "labels": shapes["labels"],
        "inviteOwners": {"type": ["boolean", "null"], "description": shapes["inviteOwners"]["description"]},
        "rotate": {"type": "string", "description": shapes["rotate"]["description"]},
        "recreate": {"default": False, "description": shapes["recreate"]["description"]} | _yes_or_no(),
    }
    inside = {"settings": "settings", "managementClient": "managementClient", "sink": "tenantSink"}
    for name, definition in inside.items():
        properties[name] = {
            "description": shapes[name]["description"], "allOf": [{"$ref": f"#/definitions/{definition}"}],
        }  # fmt: skip
    entry = {
        "type": "object",
        "description": TenantEntry.__doc__,
        "properties": {name: schema for name, schema in properties.items() if fields is None or name in fields},
        "required": ["name"],
        "additionalProperties": False,
    }
    existing = {"properties": {"adopt": {"enum": [True, "inventory"]}}, "required": ["adopt"]}
    if fields is not None:
        return entry | {"allOf": [existing if exist else new]}
    return entry | {"if": existing, "else": new}


def _retired() -> Schema:
    shapes = _shapes(RetiredEntry)
    return {
        "type": "object",
        "description": RetiredEntry.__doc__,
        "properties": {"name": shapes["name"] | {"pattern": rules.EXISTING_NAME}, "deletion": shapes["deletion"]},
        "required": ["name"],
        "additionalProperties": False,
    }


def _settings() -> Schema:
    """Settings inside of a tenant; each may be left empty, which says nothing."""
    patterns = {"supportUrl": r"^(https?://.*)?$", "pictureUrl": r"^(https?://.*)?$"}
    fields: Schema = {}
    for name, shape in _shapes(SettingsPart).items():
        fields[name] = {key: value for key, value in shape.items() if key != "default"}
        fields[name] |= {"pattern": patterns[name]} if name in patterns else {}
    for name in ("sessionLifetime", "idleSessionLifetime"):
        fields[name]["minimum"] = 1
    return {
        "type": "object", "description": SettingsPart.__doc__, "properties": fields, "additionalProperties": False,
    }  # fmt: skip


def _management_client() -> Schema:
    """The application of a tenant's team; each field may be left empty, which says nothing."""
    fields: Schema = {
        name: {key: value for key, value in shape.items() if key != "default"}
        for name, shape in _shapes(ManagementClientPart).items()
    }
    fields["previousHours"] |= {"minimum": 1, "maximum": 24 * 365}
    return {
        "type": "object", "description": ManagementClientPart.__doc__, "properties": fields,
        "additionalProperties": False,
    }  # fmt: skip


def _sink() -> Schema:
    """Where credentials are written."""
    fields = _fields(SinkPart)
    fields["kind"] = {"enum": [*KINDS, None], "description": fields["kind"]["description"]}
    fields["address"]["pattern"] = "^(https://.*)?$"
    return {"type": "object", "description": SinkPart.__doc__, "properties": fields, "additionalProperties": False}


def _sink_of_tenant() -> Schema:
    return {
        "type": "object", "description": TenantSinkPart.__doc__, "properties": _fields(TenantSinkPart),
        "additionalProperties": False,
    }  # fmt: skip


def _fields(model: type[SinkPart | TenantSinkPart]) -> dict[str, Schema]:
    return {
        name: {key: value for key, value in shape.items() if key != "default"} for name, shape in _shapes(model).items()
    }


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


def _yes_or_no() -> Schema:
    """As the model reads it: true or false, or a text that says so in any case."""
    words = "|".join("".join(f"[{c.upper()}{c}]" if c.isalpha() else c for c in word) for word in YES_OR_NO)
    return {"type": ["boolean", "string", "number"], "pattern": f"^({words})$", "minimum": 0, "maximum": 1}


def _shapes(model: type[Part]) -> dict[str, Schema]:
    """What the models know of each field: description, default and shape, without generated titles."""
    properties = model.model_json_schema(by_alias=True)["properties"]
    return {key: {name: value for name, value in shape.items() if name != "title"} for key, shape in properties.items()}


def _text(schema: Schema) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
