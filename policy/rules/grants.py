"""Client grants of the root tenant authority: what an application may do to all tenants of an appliance."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from ..facts import StackFacts
from ..rule import Rule, RuleSettings, Violation
from ..wording import listed, quoted

DELETE_TENANTS = "delete:tenants"


class LeastScopeSettings(RuleSettings):
    scopes: tuple[str, ...] = Field(
        ("create:tenants", "read:tenants"),
        description="Scopes that a grant may have. delete:tenants may also be had while a tenant has deletion: delete.",
    )


def least_scope(facts: StackFacts, settings: LeastScopeSettings) -> Iterator[Violation]:
    deletes = any("delete" in (tenant.deletion, tenant.retired) for tenant in facts.tenants)
    for grant in facts.grants:
        wider = sorted(set(grant.scopes) - set(settings.scopes) - ({DELETE_TENANTS} if deletes else set()))
        if wider == [DELETE_TENANTS]:
            yield Violation(grant.name, f"has {quoted(DELETE_TENANTS)}, and no tenant has `deletion: delete`")
        elif wider:
            yield Violation(grant.name, f"has {listed(wider)}")


def machine_only(facts: StackFacts, _settings: RuleSettings) -> Iterator[Violation]:
    for grant in facts.grants:
        if grant.allow_all_scopes:
            yield Violation(grant.name, "allows all scopes of the API, whatever its list says")
        if grant.subject_type != "client":
            yield Violation(grant.name, f"is for {quoted(grant.subject_type)}, not for machines (client credentials)")


def audience(facts: StackFacts, _settings: RuleSettings) -> Iterator[Violation]:
    for grant in facts.grants:
        management_api = f"https://{grant.rta}/api/v2/"
        if grant.audience != management_api:
            yield Violation(grant.name, f"is for {quoted(grant.audience)}, not for {quoted(management_api)}")


RULES = (
    Rule(
        name="grant-least-scope",
        why="Who gets at the application's secret can do to every tenant of the appliance what its grant allows.",
        mend="Take the scope out of psaas:scopes.",
        scope="afterwards",
        check=least_scope,
        settings=LeastScopeSettings,
    ),
    Rule(
        name="grant-machine-only",
        why="Tenants are made by a machine with a list of scopes that was reviewed, and by nobody else.",
        mend="Declare the grant for machines, with a list of scopes; grants of other kinds belong in another program.",
        scope="afterwards",
        check=machine_only,
    ),
    Rule(
        name="grant-audience",
        why="Tenants are made with the root tenant authority's Management API; a grant for another API is a mistake.",
        mend="Leave the grant's `audience` out: its default is that API.",
        scope="grant",
        check=audience,
    ),
)
