"""JSON schemas of the rules' settings, made from their models: for editors, for the engine, for the documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .rule import Rule
from .rules import ALL
from .settings import EVERY_RULE, LEVEL, LEVELS

FILE = Path(__file__).with_name("settings.schema.json")


def properties_of(rule: Rule) -> dict[str, Any]:
    """The schema of each setting of a rule, by name; without references, which the engine can't resolve."""
    schema = rule.settings.model_json_schema(by_alias=True)
    return {name: _inlined(value, schema.get("$defs", {})) for name, value in schema.get("properties", {}).items()}


def text() -> str:
    """The schema of the whole file, as it is checked in."""
    level = {"enum": list(LEVELS)}
    document = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of the policy rules (stacks/policy.json)",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            EVERY_RULE: {**level, "description": "The level of every rule that names none itself."},
            **{rule.name: _of_rule(rule, level) for rule in ALL},
        },
    }
    return json.dumps(document, indent=2) + "\n"


def write() -> None:
    FILE.write_text(text(), encoding="utf-8")


def _of_rule(rule: Rule, level: dict[str, Any]) -> dict[str, Any]:
    own = {LEVEL: {**level, "default": rule.level}, **properties_of(rule)}
    whole = {"type": "object", "additionalProperties": False, "properties": own}
    return {"description": f"{rule.why} {rule.mend}", "anyOf": [level, whole]}


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return _inlined({**definitions[schema["$ref"].rpartition("/")[2]], **rest}, definitions)
    return {key: _inlined(value, definitions) for key, value in schema.items() if key != "title"}
