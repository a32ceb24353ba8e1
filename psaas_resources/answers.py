"""What the appliance's answers mean. Knows the API's shapes, certain and uncertain; sends nothing.

The answer to the tenant POST is not documented: the how-to only promises "a Client ID and Secret". So what we
need is demanded, and everything else is tolerated: names in snake_case or camelCase, at the top or one level
down in one of the places where Auth0's own APIs put it. Beyond that nothing is guessed.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import errors, redaction, rules
from .settings import Credential

if TYPE_CHECKING:
    from .transport import Answer

_NESTS = ("management_client", "managementClient", "client", "credentials", "tenant")
_TAKEN = re.compile(r"exist|taken|in use")
_ABSENT = re.compile(r"(not|n't|never|no longer)\s+exist|in-?exist|non-?exist|no such|not found")
_LIMIT_WORDS = ("limit", "licen")


@dataclass(frozen=True)
class NewTenant:
    """What a tenant POST delivered. `name` and `domain` are empty where the appliance doesn't say."""

    credential: Credential = field(repr=False)
    name: str = ""
    domain: str = ""


def application(answer: Answer) -> dict[str, Any]:
    """An application of the Management API, its secret noted as one that no message may repeat."""
    document = answer.json()
    if not isinstance(document, dict) or not isinstance(document.get("client_id"), str) or not document["client_id"]:
        raise errors.AnswerUnusable(f"{answer.what}: the answer is not an application")
    redaction.remember(str(document.get("client_secret") or ""))
    return document


def new_tenant(body: bytes, *, name: str) -> NewTenant:
    """Read the answer of a tenant POST.

    Raises CredentialMissing where it holds no complete credential, WrongTenant where it names another tenant.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    whole = document if isinstance(document, dict) else {}
    nests = {key: place for key in _NESTS if isinstance(place := whole.get(key), dict)}
    places = [whole, *nests.values()]
    tenant = [whole, nests.get("tenant", {})]  # a name elsewhere is that of an application
    answered = _first(tenant, "tenant_name", "tenantName", "name")
    domain = _first(places, "domain").lower()
    if rules.host_problem(domain) or "." not in domain:
        domain = ""  # of no form that a credential could be sent to
    if (answered and answered != name) or (domain and domain.split(".")[0] != name):
        raise errors.WrongTenant(
            f"asked for tenant {name}, and the appliance's answer names another one "
            f"({quoted(answered or domain)}); its answer is in the escrow"
        )
    for place in places:
        client_id, secret = _first([place], "client_id", "clientId"), _first([place], "client_secret", "clientSecret")
        if client_id and secret:
            return NewTenant(Credential(client_id, secret), answered, domain)
    if isinstance(document, dict):
        what = "accepted it, and its one-time credential was not in the answer."
    else:
        what = "answered with something else than a JSON object; is a log-in page or load balancer in between?"
    raise errors.CredentialMissing(f"tenant {name}: the appliance {what} The answer is in the escrow")


def check(answer: Answer, doing: str) -> Answer:
    """The answer itself if it is a success, else the error that its status and code stand for.

    `doing` says what was attempted, in words that continue "can't": `create the client grant of …`.
    """
    if answer.ok:
        return answer
    raise management_error(answer, doing)


def management_error(answer: Answer, doing: str) -> errors.ToldNo:
    """A refusal of the Management API as one of our errors. Sources: the public API description, issue trackers."""
    status, code, said = answer.status, *_code_and_message(answer)
    text = f"can't {doing}: the appliance answered {status}{': ' + said if said else ''}"
    kind: type[errors.ToldNo] = errors.ToldNo
    if status == 401:
        kind, text = errors.WrongCredential, f"{text} (a token of {answer.url.split('/')[2]} was sent)"
    elif status == 403 and (code == "insufficient_scope" or "insufficient scope" in said.lower()):
        kind, text = errors.NotGranted, f"{text}; the client grant lacks that scope"
    elif status == 403 and any(word in f"{code} {said}".lower() for word in _LIMIT_WORDS):
        text = f"{text}; the appliance allows no more of these"
    elif status == 404:
        kind = errors.NotFound
    elif status == 409:
        kind = errors.Conflict
    return kind(text, status=status, code=code)


def tenant_refusal(answer: Answer, name: str) -> errors.ToldNo:
    """Why the appliance refused to make tenant `name`."""
    error = management_error(answer, f"create tenant {name}")
    code, said = _code_and_message(answer)
    told = f"{code} {said}".lower()
    taken = answer.status == 400 and _TAKEN.search(told) and not _ABSENT.search(told)
    if answer.status == 409 or taken:
        return errors.NameTaken(
            f"{error}. A name can be used once in an appliance's life, by whoever came first. If {name} is yours, "
            f"take it over: an owner signs in to it, makes a machine-to-machine application for its Management API, "
            f"the credential goes to psaas:credentials, and the entry gets `adopt: true`. If not, choose another name",
            status=answer.status, code=code,
        )  # fmt: skip
    if answer.status in (404, 405):
        return errors.NotOffered(
            f"{error}. Tenants are made on the root tenant authority of a PSaaS appliance: is psaas:domain its host?",
            status=answer.status, code=code,
        )  # fmt: skip
    return error


def token_refusal(answer: Answer, credential: Credential, *, audience: str) -> errors.ToldNo:
    """Why a token endpoint gave no token. The texts are those that users of Auth0 report."""
    try:
        document = answer.json()
    except errors.AnswerUnusable:
        document = {}
    document = document if isinstance(document, dict) else {}
    code = words(document.get("error"))
    said = words(document.get("error_description")) or words(document.get("message"))
    host, client_id = answer.url.split("/")[2], credential.client_id
    text = f"no token from {host} for {audience}: {said or code or 'no reason given'} ({answer.status})"
    kind: type[errors.ToldNo] = errors.ToldNo
    if answer.status == 401:
        what = "key" if credential.private_key else "secret"
        kind, text = errors.WrongCredential, f"{text}; client ID {quoted(client_id)} or its {what} is wrong there"
    elif code == "unauthorized_client":
        text = f"{text}; allow the client_credentials grant for application {quoted(client_id)}"
    elif "not enabled within domain" in said.lower():
        text = f"{text}; {host} has no API with that audience: is psaas:domain the RTA's own host?"
    elif answer.status == 403 and ("not authorized to access" in said.lower() or "granted scopes" in said.lower()):
        kind, text = errors.NotGranted, f"{text}; the client grant of {quoted(client_id)} is missing or too narrow"
    elif answer.status == 404:
        kind = errors.NotFound
    return kind(text, status=answer.status, code=code)


def claims(token: str) -> Mapping[str, Any]:
    """The claims of a JWT, not verified: enough to see whose it is. Empty for a token of another form."""
    return _part(token, 1)


def header(token: str) -> Mapping[str, Any]:
    """The header of a JWT, not verified: which key it names. Empty for a token of another form."""
    return _part(token, 0)


def object_of(answer: Answer) -> dict[str, Any]:
    """An answer that must be one thing. Raises AnswerUnusable for any other."""
    document = answer.json()
    if not isinstance(document, dict):
        raise errors.AnswerUnusable(f"{answer.what}: the answer is not an object")
    return document


def items(document: Any, noun: str) -> list[dict[str, Any]]:
    """The things of one list page, in any of the API's shapes: bare array, `include_totals` page, checkpoint."""
    rows = document.get(noun) if isinstance(document, dict) else document
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise errors.AnswerUnusable(f"the appliance's list of {noun} has a shape that is not known")
    return rows


def listed_name(row: Mapping[str, Any]) -> str:
    """The name of a tenant in a list. One without proves that the list has a shape that is not known."""
    if name := _first([dict(row)], "name", "tenant_name", "tenantName"):
        return name
    raise errors.AnswerUnusable("the appliance's list of tenants has entries without a name; nothing follows from it")


def words(value: object) -> str:
    """A stranger's text as one short, printable line without secrets."""
    return rules.printable(redaction.redacted(value)) if isinstance(value, str) else ""


def quoted(text: object) -> str:
    """A stranger's text, short and printable, in quotes."""
    return f'"{words(text)}"'


def _part(token: str, number: int) -> Mapping[str, Any]:
    try:
        part = token.split(".")[number]
        document = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, IndexError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _code_and_message(answer: Answer) -> tuple[str, str]:
    try:
        document = answer.json()
    except errors.AnswerUnusable:
        return "", "an answer that is not JSON, as a proxy or load balancer gives"
    if not isinstance(document, dict):
        return "", ""
    code = document.get("errorCode") or document.get("type") or document.get("error")
    message = document.get("message") or document.get("title") or document.get("error")
    return words(code), words(message)


def _first(places: list[dict[str, Any]], *keys: str) -> str:
    for place in places:
        for key in keys:
            if isinstance(value := place.get(key), str) and value:
                return value
    return ""
