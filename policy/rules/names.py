"""What new tenants are called. A name can be used once in an appliance's life, so a wrong one can't be mended later.

Sources: the appliance's DNS requirements (reserved names, no underscores) and the Auth0 documentation (3 to 63
lower-case letters, digits and hyphens).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import Field, field_validator

from ..facts import StackFacts, TenantFacts
from ..lookalikes import Lookalikes
from ..rule import NewTenantRuleSettings, Rule, Violation
from ..wording import quoted

RESERVED = frozenset(
    "login admin app manage blog ftp mail pop pop3 imap smtp stage stats status dev logs www docs sdk ci docker "
    "styleguide ask it cdn api releases release spf feedback help support int config webtask".split()
)
FORM = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


class FormSettings(NewTenantRuleSettings):
    pattern: str = Field("", description="A regular expression that the whole name must match too.")

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(f"is not a regular expression: {error}") from None
        return pattern


def form(facts: StackFacts, settings: FormSettings) -> Iterator[Violation]:
    for tenant in named(facts):
        if not FORM.fullmatch(tenant.name):
            message = f"{quoted(tenant.name)} is not 3 to 63 lower-case letters, digits and inner hyphens"
            yield Violation(tenant.name, message)
        elif settings.pattern and not re.fullmatch(settings.pattern, tenant.name):
            message = f"{quoted(tenant.name)} does not match this organisation's pattern {quoted(settings.pattern)}"
            yield Violation(tenant.name, message)


class ReservedSettings(NewTenantRuleSettings):
    also: tuple[str, ...] = Field((), description="Further names that no tenant may have.")


def reserved(facts: StackFacts, settings: ReservedSettings) -> Iterator[Violation]:
    also = {name.lower() for name in settings.also}
    for tenant in named(facts):
        name = tenant.name.lower()
        if name in RESERVED:
            yield Violation(tenant.name, f"{quoted(tenant.name)} is reserved on every appliance")
        elif name in also:
            yield Violation(tenant.name, f"{quoted(tenant.name)} is reserved in this organisation")
        elif name == re.split("[.:]", tenant.rta)[0]:
            yield Violation(tenant.name, f"{quoted(tenant.name)} is the name of the root tenant authority itself")


class NearDuplicateSettings(NewTenantRuleSettings):
    shortest: int = Field(
        5, ge=2, description="Letters that a part between hyphens has at least, for one letter's difference to count."
    )


def near_duplicate(facts: StackFacts, settings: NearDuplicateSettings) -> Iterator[Violation]:
    """One violation for each pair, told of the tenant that can still be called otherwise: the newer one.

    Of two that were declared alike it is the later one by name: the engine hands resources on in no order.
    """
    seen = Lookalikes(settings.shortest)
    declared: dict[str, TenantFacts] = {}
    for tenant in facts.tenants:
        for other in seen.add(tenant.name):
            pair = sorted((declared[other], tenant), key=lambda each: (-_age(each), each.name))
            if not pair[1].retired:
                what = "the retired" if pair[0].retired else "the"
                message = f"{quoted(pair[1].name)} is easily taken for {what} tenant {quoted(pair[0].name)}"
                yield Violation(pair[1].name, message, other=pair[0].name)
        declared[tenant.name] = tenant


def named(facts: StackFacts) -> Iterator[TenantFacts]:
    """The tenants whose names are somebody's choice now; a retired name is history."""
    return (tenant for tenant in facts.tenants if not tenant.retired)


def _age(tenant: TenantFacts) -> int:
    """How long a tenant has been there, as far as its declaration shows."""
    return 2 if tenant.retired else 1 if tenant.adopted else 0


RULES = (
    Rule(
        name="tenant-name-form",
        why="A tenant's name is a host name for ever, and must be one that every appliance accepts.",
        mend="Choose 3 to 63 lower-case letters, digits and hyphens that match the pattern, if there is one.",
        scope="tenant",
        check=form,
        settings=FormSettings,
    ),
    Rule(
        name="tenant-name-reserved",
        why="Some host names below the appliance's domain belong to the appliance, or to this organisation.",
        mend="Choose another name.",
        scope="tenant",
        check=reserved,
        settings=ReservedSettings,
    ),
    Rule(
        name="tenant-name-near-duplicate",
        why="A name that is easily taken for another's is a typing error, or leads people to the wrong tenant.",
        mend="Choose a name that differs clearly, or by a number; if both are meant, waive the rule for one of them.",
        scope="tenants",
        check=near_duplicate,
        settings=NearDuplicateSettings,
    ),
)
