"""What the tenant POST of this appliance answers, seen in the escrow: nobody could find its shape in public.

An entry keeps the raw answer until long after the state has its credential. Only the names of fields and the kinds of
their values are told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from psaas_resources import escrow
from psaas_resources.errors import EscrowError

from .finding import Finding, good
from .subject import Subject

FIELD = re.compile(r"[A-Za-z][A-Za-z_]{0,39}")
MOST_FIELDS = 40


def shape(subject: Subject) -> Finding:
    """The shape of a tenant POST's answer, where this machine has kept one."""
    found = escrow.of(subject.settings)
    try:
        kept = sorted(found.kept())
    except EscrowError:
        kept = []
    for tenant in kept:
        try:
            entry = found.find(tenant)
            document = json.loads(entry.answer) if entry and entry.answer else None
        except (EscrowError, ValueError, RecursionError):
            continue
        if isinstance(document, dict):
            fields = sorted(_fields(document, hidden={tenant}))[:MOST_FIELDS]
            return good("first-answer", f"kept in the escrow, with {len(fields)} fields", kept=True,
                        fields=", ".join(fields))  # fmt: skip
    return good("first-answer", "not known yet: the escrow holds no answer of a tenant POST", kept=False)


def _fields(document: dict[str, Any], *, hidden: set[str], before: str = "") -> Iterator[str]:
    """`client_id: text`; a field whose name could be somebody's is told as such."""
    for name, value in document.items():
        named = name if FIELD.fullmatch(name) and name.lower() not in hidden else "(another name)"
        yield f"{before}{named}: {_kind(value)}"
        if isinstance(value, dict) and not before:
            yield from _fields(value, hidden=hidden, before=f"{named}.")


def _kind(value: object) -> str:
    kinds = ((bool, "yes or no"), (str, "text"), (int | float, "number"), (list, "list"), (dict, "object"))
    return next((word for kind, word in kinds if isinstance(value, kind)), "nothing")
