"""Who administers a tenant, and invitations of others, by the tenant's own credential. Knows the calls; no rules.

No page of the vendor describes them. What is known is what users' scripts send, a published log entry of one answer
(201, a list of `email`, `expires_at` and `invitation_id`), and the names of the scopes. So what is sent is exactly
that, and of what comes back only the e-mail addresses are used.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from . import answers, owners
from .errors import AnswerUnusable, NotOffered, PsaasError
from .management import Management
from .tenant_access import TenantAccess
from .transport import Answer

log = logging.getLogger("psaas")

CALL = "tenants/invitations"
LIST = f"GET {CALL}"


class TenantAdministrators:
    """Calls to one tenant. A call that this appliance turned out not to have is not tried again in a run."""

    def __init__(self, api: Management, domain: str, tenant: TenantAccess) -> None:
        self._api, self._domain, self._tenant = api, domain, tenant

    def require_calls(self) -> None:
        """Raises NotOffered where another tenant has shown that the appliance lacks a call."""
        for call in (owners.CALL, CALL):
            if call in self._api.not_offered:
                raise NotOffered(f"{self._domain} is not asked: {_lacks(call)}", status=404)

    def known(self) -> frozenset[str]:
        """The addresses of its administrators, in lower case: `GET /tenants/owners` (scope `read:owners`)."""
        doing = f"ask {self._domain} for its administrators"
        document = self._offered(self._tenant.call("GET", owners.CALL), owners.CALL, doing).json()
        told = owners.addresses(document)
        if told is None:
            raise AnswerUnusable(f"can't {doing}: its list is not whole, or has no addresses")
        return told

    def pending(self) -> frozenset[str]:
        """Who is invited already, as far as it is told: `GET /tenants/invitations` (scope `read:tenant_invitations`).

        That scope's name is all that is known of the call, so not knowing is no fault.
        """
        if LIST in self._api.not_offered:
            return frozenset()
        try:
            answer = self._tenant.call("GET", CALL, attempts=1)
            if answer.status in (404, 405):
                self._api.not_offered.add(LIST)
            document = answers.check(answer, f"ask {self._domain} for invitations").json()
            rows = answers.items(document, "invitations")
        except PsaasError as error:
            log.info("who is invited to %s is not known: %s", self._domain, error)
            return frozenset()
        return frozenset(_emails(rows))

    def invite(self, emails: Sequence[str]) -> frozenset[str] | None:
        """`POST /tenants/invitations` (scope `create:tenant_invitations`), sent at most once after bytes have left.

        Returns whom the answer names, in lower case; None where it names nobody in a way that is known.
        Raises OutcomeUnknown or AnswerUnusable where nobody can say whether they were invited.
        """
        answer = self._tenant.call("POST", CALL, body={"owners": list(emails)}, once=True)
        self._offered(answer, CALL, f"invite {', '.join(emails)} to {self._domain}")
        try:
            return frozenset(_emails(answers.items(answer.json(), "invitations"))) or None
        except AnswerUnusable:
            return None  # it said yes, in a form that isn't known

    def _offered(self, answer: Answer, call: str, doing: str) -> Answer:
        if answer.status in (404, 405):
            self._api.not_offered.add(call)
            error = answers.management_error(answer, doing)
            raise NotOffered(f"{error}; {_lacks(call)}", status=answer.status, code=error.code)
        return answers.check(answer, doing)


def _lacks(call: str) -> str:
    return f"this appliance seems to lack the call /api/v2/{call}, which is not documented; invite in the dashboard"


def _emails(rows: Sequence[dict[str, object]]) -> list[str]:
    return [email.lower() for row in rows if isinstance(email := row.get("email"), str) and email]
