"""Tenants that may be taken over, whoever tells of them. Knows no files and no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..settings import Credential


@dataclass(frozen=True)
class Candidate:
    """A tenant that exists. `place` says where it is told of: a line of a file, or "" for the appliance's own list."""

    name: str
    owners: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    credential: Credential | None = field(default=None, repr=False)
    place: str = ""


def of_rows(rows: Mapping[str, Mapping[str, Any]]) -> tuple[Candidate, ...]:
    """Those of the appliance's list, by name. Owners are noted where the list tells them as texts."""
    return tuple(Candidate(name, _owners(row.get("owners"))) for name, row in sorted(rows.items()))


def _owners(told: Any) -> tuple[str, ...]:
    texts = [owner for owner in told if isinstance(owner, str)] if isinstance(told, list) else []
    return tuple(texts) if all(text.isprintable() and text.strip() for text in texts) else ()
