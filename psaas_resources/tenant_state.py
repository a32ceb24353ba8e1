"""What is declared and known of a tenant, which of it is in order, and what makes a change. Sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from . import answers, rules, times
from .errors import PsaasError
from .escrow import Entry, Escrow
from .settings import Credential, Settings

INPUTS = ("rta", "tenant_domain", "name", "owners", "labels", "deletion", "adopt", "recreate", "retired", "rotate")
OUTPUTS = (
    "applied_owners", "domain", "audience", "client_id", "client_secret",
    "ready", "problem", "vanished_at", "created_at", "managed_since", "rotated_at",
)  # fmt: skip
IMMUTABLE = ("rta", "name")
UPDATABLE = ("tenant_domain", "owners", "labels", "deletion", "adopt", "retired")


VANISHED = (
    "it is not made again by itself, since its name may be used up. To let it go, list it under psaas:retired; to try "
    "to make it again, for example on an appliance restored from a backup, set `recreate: true` on its entry"
)


@dataclass(frozen=True)
class TenantState:
    """A tenant as the state has it: the inputs, and what we know.

    `owners` are those declared, `applied_owners` those that the POST was given. `vanished_at`: when the
    appliance's list proved that the tenant is no longer there, else "". `retired` is "", "forget" or "delete"; a
    retired tenant is only a name that must never return. `rotate` is the marker of the last rotation. `created_at`,
    `managed_since` and `rotated_at` are times in ISO 8601 (UTC); `created_at` is "" for a tenant that was taken over,
    `rotated_at` while it has the credential that it came with.
    """

    rta: str
    tenant_domain: str
    name: str
    owners: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    deletion: str = "refuse"
    adopt: bool | str = False
    recreate: bool = False
    retired: str = ""
    rotate: str = ""
    applied_owners: tuple[str, ...] = ()
    domain: str = ""
    audience: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    ready: bool = False
    problem: str = ""
    vanished_at: str = ""
    created_at: str = ""
    managed_since: str = ""
    rotated_at: str = ""

    @staticmethod
    def of(props: Mapping[str, Any]) -> TenantState:
        """From the engine's properties, of which outputs may be missing or None."""
        given = {key: props[key] for key in (*INPUTS, *OUTPUTS) if props.get(key) is not None}
        for name in ("owners", "applied_owners"):
            given[name] = tuple(given.get(name, ()))
        return TenantState(**given)

    def outputs(self) -> dict[str, Any]:
        """For the engine."""
        lists = {"owners": list(self.owners), "applied_owners": list(self.applied_owners)}
        return asdict(self) | lists

    @property
    def credential(self) -> Credential | None:
        return Credential(self.client_id, self.client_secret) if self.client_secret else None


def check(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the inputs, by property. `olds` are the old inputs, empty for a new tenant.

    The rules for names and owners hold for tenants that we make; one that is taken over is as it is.
    """
    problems = _of_another_type(news)
    name, rta, adopt = news.get("name"), news.get("rta", ""), news.get("adopt", False)
    for key, what in (("name", "a tenant's name"), ("rta", "a tenant's appliance")):
        if key in olds and key in news and olds[key] != news[key]:
            problems[key] = f"{what} never changes (it is {olds[key]}): names can't be changed, and never used again"
    if adopt not in (False, True, "inventory"):
        problems["adopt"] = f'"{adopt}" is not one of true, false and "inventory"'
    if problems:
        return problems
    if olds.get("retired") and not news.get("retired", ""):
        problems["retired"] = (
            f"{name} is retired: its name never returns. If that was a mistake and the tenant still exists, "
            "`pulumi state delete` its URN, then list it again: its credential comes back from the escrow"
        )
    if news.get("retired"):
        return problems
    new_name = name if isinstance(name, str) and not olds else None
    if new_name and (wrong := _name_problem(new_name, rta=rta, adopt=bool(adopt))):
        problems["name"] = wrong
    if not adopt and "owners" in news and news["owners"] != olds.get("owners"):
        mistakes = [problem for owner in news["owners"] if (problem := rules.owner_problem(str(owner)))]
        if mistakes or not news["owners"]:
            problems["owners"] = "; ".join(mistakes) or "a new tenant needs at least one owner, who can sign in to it"
    if (deletion := news.get("deletion", "refuse")) not in rules.DELETIONS:
        problems["deletion"] = f'"{deletion}" is not one of {", ".join(rules.DELETIONS)}'
    if rta and (domain := news.get("tenant_domain")) and (wrong := rules.tenant_domain_problem(domain, rta=rta)):
        problems["tenant_domain"] = wrong
    return problems


def diff(
    last: TenantState,
    news: Mapping[str, Any],
    settings: Settings | None,
    *,
    warn: Callable[[str], None],
    now: datetime | None = None,
) -> list[str]:
    """The properties that make an update of a tenant.

    Besides changed inputs: a credential that a person has given since, and, for `ready_within_hours` after it
    came to us or vanished, that the tenant is not ready. After that time this is a warning and no longer a change.
    """
    before = last.outputs()
    wanted = {"retired": "", **news}
    changed = [name for name in UPDATABLE if name in wanted and not _same(before[name], wanted[name])]
    given = settings.credential_of(last.name) if settings and news.get("adopt") is True else None
    if given and given != last.credential:
        changed.append("client_id")
    if wanted.get("rotate") and wanted["rotate"] != last.rotate:
        changed.append("rotate")
    if last.vanished_at and news.get("recreate") is True:
        changed.append("recreate")
    elif not last.ready and not last.retired:
        hours = settings.ready_within_hours if settings else 24.0
        if times.within(hours, last.vanished_at or last.managed_since, now or datetime.now(UTC)):
            changed.append("ready")
        elif not changed:
            warn(f"tenant {last.name} is still not ready after {hours:g} hours: {last.problem}")
    return changed


def delivered(entry: Entry) -> answers.NewTenant:
    """What an escrow entry holds, whether it is a raw answer or a credential that left the state."""
    if entry.credential:
        return answers.NewTenant(entry.credential, entry.tenant, entry.domain)
    return answers.new_tenant(entry.answer, name=entry.tenant)


def settle(last: TenantState, escrow: Escrow, *, warn: Callable[[str], None]) -> None:
    """Put aside the escrow's entry of a tenant whose credential the durable state has.

    `last` must come from the engine as the state of an earlier run: that is the proof.
    """
    if last.vanished_at:
        return  # its credential is in the escrow on purpose
    try:
        if not last.client_secret or not escrow.may_hold(last.name):
            return
        entry = escrow.find(last.name)
        if entry and delivered(entry).credential == last.credential:
            if entry.previous and last.credential:  # the secret before the rotation is forgotten
                escrow.keep_credential(last.name, last.credential, domain=last.domain, reason="replaced")
            escrow.settle(last.name)
    except PsaasError as error:
        warn(f"tenant {last.name} has its credential in the state; an entry in the escrow is left alone: {error}")


def _of_another_type(news: Mapping[str, Any]) -> dict[str, str]:
    """Values that a typed program can't give, and a program without types can."""
    problems = {
        key: "expected text, and not an empty one"
        for key in ("name", "rta", "tenant_domain")
        if key in news and not (isinstance(news[key], str) and (news[key] or key == "tenant_domain"))
    }
    owners = news.get("owners", [])
    if not isinstance(owners, list | tuple) or not all(isinstance(owner, str) for owner in owners):
        problems["owners"] = 'expected a list of e-mail addresses, for example ["me@email.com"]'
    return problems


def _name_problem(name: str, *, rta: str, adopt: bool) -> str | None:
    return rules.existing_name_problem(name) if adopt else rules.name_problem(name, rta=rta)


def _same(old: Any, new: Any) -> bool:
    """Lists are sets here: the order of owners says nothing."""
    if isinstance(old, list) and isinstance(new, list):
        return sorted(map(str, old)) == sorted(map(str, new))
    return bool(old == new)
