"""What an entry of a tenant that is taken over says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def entry(name: str, adopt: bool | str, owners: tuple[str, ...], labels: Mapping[str, str]) -> dict[str, Any]:
    """An entry for a tenant that is taken over, in the order in which its fields are written."""
    said: dict[str, Any] = {"name": name, "adopt": adopt}
    said |= {"owners": list(owners)} if owners else {}
    return said | ({"labels": dict(labels)} if labels else {})
