"""What nobody could find out in public about appliances, and how each question is met: by a check, or a setting.

Whoever has a real installation can answer them; the answer sheet is made of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """`checks` are those whose facts answer it; `setting` says what to do for each answer; `by_hand` is left to ask."""

    number: int
    text: str
    checks: tuple[str, ...]
    setting: str
    by_hand: str = ""


ALL = (
    Question(
        1, "What does the call that makes a tenant answer: which status, which fields?", ("first-answer",),
        "none needed: any 2xx is taken, and the credential is found under every name that was ever seen",
        "the status of the answer, which the escrow doesn't keep",
    ),
    Question(
        2, "Can tenants be listed, read one by one, and deleted by the API?",
        ("list-of-tenants", "one-tenant", "deletion"),
        "psaas:liveness where there is no list; deletion: forget where there is no deletion",
        "whether DELETE works, which is never tried",
    ),
    Question(
        3, "What is answered when a tenant's name is taken, or was used before?", (),
        "none needed: 409, and a 400 that says so, are both understood, and lead to adopt: true",
        "status and error code of such an answer, if you have seen one",
    ),
    Question(
        4, "Have tenants a wildcard name and certificate or one each, and who signs?",
        ("tenant-domains", "certificate"),
        "psaas:tenantDomain, psaas:caBundle",
    ),
    Question(
        5, "How long does a new tenant's domain take until it answers?", (),
        "psaas:readyWithinHours; until then the tenant is `ready: false`",
        "seconds or minutes, as you have seen it",
    ),
    Question(
        6, "Are limits on calls in force, and do answers tell them?", ("rate-limits",),
        "psaas:maxConcurrentCreates",
    ),
    Question(
        7, "Which release is it: how are lists paged, how are connections switched?",
        ("list-of-tenants", "connections"),
        "none needed: each form is understood, the newer call is tried first",
        "the release, as the dashboard or your contact names it",
    ),
    Question(
        8, "Must a tenant's owners have an account in the RTA already?", ("settings",),
        "psaas:checkOwners: true asks each new tenant who administers it, and tells those who are missing",
        "what happened with an owner who had none",
    ),
    Question(
        9, "Is making tenants among the scopes of the RTA's Management API?", ("management-api", "scopes"),
        "psaas:scopes, which the client grant gets",
    ),
    Question(
        10, "On a managed installation: is access to the RTA given at all?", ("appliance", "token"),
        "psaas:domain, psaas:clientId; without access nothing here can work",
        "who gave you the application, if you did not make it yourself",
    ),
)  # fmt: skip
