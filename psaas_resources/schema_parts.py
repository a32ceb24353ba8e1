"""What entries and their parts look like in JSON schemas for editors. Made from the models in `entries` and `parts`."""

from __future__ import annotations

from typing import Any

from . import rules
from .entries import RetiredEntry, TenantEntry
from .parts import ManagementClientPart, Part, SettingsPart, SinkPart, TenantSinkPart
from .sink_place import KINDS

Schema = dict[str, Any]
YES_OR_NO = "true false yes no on off y n t f 1 0".split()


def tenant(fields: tuple[str, ...] | None = None, *, exist: bool = False) -> Schema:
    """An entry of `tenants`; one that makes a new tenant has a name in the form for new ones, and an owner.

    `exist`: of a file whose tenants exist already.
    """
    shapes = shapes_of(TenantEntry)
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
        "recreate": {"default": False, "description": shapes["recreate"]["description"]} | yes_or_no(),
    }
    inside = {"settings": "settings", "managementClient": "managementClient", "sink": "tenantSink"}
    for name, definition in inside.items():
        properties[name] = {
            "description": shapes[name]["description"], "allOf": [{"$ref": f"#/definitions/{definition}"}],
        }  # fmt: skip
    said = {name: schema for name, schema in properties.items() if fields is None or name in fields}
    entry = _object(TenantEntry, said, required=("name",))
    existing = {"properties": {"adopt": {"enum": [True, "inventory"]}}, "required": ["adopt"]}
    if fields is not None:
        return entry | {"allOf": [existing if exist else new]}
    return entry | {"if": existing, "else": new}


def retired() -> Schema:
    shapes = shapes_of(RetiredEntry)
    fields = {"name": shapes["name"] | {"pattern": rules.EXISTING_NAME}, "deletion": shapes["deletion"]}
    return _object(RetiredEntry, fields, required=("name",))


def settings() -> Schema:
    """Settings inside of a tenant; each may be left empty, which says nothing."""
    patterns = {"supportUrl": r"^(https?://.*)?$", "pictureUrl": r"^(https?://.*)?$"}
    fields = _fields(SettingsPart)
    for name, pattern in patterns.items():
        fields[name]["pattern"] = pattern
    for name in ("sessionLifetime", "idleSessionLifetime"):
        fields[name]["minimum"] = 1
    return _object(SettingsPart, fields)


def management_client() -> Schema:
    """The application of a tenant's team; each field may be left empty, which says nothing."""
    fields = _fields(ManagementClientPart)
    fields["previousHours"] |= {"minimum": 1, "maximum": 24 * 365}
    return _object(ManagementClientPart, fields)


def sink() -> Schema:
    """Where credentials are written."""
    fields = _fields(SinkPart)
    fields["kind"] = {"enum": [*KINDS, None], "description": fields["kind"]["description"]}
    fields["address"]["pattern"] = "^(https://.*)?$"
    return _object(SinkPart, fields)


def sink_of_tenant() -> Schema:
    return _object(TenantSinkPart, _fields(TenantSinkPart))


def _object(model: type[Part], properties: Schema, *, required: tuple[str, ...] = ()) -> Schema:
    """An object that has these properties and no others."""
    said = {"type": "object", "description": model.__doc__, "properties": properties}
    return said | ({"required": [*required]} if required else {}) | {"additionalProperties": False}


def _fields(model: type[Part]) -> dict[str, Schema]:
    """The shapes without defaults: what a part does not say is said elsewhere, or by nobody."""
    shapes = shapes_of(model)
    return {name: {key: value for key, value in shape.items() if key != "default"} for name, shape in shapes.items()}


def yes_or_no() -> Schema:
    """As the model reads it: true or false, or a text that says so in any case."""
    words = "|".join("".join(f"[{c.upper()}{c}]" if c.isalpha() else c for c in word) for word in YES_OR_NO)
    return {"type": ["boolean", "string", "number"], "pattern": f"^({words})$", "minimum": 0, "maximum": 1}


def shapes_of(model: type[Part]) -> dict[str, Schema]:
    """What the models know of each field: description, default and shape, without generated titles."""
    properties = model.model_json_schema(by_alias=True)["properties"]
    return {key: {name: value for name, value in shape.items() if name != "title"} for key, shape in properties.items()}
