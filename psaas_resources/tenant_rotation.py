"""A new secret for a tenant's own credential, by its own rights. Knows no Pulumi.

The credential that came with a tenant may change its own application, where its scopes have `update:client_keys`. The
new secret is made here and is in the escrow, beside the old one, before the tenant knows it: so setting it can be
repeated, and a run that dies is continued by the next one. For half a minute after the change either secret may be
accepted. Source: the vendor's page on rotating client secrets.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from urllib.parse import quote

from . import answers, redaction, tokens
from .errors import AnswerUnusable, NotGranted, PsaasError, WrongCredential
from .escrow import Entry, Escrow
from .management import Management
from .settings import Credential
from .transport import Answer

UPDATE_KEYS = "update:client_keys"
WAITS_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


def rotated(
    api: Management,
    escrow: Escrow,
    tenant: str,
    domain: str,
    old: Credential,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Credential:
    """The new credential, once it is in force and proved. `old` is the one that the state has."""
    _check_right(api, tenant, domain, old)
    entry = escrow.find(tenant)
    if entry and entry.previous == old.client_secret and entry.credential:
        new = entry.credential  # of a run that died on the way
    else:
        new = Credential(old.client_id, secrets.token_urlsafe(48))
        escrow.keep_rotation(tenant, new, domain=domain, previous=old.client_secret)
    try:
        new = _set(api, escrow, tenant, domain, old, new)
    except WrongCredential:
        if not _accepted(api, domain, new):  # the run that died may have set it already
            raise
    for wait in WAITS_SECONDS:
        if _accepted(api, domain, new):
            return new
        sleep(wait)
    if _accepted(api, domain, new):
        return new
    raise WrongCredential(
        f"tenant {tenant} was given a new secret, and its token endpoint refuses it after {sum(WAITS_SECONDS):.0f} s. "
        "The secret is in the escrow; run the update again",
        status=401,
    )


def in_force(api: Management, entry: Entry, tenant_domain: str) -> Credential:
    """Of an entry that a rotation left on its way: the credential that the tenant accepts, the new one if in doubt."""
    if entry.credential is None:
        raise AnswerUnusable(f"the escrow entry {entry.place} of a rotation holds no credential")
    old = Credential(entry.credential.client_id, entry.previous)
    domain = entry.domain or f"{entry.tenant}.{tenant_domain}"
    try:
        if not _accepted(api, domain, entry.credential) and _accepted(api, domain, old):
            return old
    except PsaasError:
        return entry.credential  # nobody can be asked now; a later look tells
    return entry.credential


def _check_right(api: Management, tenant: str, domain: str, old: Credential) -> None:
    """Stop before anything is noted or changed where the credential's token says that it may not."""
    try:
        granted = tokens.scopes(api.tenant_token(domain, old))
    except WrongCredential:
        return  # an earlier run may have set the new one
    if granted is not None and UPDATE_KEYS not in granted:
        raise NotGranted(
            f"tenant {tenant} keeps its secret: its own credential lacks {UPDATE_KEYS}. Rotate it in the tenant's "
            "dashboard and give the new pair in psaas:credentials, with `adopt: true` on the entry",
            status=403,
        )


def _set(api: Management, escrow: Escrow, tenant: str, domain: str, old: Credential, new: Credential) -> Credential:
    """Make the new secret the tenant's, or have it make one up where it takes none from us."""
    path, doing = f"clients/{quote(old.client_id, safe='')}", f"rotate the secret of tenant {tenant}"
    answer = api.tenant_call(domain, old, "PATCH", path, body={"client_secret": new.client_secret})
    if answer.status in (400, 405):
        answer = api.tenant_call(domain, old, "POST", f"{path}/rotate-secret", once=True)
        new = Credential(old.client_id, _told(answers.check(answer, doing), doing))
        escrow.keep_rotation(tenant, new, domain=domain, previous=old.client_secret)
    answers.check(answer, doing)
    return new


def _told(answer: Answer, doing: str) -> str:
    document = answer.json()
    secret = document.get("client_secret") if isinstance(document, dict) else None
    if not isinstance(secret, str) or not secret:
        raise AnswerUnusable(f"can't {doing}: it was rotated, and the new secret is not in the answer")
    redaction.remember(secret)
    return secret


def _accepted(api: Management, domain: str, credential: Credential) -> bool:
    try:
        api.tenant_token(domain, credential)
    except WrongCredential:
        return False
    return True
