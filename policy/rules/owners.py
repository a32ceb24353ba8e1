"""Who owns new tenants. Owners are given once, with the POST; the API can't change them later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from pydantic import Field

from ..facts import StackFacts
from ..rule import NewTenantRuleSettings, Rule, Violation
from ..wording import counted, listed, quoted
from .names import named

PERSONAL = (
    "126.com 163.com aol.com fastmail.com gmail.com gmx.* googlemail.com hey.com hotmail.* icloud.com live.* mac.com "
    "mail.com mail.ru me.com msn.com naver.com outlook.* pm.me proton.me protonmail.com qq.com tuta.com tutanota.com "
    "web.de yahoo.* yandex.com yandex.ru ymail.com zohomail.com"
)


class MinimumSettings(NewTenantRuleSettings):
    minimum: int = Field(1, ge=1, description="How many different owners a tenant has at least.")


def minimum(facts: StackFacts, settings: MinimumSettings) -> Iterator[Violation]:
    for tenant in named(facts):
        count = len({owner.casefold() for owner in tenant.owners})
        unknown = tenant.adopted and not count
        if count < settings.minimum and not unknown:
            needed = f"{settings.minimum} {'is' if settings.minimum == 1 else 'are'} needed at least"
            yield Violation(tenant.name, f"has {counted(count, 'owner')}; {needed}")


class DomainsSettings(NewTenantRuleSettings):
    allowed: tuple[str, ...] = Field(
        (), description="Domains of owners; *.example.com for all below one. None listed: all are allowed."
    )


def domains(facts: StackFacts, settings: DomainsSettings) -> Iterator[Violation]:
    for tenant in named(facts):
        others = [owner for owner in tenant.owners if not _lies_in(owner, settings.allowed)]
        if settings.allowed and others:
            yield Violation(tenant.name, f"{listed(others)}: not of {listed(settings.allowed)}")


class PersonalMailboxSettings(NewTenantRuleSettings):
    providers: tuple[str, ...] = Field(
        tuple(PERSONAL.split()), description="Domains of providers of personal mailboxes; yahoo.* for all countries."
    )
    also: tuple[str, ...] = Field((), description="Further ones, beside `providers`.")


def personal_mailbox(facts: StackFacts, settings: PersonalMailboxSettings) -> Iterator[Violation]:
    for tenant in named(facts):
        personal = [owner for owner in tenant.owners if _lies_in(owner, (*settings.providers, *settings.also))]
        if personal:
            yield Violation(tenant.name, f"{listed(personal)}: a personal mailbox")


class DuplicateSettings(NewTenantRuleSettings):
    plus_addressing: bool = Field(
        False, description="Whether me+shop@example.com counts as me@example.com, as many mail servers deliver it."
    )


def duplicate(facts: StackFacts, settings: DuplicateSettings) -> Iterator[Violation]:
    for tenant in named(facts):
        first: dict[str, str] = {}
        for owner in tenant.owners:
            mailbox = _mailbox(owner, plus_addressing=settings.plus_addressing)
            if mailbox in first:
                yield Violation(tenant.name, f"{quoted(owner)} is the same mailbox as {quoted(first[mailbox])}")
            first.setdefault(mailbox, owner)


def _lies_in(owner: str, patterns: Iterable[str]) -> bool:
    domain = owner.rpartition("@")[2].lower().rstrip(".")
    return any(fnmatchcase(domain, pattern.lower()) for pattern in patterns)


def _mailbox(owner: str, *, plus_addressing: bool) -> str:
    local, _, domain = owner.casefold().rpartition("@")
    return f"{local.partition('+')[0] if plus_addressing else local}@{domain}"


RULES = (
    Rule(
        name="owners-minimum",
        why="Owners can't be added later: a tenant whose only owner leaves has nobody who can sign in to it.",
        mend="List more owners.",
        scope="tenant",
        check=minimum,
        settings=MinimumSettings,
    ),
    Rule(
        name="owners-domains",
        why="An owner administers the tenant, so it should be somebody whom this organisation can reach and block.",
        mend="Name owners with addresses of the allowed domains.",
        scope="tenant",
        check=domains,
        settings=DomainsSettings,
    ),
    Rule(
        name="owners-personal-mailbox",
        why="A personal mailbox stays with its person when that person leaves, and the tenant with it.",
        mend="Name an owner with an address of the organisation; a group's mailbox is best.",
        scope="tenant",
        check=personal_mailbox,
        settings=PersonalMailboxSettings,
    ),
    Rule(
        name="owners-duplicate",
        why="An owner who is listed twice is one owner, whatever the count says.",
        mend="List each owner once.",
        scope="tenant",
        check=duplicate,
        settings=DuplicateSettings,
    ),
)
