"""Checks of what this machine may do: a token of each application, whose it is, and what it may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from psaas_resources import answers, tokens
from psaas_resources.errors import CouldNotTalk, NotGranted, PsaasError, RateLimited, ToldNo, WrongCredential
from psaas_resources.rules import CREATE_TENANTS, DELETE_TENANTS, READ_TENANTS
from psaas_resources.settings import Credential
from psaas_resources.tokens import Tokens

from .finding import Fact, Finding, bad, doubtful, good, skipped
from .subject import Subject

OF_TENANTS = {CREATE_TENANTS, READ_TENANTS, DELETE_TENANTS, "update:tenants"}
OF_GRANTS = ("create:client_grants", "read:client_grants", "update:client_grants", "delete:client_grants")
OF_APPLICATIONS = ("create:clients", "read:clients", "update:clients", "read:connections", "update:connections")
KNOWN_CODES = {
    "access_denied", "invalid_client", "unauthorized_client", "too_many_requests", "invalid_request", "Unauthorized",
    "insufficient_scope", "Forbidden", "Not Found",
}  # fmt: skip


def token(subject: Subject) -> Finding:
    """Whether the RTA gives the provisioning application a token for its Management API."""
    credential = subject.settings.provisioning
    if credential is None:
        return skipped("token", "not asked for: the provisioning application's credential is not here")
    try:
        subject.token = _token(subject, credential)
    except NotGranted as error:
        refused = _refused("token", error)
        if subject.fleet and subject.fleet.manage_grant:
            said = f"not given yet: application {credential.client_id} has no client grant"
            mend = "nothing to mend before the first update of this stack, which makes the grant"
            return replace(refused, status="warn", message=said, mend=mend, stops=True)
        return refused
    except PsaasError as error:
        return _refused("token", error)
    return good("token", f"the RTA gives one to application {credential.client_id}", given=True)


def audience(subject: Subject) -> Finding:
    """Whether the token is the RTA's own, for the RTA's own Management API."""
    claims, rta = answers.claims(subject.token), subject.settings.rta
    if not claims:
        mend = "nothing to mend: it is not a JWT, so only the calls below can tell"
        return doubtful("audience", "the token doesn't say whose it is", mend, jwt=False)
    meant = claims.get("aud")
    ours = subject.settings.audience in (meant if isinstance(meant, list) else [meant])
    issued = claims.get("iss") == f"https://{rta}/"
    if not (ours and issued):
        wrong = "another issuer" if not issued else "another API"
        mend = "psaas:domain must be the RTA's own host: a custom domain, or another tenant's, gives tokens of its own"
        return bad("audience", f"the token is of {wrong} than {subject.settings.audience}", mend,
                   jwt=True, issuer_matches=issued, audience_matches=ours)  # fmt: skip
    return good("audience", subject.settings.audience, jwt=True, issuer_matches=True, audience_matches=True)


def scopes(subject: Subject) -> Finding:
    """Whether the token may make tenants, may look at them, and may not more than is good."""
    granted = tokens.scopes(subject.token)
    if granted is None:
        mend = "nothing to mend: an update finds out by its first call"
        return doubtful("scopes", "the token doesn't say what it may", mend, told=False)
    facts: dict[str, Fact] = {scope.replace(":", "_"): scope in granted for scope in sorted(OF_TENANTS)}
    facts |= {"told": True, "others": len(granted - OF_TENANTS)}
    where = "in the client grant of the provisioning application (psaas:scopes, where a stack declares it)"
    needed = [CREATE_TENANTS, *([DELETE_TENANTS] if _deletes(subject) else [])]
    if lacking := [scope for scope in needed if scope not in granted]:
        return bad("scopes", f"the token lacks {', '.join(lacking)}", f"add it {where}", **facts)
    if more := sorted(granted - OF_TENANTS):
        said = f"the token may more than tenants: {', '.join(map(answers.words, more[:5]))}"
        mend = "a pipeline's credential should make tenants and nothing else; take the rest out of its client grant"
        return doubtful("scopes", said, mend, **facts)
    if READ_TENANTS not in granted:
        said = f"{', '.join(sorted(granted))}; tenants that vanish can't be seen in a list"
        return doubtful("scopes", said, f"add {READ_TENANTS} {where}, or set psaas:liveness: token", **facts)
    return good("scopes", ", ".join(sorted(granted)), **facts)


def admin(subject: Subject) -> Finding:
    """Whether the admin application, where this stack has one, gets a token with the scopes that it needs."""
    fleet, credential = subject.fleet, subject.settings.admin
    if credential is None:
        return good("admin", "no admin credential here; a stack that declares no grant needs none", given=False)
    try:
        subject.admin_token = _token(subject, credential)
    except PsaasError as error:
        return _refused("admin", error)
    granted = tokens.scopes(subject.admin_token)
    needed: Sequence[str] = (
        *(OF_GRANTS if fleet and fleet.manage_grant else ()),
        *(OF_APPLICATIONS if fleet and fleet.manage_application else ()),
    )
    if granted is None or not needed:
        return good("admin", f"the RTA gives a token to application {credential.client_id}", given=True)
    if lacking := [scope for scope in needed if scope not in granted]:
        mend = "add them to the client grant of the admin application, in the RTA's dashboard"
        return bad("admin", f"its token lacks {', '.join(lacking)}", mend, given=True, lacking=len(lacking))
    return good("admin", "its token has the scopes that this stack needs", given=True, lacking=0)


def _token(subject: Subject, credential: Credential) -> str:
    """While a secret is being rotated, any of them may be the accepted one."""
    asked = Tokens(subject.transport, subject.settings.rta)
    secrets = [credential.client_secret, *credential.other_secrets]
    for number, secret in enumerate(secrets, 1):
        one = replace(credential, client_secret=secret, other_secrets=())
        try:
            answer = asked.request(subject.settings.rta, subject.settings.audience, one, attempts=1)
            return str(answer["access_token"])
        except WrongCredential:
            if number == len(secrets):
                raise
    raise AssertionError("the last secret returns or raises")


def _refused(name: str, error: PsaasError) -> Finding:
    facts: dict[str, Fact] = {"given": False, "kind": type(error).__name__}
    if isinstance(error, ToldNo):
        facts |= {"status": error.status, "code": error.code if error.code in KNOWN_CODES else "another"}
    if isinstance(error, RateLimited):
        mend = "wait a minute and look again; psaas:maxConcurrentCreates keeps updates gentle"
    elif isinstance(error, WrongCredential):
        mend = "compare the client ID with the dashboard's; give the secret anew, without a line end or quotes"
    elif isinstance(error, NotGranted):
        mend = "an update of the stack that declares the client grant makes it; or make it in the RTA's dashboard"
    elif isinstance(error, CouldNotTalk) or facts.get("status", 0) in range(500, 600):
        mend = "see the checks above, and look again"
    else:
        mend = "is psaas:domain the RTA's own host, and the application a machine-to-machine one?"
    return bad(name, str(error), mend, **facts)


def _deletes(subject: Subject) -> bool:
    """Whether this stack may ask for a deletion."""
    fleet = subject.fleet
    if fleet is None:
        return False
    of_tenants = {fleet.deletion_of(entry) for entry in fleet.tenants}
    return "delete" in of_tenants | {entry.deletion for entry in fleet.retired}
