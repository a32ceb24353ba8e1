"""How tenants and grants stand, how they are declared, and what follows from the difference. Pure.

Shared by the preview, which is told by the engine what it would do, and by the comparison, which works it out from
two declarations: of the same change both make the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from . import inside, team_applications
from .inside import Inside
from .model import Change, GrantRow, TenantAction, TenantRow


@dataclass(frozen=True)
class Tenant:
    """A tenant in the state, or in a stack file.

    `deletion` is the one in force (the stack's default where the entry names none). `retired` is "", "forget" or
    "delete". `domain` is "" where it isn't known yet. `inside` is what is managed inside of it, see `inside`, and
    `rotate` is the marker of its last rotation; None where an inventory doesn't tell it. What only a state knows:
    `applied_owners`, those that the POST was given; `ready`, and `inside_ready`; `vanished`, whether the appliance's
    list has proved that the tenant is gone.
    """

    name: str
    owners: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    deletion: str = "refuse"
    adopt: bool | str = False
    recreate: bool = False
    retired: str = ""
    tenant_domain: str = ""
    domain: str = ""
    applied_owners: tuple[str, ...] = ()
    ready: bool = True
    vanished: bool = False
    place: str = ""
    rotate: str | None = ""
    inside: Inside = field(default_factory=dict)
    inside_ready: bool = True


@dataclass(frozen=True)
class Grant:
    """A client grant in the state, on the appliance, or in a stack file.

    `client_id` is "" where it is that of an application that the same stack declares, and isn't known yet.
    """

    name: str
    client_id: str
    audience: str
    scopes: tuple[str, ...]
    adopt: bool = False


def action(before: Tenant | None, after: Tenant | None) -> TenantAction:
    """What an update does about a tenant that stands as `before` and is declared as `after`; None where it isn't."""
    if after is None:
        return _let_go(before) if before else "unchanged"
    if before is None:
        return _begin(after)
    if before.retired and not after.retired:
        return "unretire"
    if after.retired and not before.retired:
        return "delete" if after.retired == "delete" else "forget"
    if before.vanished and after.recreate:
        return "recreate"
    if before.adopt == "inventory" and after.adopt is True:
        return "adopt"
    if _rotates(before, after):
        return "rotate"
    if changes(before, after):
        return "change"
    return "unchanged" if (before.ready and before.inside_ready) or before.retired else "look"


def _rotates(before: Tenant | None, after: Tenant) -> bool:
    """Another marker than the last one; its first one where the tenant is new, or a marker that went, does nothing."""
    return bool(before and before.rotate is not None and after.rotate and after.rotate != before.rotate)


def _begin(after: Tenant) -> TenantAction:
    if after.retired:
        return "change"
    if after.adopt:
        return "inventory" if after.adopt == "inventory" else "adopt"
    return "create"


def _let_go(before: Tenant) -> TenantAction:
    """The state's own `deletion` counts: what a changed file says is applied first."""
    if before.retired:
        return "unretire"
    if before.deletion == "delete":
        return "delete"
    return "forget" if before.deletion == "forget" else "refused"


def changes(before: Tenant | None, after: Tenant) -> tuple[Change, ...]:
    """The declared properties that differ, in the words of the stack file; lists are sets."""
    told = (
        ("adopt", _switch(before.adopt if before else False), _switch(after.adopt)),
        ("deletion", before.deletion if before else "", after.deletion),
        ("labels", _labels(before.labels if before else {}), _labels(after.labels)),
        ("owners", _list(before.owners if before else ()), _list(after.owners)),
        ("retired", before.retired if before else "", after.retired),
        ("rotate", *((before.rotate or "", after.rotate or "") if before and _rotates(before, after) else ("", ""))),
        ("tenantDomain", before.tenant_domain if before else "", after.tenant_domain),
    )
    only = ("retired",) if after.retired else tuple(name for name, _, _ in told)
    own = tuple(Change(name, old, new) for name, old, new in told if name in only and old != new)
    return own if after.retired else (*own, *inside.changes(before.inside if before else {}, after.inside))


def tenant_row(
    before: Tenant | None, after: Tenant | None, *, does: TenantAction | None = None, note: str = ""
) -> TenantRow:
    """The row of a tenant; `does` is the action where somebody else than `action` knows it."""
    does = does or action(before, after)
    shown = before if before and (after is None or after.retired) else after
    if shown is None:
        raise ValueError("a tenant that neither stands nor is declared has no row")
    changed = _differences(before, after, does) if after else ()
    return TenantRow(
        name=shown.name,
        action=does,
        owners=tuple(sorted(shown.owners)),
        domain=_domain(before, after),
        deletion=(after.retired if after else "") or shown.deletion,
        labels=dict(sorted(shown.labels.items())),
        changes=changed,
        place=after.place if after else "",
        note=note or (team_applications.ENDS if _ends_a_credential(before, does, changed) else ""),
    )  # fmt: skip


def _differences(before: Tenant | None, after: Tenant, does: TenantAction) -> tuple[Change, ...]:
    """Everything about a new tenant is new: its row says it, but for its settings. Else what differs from before."""
    if before is None and not after.retired:
        return inside.changes({}, after.inside) if does in ("create", "adopt") else ()
    return changes(before, after) if does in ("change", "rotate", "adopt", "recreate") else ()


def _ends_a_credential(before: Tenant | None, does: TenantAction, changed: Sequence[Change]) -> bool:
    """Whether what a team was handed stops working although its tenant stays."""
    had_one = bool(before and before.inside.get(inside.TEAM.key))
    return had_one and (does == "forget" or team_applications.ends(changed))


def grant_row(before: Grant | None, after: Grant | None) -> GrantRow:
    """The row of a client grant; `before` is what is known to be there, `after` what is declared."""
    shown = after or before
    if shown is None:
        raise ValueError("a grant that neither stands nor is declared has no row")
    old, new = set(before.scopes if before else ()), set(after.scopes if after else ())
    if before is None:
        does = "adopt" if shown.adopt else "create"
    elif after is None:
        does = "delete"
    elif before.audience != after.audience or after.client_id not in ("", before.client_id):
        does = "replace"
    else:
        does = "unchanged" if old == new else "change"
    return GrantRow(
        name=shown.name,
        action=does,  # type: ignore[arg-type]
        client_id=shown.client_id,
        audience=shown.audience,
        scopes=tuple(sorted(shown.scopes)),
        added=tuple(sorted(new - old)),
        removed=tuple(sorted(old - new)) if after else (),
    )


def _domain(before: Tenant | None, after: Tenant | None) -> str:
    """Where the tenant answers after the update: a domain that lay where it was put moves with `tenantDomain`."""
    if before and before.domain:
        moved = after and not after.retired and after.tenant_domain not in ("", before.tenant_domain)
        if moved and after and before.domain == f"{before.name}.{before.tenant_domain}":
            return f"{after.name}.{after.tenant_domain}"
        return before.domain
    if after and not after.retired and after.tenant_domain:
        return f"{after.name}.{after.tenant_domain}"
    return ""


def _switch(value: bool | str) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _list(values: Sequence[str]) -> str:
    return ", ".join(sorted(values))


def _labels(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(labels.items()))
