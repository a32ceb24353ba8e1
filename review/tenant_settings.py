"""Settings inside of a tenant as texts by their names in the stack file, and what differs between two. Pure.

A flag is a setting of its own: `flags.enable_sso`. What is not named is not managed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.alias_generators import to_camel

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # the engine's text for what is known after the update only
_HIDDEN = ("[secret]", UNKNOWN)


def texts(given: Any) -> dict[str, str]:
    """Settings under the API's names, as the engine or a checked stack file has them."""
    return {name: text for name, value in _each(given) if (text := _text(value)) is not None}


def can_be_shown(given: Any) -> bool:
    """Whether every value is a plain one: none is secret, or known after the update only."""
    shown = given is None or (isinstance(given, Mapping) and not _is_secret(given))
    return shown and all(_text(value) is not None for _, value in _each(given))


def standing(declared: Any, applied: Any) -> dict[str, str]:
    """What stands of a state's settings: what the appliance was last seen to have, else what was declared."""
    named, known = texts(declared), texts(applied)
    return {name: known.get(name, text) for name, text in named.items()}


def _is_secret(given: Mapping[str, Any]) -> bool:
    """Whether it is what the engine writes in place of a secret."""
    return "ciphertext" in given


def _each(given: Any) -> Iterator[tuple[str, Any]]:
    for name, value in sorted(given.items()) if isinstance(given, Mapping) and not _is_secret(given) else ():
        if name == "flags" and isinstance(value, Mapping) and not _is_secret(value):
            yield from ((f"flags.{flag}", on) for flag, on in sorted(value.items()))
        else:
            yield to_camel(str(name)), value


def _text(value: Any) -> str | None:
    """The empty text is a value too, and no value is what isn't managed."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if abs(value) < 1_000_000 else str(int(value))
    if isinstance(value, list | tuple):
        parts = [part for part in value if isinstance(part, str) and part not in _HIDDEN]
        return ", ".join(parts) if len(parts) == len(value) else None
    if isinstance(value, str) and value not in _HIDDEN:
        return value or '""'
    return None
