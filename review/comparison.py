"""Two declarations of a stack -> Review. Pure: what stands, what is declared, and the rules; no state, no engine."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from policy import Settings

from . import applications, consequences, judged, stack_settings
from .declared import Declared
from .model import ApplicationRow, Diagnostic, GrantRow, Review, SettingRow, Source, TenantRow
from .standing import grant_row, tenant_row


@dataclass(frozen=True)
class Judgement:
    """By which settings of the rules a change is judged, on which day (UTC), and who approved it."""

    settings: Settings
    today: date
    approved_by: Collection[str] = ()

    @property
    def approval(self) -> str:
        return judged.approval(self.settings, self.approved_by)


def compare(
    before: Declared,
    after: Declared,
    *,
    judgement: Judgement,
    source: Source,
    base: str = "",
    head: str = "",
    diagnostics: Sequence[Diagnostic] = (),
    other_files: Sequence[str] = (),
) -> Review:
    """What an update would do that begins at `before` and ends at `after`.

    Where one of them has mistakes, tenants and grants are not compared: the mistakes are what there is to say.
    """
    review = Review(
        source,
        after.stack,
        after.rta or before.rta,
        before.rta if _moves(before, after) else "",
        base=base,
        head=head,
        deployed=before.commit,
        settings=setting_rows(before, after, approval=judgement.approval),
        waivers=judged.waivers(judgement.settings, stack=after.stack, today=judgement.today),
        diagnostics=(*_mistakes(before, after), *diagnostics),
        other_files=tuple(sorted(other_files)),
    )
    if after.problems or before.problems:
        return review
    return _with_rows(review, before, after, judgement)


def setting_rows(before: Declared, after: Declared, *, approval: str) -> tuple[SettingRow, ...]:
    return stack_settings.differences(before.settings, after.settings, approved_by=approval)


def _with_rows(review: Review, before: Declared, after: Declared, judgement: Judgement) -> Review:
    tenants = tuple(_tenants(before, after))
    grants = tuple(_grants(before, after))
    return replace(
        review,
        tenants=tenants,
        grants=grants,
        applications=tuple(_applications(before, after)),
        findings=judged.findings(after, tenants, grants, settings=judgement.settings, today=judgement.today),
        diagnostics=(
            *review.diagnostics,
            *_moved(before, after),
            *_beyond_limits(after, tenants),
            *_unknown(before, after),
        ),
        not_happening=consequences.not_happening(
            tenants, applied={name: tenant.applied_owners for name, tenant in before.tenants.items()}
        ),
        host_names=consequences.host_names(tenants),
        effort=consequences.effort(
            tenants,
            grants,
            seconds_per_tenant=before.seconds_per_tenant,
            at_once=after.at_once,
        ),
    )


def _tenants(before: Declared, after: Declared) -> Iterator[TenantRow]:
    for name in sorted({*before.tenants, *after.tenants}):
        yield tenant_row(before.tenants.get(name), after.tenants.get(name))


def _grants(before: Declared, after: Declared) -> Iterator[GrantRow]:
    for name in sorted({*before.grants, *after.grants}):
        yield grant_row(before.grants.get(name), after.grants.get(name))


def _applications(before: Declared, after: Declared) -> Iterator[ApplicationRow]:
    stood, wanted = before.applications, after.applications
    if stood is None or wanted is None:
        return
    for name in sorted({*stood, *wanted}):
        yield applications.row(stood.get(name), wanted.get(name))


def _unknown(before: Declared, after: Declared) -> Iterator[Diagnostic]:
    """An inventory of an earlier version doesn't tell everything that may change."""
    if _not_told(before, after):
        yield Diagnostic(
            "warning",
            "the inventory was published by an earlier version and tells nothing of some things that are declared "
            "(settings, rotations and applications, of teams too): this report can't say which of them change, and a "
            "deploy stops on those that do. The next deploy publishes a whole one",
        )


def _not_told(before: Declared, after: Declared) -> bool:
    known, wanted = before.tenants.values(), after.tenants.values()
    unknown = {key for tenant in known for key, texts in tenant.inside.items() if texts is None}
    inside = any(texts and key in unknown for tenant in wanted for key, texts in tenant.inside.items())
    rotations = any(t.rotate is None for t in known) and any(t.rotate for t in wanted)
    return inside or rotations or (before.applications is None and bool(after.applications))


def _mistakes(before: Declared, after: Declared) -> Iterator[Diagnostic]:
    yield from (Diagnostic("error", problem) for problem in after.problems)
    if before.problems and not after.problems:
        yield Diagnostic(
            "error",
            "the stack file of the base revision has mistakes, so that the change can't be told; review it with the "
            "inventory of the last deploy, or by a preview",
        )


def _beyond_limits(after: Declared, tenants: Sequence[TenantRow]) -> Iterator[Diagnostic]:
    """The program stops at the stack's own limits, whatever the rules say."""
    limits = (
        ("create", "new tenants", "maxNewTenants", after.most_new_tenants),
        ("delete", "deletions", "maxDeletions", after.most_deletions),
    )
    for action, what, key, most in limits:
        number = sum(row.action == action for row in tenants)
        if most is not None and number > most:
            yield Diagnostic(
                "error",
                f"{number:,} {what} are more than the {most:,} that psaas:{key} allows for one update; leave the rest "
                "to the next one, or raise the number in the stack file",
            )


def _moves(before: Declared, after: Declared) -> bool:
    return bool(before.rta and after.rta and before.rta != after.rta)


def _moved(before: Declared, after: Declared) -> Iterator[Diagnostic]:
    if _moves(before, after):
        yield Diagnostic(
            "error",
            f"{after.rta_place or 'the stack file'}: psaas:domain changes from {before.rta} to {after.rta}: the "
            "tenants of a stack stay on one appliance; make a new stack for the other one",
        )
