"""Who administers a tenant, as its own domain tells it. Knows a call that no page of the vendor describes, and no more.

An appliance may accept an owner that it doesn't know, and say nothing. Nothing here raises: not knowing is no fault.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from . import answers
from .errors import PsaasError
from .management import Management
from .settings import Credential

log = logging.getLogger("psaas")

CALL = "tenants/owners"


def missing(api: Management, domain: str, credential: Credential, owners: Sequence[str]) -> tuple[str, ...] | None:
    """Those of `owners` that a tenant does not count among its administrators; None where it can't be known.

    One request (scope `read:owners`). An appliance that turns out not to have the call, or not to allow it, is not
    asked again in this run.
    """
    if CALL in api.not_offered:
        return None
    try:
        answer = api.tenant_call(domain, credential, "GET", CALL, attempts=1)
        if answer.status in (403, 404, 405):
            api.not_offered.add(CALL)
            log.info("%s does not tell who administers it (%s); no tenant is asked again", domain, answer.status)
            return None
        document = answers.check(answer, f"ask {domain} for its administrators").json()
        told = addresses(document)
    except PsaasError as error:
        log.info("who administers %s is not known: %s", domain, error)
        return None
    if told is None:
        log.info("who administers %s is not known: its list is not whole, or has no addresses", domain)
        return None
    return tuple(owner for owner in owners if owner.lower() not in told)


def addresses(document: Any) -> frozenset[str] | None:
    """The addresses of a list of administrators, in lower case; None for one that is not whole or lacks some.

    Raises AnswerUnusable for a document of another form.
    """
    rows = answers.items(document, "owners")
    told = frozenset(str(row.get("email") or "").lower() for row in rows)
    whole = not isinstance(document, dict) or (not document.get("next") and document.get("total") in (None, len(rows)))
    return told if whole and "" not in told else None
