"""A client for the appliance's Management API: one method per call. Knows the API; knows no Pulumi.

`connect()` gives every user of the same settings the same client, so that a process has one pool of connections
and one token per application, however many resources it handles.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from . import answers, escrow, paging, rules, tokens
from .errors import (
    AnswerUnusable,
    ConfigError,
    CouldNotTalk,
    NotGranted,
    RateLimited,
    ToldNo,
    Unreachable,
    WrongCredential,
    WrongTenant,
)  # fmt: skip
from .identity import Identity
from .once import Once
from .rules import CREATE_TENANTS, READ_TENANTS
from .settings import Credential, Settings
from .tokens import Tokens
from .transport import Answer, Transport


class Management:
    """Calls to the root tenant authority, and to its tenants' domains. Safe for several threads.

    `transport` is made from the settings unless another one is given.
    """

    def __init__(self, settings: Settings, *, transport: Transport | None = None) -> None:
        self.settings = settings
        self._transport = transport or transport_of(settings)
        self._identity = Identity(escrow.of(settings), self._transport, settings.rta)
        self.tokens = Tokens(self._transport, settings.rta, accept=self._identity.check_token)
        self._tenant_tokens: dict[tuple[str, Credential], str] = {}
        self.not_offered: set[str] = set()  # optional calls that this appliance turned out not to have
        self._list_lock = threading.Lock()
        self._listed: frozenset[str] | None = None
        self._list_was_read = False

    # -- client grants, with the admin application's token ------------------------------------------------------

    def create_client_grant(self, client_id: str, audience: str, scopes: Sequence[str]) -> dict[str, Any]:
        """`POST /client-grants`. Raises Conflict where client and audience have a grant already."""
        body = {"client_id": client_id, "audience": audience, "scope": sorted(scopes)}
        return self._grant("POST", "client-grants", f"create the client grant of {client_id} for {audience}", body)

    def client_grant(self, grant_id: str) -> dict[str, Any] | None:
        """`GET /client-grants/{id}`; None where there is none."""
        answer = self._admin("GET", f"client-grants/{quote(grant_id, safe='')}")
        return (
            None if answer.status == 404 else answers.object_of(answers.check(answer, f"read client grant {grant_id}"))
        )

    def find_client_grant(self, client_id: str, audience: str) -> dict[str, Any] | None:
        """The machine-to-machine grant of a client for an API, by the filtered list; None where there is none.

        A client may have a second grant for the same API, of subject type "user"; releases that lack the field
        know machine grants only.
        """
        query = {"client_id": client_id, "audience": audience}
        for grant in paging.pages(self._admin, "client-grants", "client_grants", query):
            same = grant.get("client_id") == client_id and grant.get("audience") == audience
            if same and grant.get("subject_type") in (None, "client"):
                return grant
        return None

    def update_client_grant(self, grant_id: str, changes: dict[str, Any]) -> dict[str, Any]:
        """`PATCH /client-grants/{id}` with the named fields only."""
        path = f"client-grants/{quote(grant_id, safe='')}"
        return self._grant("PATCH", path, f"change client grant {grant_id}", changes)

    def delete_client_grant(self, grant_id: str) -> None:
        """`DELETE /client-grants/{id}`; one that is gone already counts as deleted."""
        answer = self._admin("DELETE", f"client-grants/{quote(grant_id, safe='')}")
        if answer.status != 404:
            answers.check(answer, f"delete client grant {grant_id}")
        self.tokens.grant_changed()

    # -- tenants, with the provisioning application's token -----------------------------------------------------

    def create_tenant(self, name: str, owners: Sequence[str]) -> Answer:
        """`POST /tenants`, sent at most once after bytes have left. Returns the raw answer of a success.

        Raises NameTaken and other refusals, OutcomeUnknown where nobody can say what happened. A token that
        the appliance refuses (401, 403) is replaced once: such an answer means that nothing was made.
        """
        token = self._token_with(CREATE_TENANTS)
        body = {"name": name, "owners": list(owners)}
        for last_try in (False, True):
            try:
                answer = self._call("POST", "tenants", token=token, body=body, once=True)
            except RateLimited as limit:
                raise RateLimited(f"tenant {name} was not made; run the update again: {limit}", status=429) from None
            except Unreachable as reason:
                raise Unreachable(f"tenant {name} was not made: {reason}") from None
            if answer.ok:
                return answer
            error = answers.tenant_refusal(answer, name)
            if last_try or not isinstance(error, WrongCredential | NotGranted):
                raise error
            token = self.tokens.token(self.settings.require_provisioning(), instead_of=token)
        raise AssertionError("the second try returns or raises")

    def tenant_listed(self, name: str, *, fresh: bool = False) -> bool | None:
        """Whether the appliance lists tenant `name`; None where it offers us no list.

        The list is read once per process, in pages, and only if our token holds `read:tenants`; `fresh` reads it
        again.
        """
        with self._list_lock:
            if not self._list_was_read or (fresh and self._listed is not None):
                rows = self.tenant_rows()
                self._listed = None if rows is None else frozenset(rows)
                self._list_was_read = True
            return None if self._listed is None else name in self._listed

    def any_tenants(self) -> bool | None:
        """Whether the appliance lists any tenant; None where it offers us no list."""
        self.tenant_listed("", fresh=True)
        return None if self._listed is None else bool(self._listed)

    def tenant_rows(self) -> dict[str, dict[str, Any]] | None:
        """What the appliance's list says of each tenant, by name, read anew; None where it offers us no list."""
        credential = self.settings.require_provisioning()
        granted = tokens.scopes(self.tokens.token(credential))
        if granted is not None and READ_TENANTS not in granted:
            return None

        def get(method: str, path: str, **rest: Any) -> Answer:
            return self.with_token(credential, method, path, **rest)

        try:
            rows = {answers.listed_name(row): row for row in paging.pages(get, "tenants", "tenants", {})}
        except ToldNo as error:
            if error.status in (403, 404, 405):
                return None
            raise
        self._identity.check_list(rows, self.settings.accept_absent)
        return rows

    def delete_tenant(self, name: str) -> None:
        """`DELETE /tenants/{name}`; one that is gone already counts as deleted. Not documented by the vendor."""
        doing = f"delete tenant {name}"
        answer = self.with_token(self.settings.require_provisioning(), "DELETE", f"tenants/{quote(name, safe='')}")
        if answer.status in (403, 405, 409):
            error = answers.management_error(answer, doing)
            way = (
                "add delete:tenants to psaas:scopes if that is what is missing, delete it in the dashboard, or set "
                "`deletion: forget` to stop managing it"
            )
            raise ToldNo(f"{error}; {way}", status=answer.status, code=error.code)
        if answer.status != 404:
            answers.check(answer, doing)

    # -- a tenant's own domain ----------------------------------------------------------------------------------

    def tenant_token(self, domain: str, credential: Credential) -> str:
        """Ask a tenant's domain for a new token: the proof that domain and credential work together.

        Refuses a domain outside of `tenantDomain`, and a token that another domain has issued.
        """
        if not rules.lies_under(domain, self.settings.tenant_domain):
            raise ConfigError(
                f"{answers.quoted(domain)} does not lie under psaas:tenantDomain ({self.settings.tenant_domain}); "
                "the credential is not sent there"
            )
        document = self.tokens.request(domain, f"https://{domain}/api/v2/", credential, attempts=1)
        issuer = answers.claims(document["access_token"]).get("iss")
        if issuer and issuer != f"https://{domain}/":
            raise WrongTenant(f"{domain} gave a token of another issuer, {answers.quoted(issuer)}")
        self._tenant_tokens[domain, credential] = token = str(document["access_token"])
        return token

    def holds_tenant_token(self, domain: str, credential: Credential) -> bool:
        """Whether this process was given a token for a tenant with that credential."""
        return (domain, credential) in self._tenant_tokens

    def tenant_call(self, domain: str, credential: Credential, method: str, path: str, **rest: Any) -> Answer:
        """A call of a tenant's own Management API. Its last token is used; one that is refused is replaced once."""
        url = f"https://{domain}/api/v2/{path}"
        token = self._tenant_tokens.get((domain, credential)) or self.tenant_token(domain, credential)
        answer = self._transport.send(method, url, token=token, **rest)
        if answer.status == 401:
            answer = self._transport.send(method, url, token=self.tenant_token(domain, credential), **rest)
        return answer

    def tenant_answers(self, domain: str) -> bool | None:
        """Whether a tenant's domain publishes an OpenID configuration of its own; None where it can't be told."""
        try:
            answer = self._transport.send("GET", f"https://{domain}/.well-known/openid-configuration")
            document = answer.json() if answer.ok else {}
        except (CouldNotTalk, AnswerUnusable, ToldNo):
            return None
        if answer.status == 404:
            return False
        return True if isinstance(document, dict) and document.get("issuer") == f"https://{domain}/" else None

    # -- how calls are made -------------------------------------------------------------------------------------

    def _grant(self, method: str, path: str, doing: str, body: dict[str, Any]) -> dict[str, Any]:
        grant = answers.object_of(answers.check(self._admin(method, path, body=body, once=method == "POST"), doing))
        self.tokens.grant_changed(str(grant.get("client_id") or body.get("client_id") or ""))
        return grant

    def _admin(self, method: str, path: str, **rest: Any) -> Answer:
        return self.with_token(self.settings.require_admin(), method, path, **rest)

    def with_token(self, credential: Credential, method: str, path: str, **rest: Any) -> Answer:
        """Call with an application's token; one that is refused (401) is replaced once."""
        token = self.tokens.token(credential)
        answer = self._call(method, path, token=token, **rest)
        if answer.status == 401:
            answer = self._call(method, path, token=self.tokens.token(credential, instead_of=token), **rest)
        return answer

    def _call(self, method: str, path: str, **rest: Any) -> Answer:
        return self._transport.send(method, f"{self.settings.audience}{path}", **rest)

    def _token_with(self, scope: str) -> str:
        """The provisioning token, seen locally to have `scope`; one from before the grant is replaced once."""
        credential = self.settings.require_provisioning()
        token = ""
        for _ in range(2):
            token = self.tokens.token(credential, instead_of=token)
            granted = tokens.scopes(token)
            if granted is None or scope in granted:
                return token
        text = f"the token of application {credential.client_id} lacks the scope {scope}"
        way = f"its client grant for {self.settings.audience} must have it (psaas:scopes, where this stack declares it)"
        raise NotGranted(f"{text}; {way}", status=403, code="insufficient_scope")


def transport_of(settings: Settings, **more: Any) -> Transport:
    """How an appliance is reached as the settings say; `more` are further arguments of Transport."""
    return Transport(
        ca_bundle=settings.ca_bundle, connect_to=settings.connect_to, timeout_seconds=settings.timeout_seconds, **more
    )


@Once
def connect(settings: Settings) -> Management:
    """The one client of this process for these settings."""
    return Management(settings)
