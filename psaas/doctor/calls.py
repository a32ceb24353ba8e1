"""Checks of which calls this appliance has: lists, single tenants, connections, its own API's scopes; and its limits.

Only calls that read are made. What can't be known without changing something is said to be unknown.
"""

from __future__ import annotations

from urllib.parse import quote

from psaas_resources import answers, tokens
from psaas_resources.errors import AnswerUnusable, PsaasError
from psaas_resources.rules import CREATE_TENANTS, DELETE_TENANTS, READ_TENANTS
from psaas_resources.transport import Answer

from .finding import Finding, bad, doubtful, good, skipped
from .subject import Subject

FEW = 0.1


def list_of_tenants(subject: Subject) -> Finding:
    """Whether the appliance lists its tenants for us, and in which shape."""
    granted = tokens.scopes(subject.token)
    without = "an update then finds out about each tenant by itself (psaas:liveness)"
    if granted is not None and READ_TENANTS not in granted:
        return doubtful("list-of-tenants", f"not asked: the token lacks {READ_TENANTS}", without, asked=False)
    try:
        answer = subject.api("tenants", token=subject.token)
        if not answer.ok:
            said = f"not offered: GET /api/v2/tenants is answered with {answer.status}"
            return doubtful("list-of-tenants", said, without, asked=True, offered=False, status=answer.status)
        document = answer.json()
        rows = answers.items(document, "tenants")
        subject.listed = tuple(map(answers.listed_name, rows))
    except AnswerUnusable as error:
        mend = "attach the answer sheet to a bug report; until then an update stops at this list"
        return bad("list-of-tenants", str(error), mend, asked=True, offered=True, readable=False)
    except PsaasError as error:
        return bad("list-of-tenants", str(error), "see the checks above, and look again", asked=True,
                   kind=type(error).__name__)  # fmt: skip
    shape = "array" if isinstance(document, list) else "checkpoints" if "next" in document else "object"
    count = len(rows)
    said = f"offered; its first page has {count} tenants"
    return good("list-of-tenants", said, asked=True, offered=True, readable=True, shape=shape, tenants=count)


def one_tenant(subject: Subject) -> Finding:
    """Whether a single tenant can be read. Only one that the list has can tell "no such call" from "no such tenant"."""
    harmless = "nothing to mend: no update needs this call"
    if not subject.listed:
        said = "not known: no tenant is listed to try it with; no update needs this call"
        return good("one-tenant", said, known=False)
    try:
        answer = subject.api(f"tenants/{quote(subject.listed[0], safe='')}", token=subject.token)
    except PsaasError as error:
        return doubtful("one-tenant", str(error), harmless, known=False, kind=type(error).__name__)
    if answer.ok:
        return good("one-tenant", "offered", known=True, offered=True, status=answer.status)
    said = f"not offered: a listed tenant is answered with {answer.status}; no update needs this call"
    return good("one-tenant", said, known=True, offered=False, status=answer.status)


def deletion(subject: Subject) -> Finding:
    """Whether tenants can be deleted by the API is never tried; what its own description and our scopes say is told."""
    granted = tokens.scopes(subject.token) or frozenset()
    may = DELETE_TENANTS in granted
    said = "never tried here; " + (f"the token has {DELETE_TENANTS}" if may else f"the token lacks {DELETE_TENANTS}")
    wanted = bool(subject.fleet and any(entry.deletion == "delete" for entry in subject.fleet.retired))
    if wanted and not may:
        mend = f"a retired tenant has deletion: delete, which needs {DELETE_TENANTS} in the client grant"
        return bad("deletion", said, mend, granted=may, wanted=True)
    return good("deletion", said, granted=may, wanted=wanted)


def rate_limits(subject: Subject) -> Finding:
    """Whether answers tell how many calls are left."""
    told = [headers for answer in subject.answers if (headers := _limits(answer))]
    if not told:
        said = "answers tell no rate limit: there is none, or it is not told"
        return good("rate-limits", said, headers=False)
    last = told[-1]
    limit, remaining = last.get("limit"), last.get("remaining")
    numbers = {key: value for key, value in last.items() if value is not None}
    if limit and remaining is not None and remaining < limit * FEW:
        mend = "others use the same limit; lower psaas:maxConcurrentCreates, or update at another time"
        return doubtful("rate-limits", f"{remaining} of {limit} calls are left", mend, headers=True, **numbers)
    said = "told, and not in numbers" if limit is None else f"told: {remaining} of {limit} calls are left"
    return good("rate-limits", said, headers=True, **numbers)


def connections(subject: Subject) -> Finding:
    """Which generation of calls about connections this appliance has, seen with the admin token."""
    name = "connections"
    if not subject.admin_token:
        said = "not asked: needs the admin credential, as only a stack with the application does"
        return good(name, said, known=False)
    try:
        answer = subject.api("connections", token=subject.admin_token, fields="id", include_fields="true")
        rows = answers.items(answers.check(answer, "list connections").json(), "connections")
        if not rows:
            return good(name, "not known: the RTA has no connection to try it with", known=False)
        path = f"connections/{quote(str(rows[0].get('id')), safe='')}/clients"
        answer = subject.api(path, token=subject.admin_token, take=1)
    except PsaasError as error:
        mend = "the admin application needs read:connections where a stack manages the provisioning application"
        return doubtful(name, str(error), mend, known=False, kind=type(error).__name__)
    if answer.ok:
        said = "newer: an application is switched by itself (/connections/{id}/clients)"
        return good(name, said, known=True, generation="clients")
    if answer.status == 404:
        said = "older: a connection has one whole list (enabled_clients), which is read and written back"
        mend = "nothing to mend: it is read again right before and after; don't edit connections while it runs"
        return doubtful(name, said, mend, known=True, generation="enabled_clients")
    return doubtful(name, f"not known: answered with {answer.status}", "look again with another admin credential",
                    known=False, status=answer.status)  # fmt: skip


def management_api(subject: Subject) -> Finding:
    """Whether the RTA's Management API lists create:tenants among its scopes, as its own description says."""
    name, token = "management-api", subject.admin_token or subject.token
    if not token:
        return skipped(name, "not asked: no application has a token here")
    try:
        answer = subject.api(f"resource-servers/{quote(subject.settings.audience, safe='')}", token=token)
        document = answer.json() if answer.ok else {}
    except PsaasError as error:
        return doubtful(name, str(error), "nothing to mend: no update needs this call", known=False,
                        kind=type(error).__name__)  # fmt: skip
    scopes = document.get("scopes") if isinstance(document, dict) else None
    if not answer.ok or not isinstance(scopes, list):
        said = f"not known: its description is answered with {answer.status} (it needs read:resource_servers)"
        return good(name, said, known=False, status=answer.status)
    listed = {str(row.get("value")) for row in scopes if isinstance(row, dict)}
    facts = {"known": True, "create_tenants": CREATE_TENANTS in listed, "read_tenants": READ_TENANTS in listed,
             "delete_tenants": DELETE_TENANTS in listed}  # fmt: skip
    if CREATE_TENANTS not in listed:
        mend = "is psaas:domain the RTA? On another tenant, and on public Auth0, tenants can't be made by this API"
        return bad(name, f"the Management API of {subject.settings.rta} has no scope {CREATE_TENANTS}", mend, **facts)
    return good(name, f"lists {CREATE_TENANTS} among {len(listed)} scopes", **facts)


def _limits(answer: Answer) -> dict[str, int | None]:
    """The numbers of an answer's rate-limit headers; empty where it has none."""
    lower = {key.lower(): value.strip() for key, value in answer.headers.items()}
    found = {word: lower.get(f"x-ratelimit-{word}", "") for word in ("limit", "remaining")}
    if not any(found.values()):
        return {}
    return {word: int(value) if value.isdecimal() and len(value) < 10 else None for word, value in found.items()}
