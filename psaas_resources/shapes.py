"""Values of a wrong shape, in the words of the file: what pydantic says, without its words. Pure functions."""

from __future__ import annotations

import json
import re
from typing import Any

from . import rules, settings, sink_place
from .entries import RetiredEntry, TenantEntry
from .fleet import Fleet
from .parts import ManagementClientPart, Part, SettingsPart, SinkPart, TenantSinkPart

_KINDS = {str: "text", dict: "an object", list: "a list", int: "a number", float: "a number", bool: "true or false"}
_SECRET = re.compile(r"secret|passw|token|(private|client|escrow).?key|credential", re.IGNORECASE)


def path_of(location: tuple[int | str, ...]) -> str:
    """`psaas:tenants[1].owners[0]` for a place in the model."""
    parts = [part for part in location if part not in ("bool", "literal['inventory']")]
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return f"psaas:{text.removeprefix('.')}"


def words_of(error: Any) -> str:
    """A mistake of shape in the words of the file."""
    kind, location, given = error["type"], error["loc"], error["input"]
    if location[0] in settings.SECRETS and kind != "extra_forbidden":
        return "has a wrong form"
    if kind == "extra_forbidden":
        entries: dict[object, type[Part]] = {"tenants": TenantEntry, "retired": RetiredEntry}
        model = entries.get(location[0], Fleet)
        inside: dict[object, type[Part]] = {"settings": SettingsPart, "managementClient": ManagementClientPart}
        inside["sink"] = SinkPart if location[0] == "sink" else TenantSinkPart
        model = next((inside[part] for part in location[:-1] if part in inside), model)
        known = [field.alias or name for name, field in model.model_fields.items()]
        what = "key" if model is Fleet else "field"
        return f'unknown {what} "{location[-1]}"{_in_clear(location, given)}{rules.near_miss(str(location[-1]), known)}'
    if kind == "missing":
        return "is missing"
    if "adopt" in location:
        return f'expected true, false or "inventory", found {_shown(given)}'
    if kind == "literal_error":
        words = {"liveness": settings.LIVENESS, "sink": sink_place.KINDS}.get(str(location[0]), rules.DELETIONS)
        return f"expected one of {', '.join(words)}, found {_shown(given)}" + rules.near_miss(str(given), words)
    if kind == "string_type":
        return f"expected text, found {_shown(given)}; put it in quotes" if given is not None else "is empty"
    expected = {"tuple_type": "a list", "dict_type": "an object", "int_type": "a whole number"}
    expected |= {"bool_type": "true or false"}
    objects = {"settings": "an object of settings", "managementClient": "an object with scopes"}
    objects["sink"] = "an object with kind and address" if location[0] == "sink" else "an object with enabled or path"
    entry = "an object with name and deletion" if location[0] == "retired" else "an object with name and owners"
    found = next((objects[part] for part in location if part in objects), entry)
    expected["model_type"] = found
    if kind in ("int_type", "bool_type"):
        return f"expected {expected[kind]}, found {_shown(given)}"
    if kind in expected and (given is None or given == ""):
        return f"is empty; expected {expected[kind]}, or leave it out"
    if kind in expected:
        return f"expected {expected[kind]}, found {_KINDS.get(type(given), 'something else')}"
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}, found {_shown(given)}"


def _in_clear(location: tuple[int | str, ...], given: object) -> str:
    """What else is to be said of an unknown name that looks like a secret's: whoever reads the file has it now."""
    if not _SECRET.search(str(location[-1])) or given in (None, "", "[encrypted]"):
        return ""
    return (
        ", and what it says stands in the file in clear: change that secret where it was issued, and give the new one "
        "by `pulumi config set --secret` under the key that is for it, or by a variable (docs/stack-file.md, Secrets)"
    )


def _shown(given: object) -> str:
    """A wrong value as it stands in the file; what has a structure is not unfolded, since it may hold secrets."""
    return _KINDS[type(given)] if isinstance(given, dict | list) else json.dumps(given, default=str)
