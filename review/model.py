"""What a reviewer must know of a change, as one value. Pure data: knows neither its sources nor how it is printed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

# `preview`: the engine's events, with the state. `inventory`: stack files against what the last deploy published.
# `files`: two Git revisions of the stack files, without any knowledge of the state. `drift`: state against appliance.
Source = Literal["preview", "inventory", "files", "drift"]

TenantAction = Literal[
    "create",  # one POST; the name is used up from then on
    "adopt",  # taken over with its credential; nothing is posted
    "inventory",  # listed without a credential; nothing is posted
    "recreate",  # a vanished tenant, posted again
    "rotate",  # its credential gets a new secret, and whatever else differs
    "change",  # declared properties differ; `changes` says which
    "look",  # not ready yet: looked at again, nothing is changed
    "forget",  # no longer managed, stays on the appliance
    "delete",  # deleted on the appliance, for ever
    "refused",  # left the list while protected: the run stops
    "unretire",  # a retired name leaves psaas:retired
    "drift",  # the appliance is not what the state says; `note` says how
    "unchanged",
]
ARRIVALS: frozenset[TenantAction] = frozenset({"create", "adopt", "inventory", "recreate"})
GrantAction = Literal["create", "adopt", "change", "replace", "delete", "drift", "unchanged"]
ApplicationAction = Literal["create", "adopt", "rotate", "change", "delete", "refused", "drift", "unchanged"]


@dataclass(frozen=True)
class Change:
    """A property that differs, in the words of the stack file. Never a secret."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class TenantRow:
    """One tenant. `place` is where it is declared, `stacks/Pulumi.prod.yaml:12`, "" where that is not known."""

    name: str
    action: TenantAction
    owners: tuple[str, ...] = ()
    domain: str = ""
    deletion: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    place: str = ""
    note: str = ""


@dataclass(frozen=True)
class GrantRow:
    """One client grant; `added` and `removed` are its scopes that differ."""

    name: str
    action: GrantAction
    client_id: str = ""
    audience: str = ""
    scopes: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class ApplicationRow:
    """One application that a stack declares: the one that makes tenants."""

    name: str
    action: ApplicationAction
    client_id: str = ""
    changes: tuple[Change, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class OtherRow:
    """A step of the engine about a resource of a kind that has no rows here; `operation` is the engine's word."""

    name: str
    kind: str
    operation: str


@dataclass(frozen=True)
class SettingRow:
    """A changed setting of the stack file beside its tenants. `guarded`: one that can lead secrets elsewhere."""

    key: str
    before: str
    after: str
    guarded: bool
    approved_by: str = ""


@dataclass(frozen=True)
class Finding:
    """What a rule says. `subject` is a tenant or a grant, or "" for the whole stack.

    `changed`: whether the subject is part of this change. `waived_by` names the approver of a waiver in force.
    """

    rule: str
    level: Literal["mandatory", "advisory"]
    subject: str
    message: str
    mend: str = ""
    changed: bool = True
    waived_by: str = ""


@dataclass(frozen=True)
class Waiver:
    """A rule that is waived for a tenant until a day (ISO 8601), as the policy's settings say."""

    rule: str
    tenant: str
    reason: str
    approver: str
    until: str
    expired: bool = False


@dataclass(frozen=True)
class Diagnostic:
    """What the engine said, or a mistake in a stack file, which begins with its place."""

    severity: Literal["error", "warning"]
    message: str
    subject: str = ""


@dataclass(frozen=True)
class Effort:
    """Requests that the update will send at least, and how long it will take about; `basis` says how that is known."""

    tenant_posts: int = 0
    token_requests: int = 0
    grant_requests: int = 0
    seconds: float = 0.0
    basis: str = ""
    requests_in_tenants: int = 0

    @property
    def requests(self) -> int:
        return self.tenant_posts + self.token_requests + self.grant_requests + self.requests_in_tenants


@dataclass(frozen=True)
class Review:
    """A change of one stack. `base` and `head` are Git revisions, or ""; `deployed` is the commit that made the state.

    `stack` is "" where no stack file changes. `appliance_before` is another host, from which the change would move it.
    """

    source: Source
    stack: str
    appliance: str
    appliance_before: str = ""
    base: str = ""
    head: str = ""
    deployed: str = ""
    tenants: tuple[TenantRow, ...] = ()
    grants: tuple[GrantRow, ...] = ()
    applications: tuple[ApplicationRow, ...] = ()
    others: tuple[OtherRow, ...] = ()
    settings: tuple[SettingRow, ...] = ()
    findings: tuple[Finding, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    not_happening: tuple[str, ...] = ()
    other_files: tuple[str, ...] = ()
    host_names: tuple[str, ...] = ()
    effort: Effort = Effort()

    def of(self, *actions: TenantAction) -> tuple[TenantRow, ...]:
        """The tenants to which one of these things happens, by name."""
        return tuple(row for row in self.tenants if row.action in actions)

    @property
    def changes_nothing(self) -> bool:
        return not self.actions

    @property
    def actions(self) -> tuple[tuple[str, ...], ...]:
        """What would be done, for comparing a review with what is about to run. Looks are not actions."""
        tenants = [("tenant", *_done(row)) for row in self.tenants if row.action not in ("unchanged", "look")]
        applications = [("application", *_done(row)) for row in self.applications if row.action != "unchanged"]
        others = [("other", row.name, row.operation, row.kind) for row in self.others]
        grants = [
            (
                "grant",
                row.name,
                row.action,
                *(f"+{s}" for s in sorted(row.added)),
                *(f"-{s}" for s in sorted(row.removed)),
            )
            for row in self.grants
            if row.action != "unchanged"
        ]
        return tuple(sorted([*tenants, *grants, *applications, *others]))

    @property
    def digest(self) -> str:
        """The set of actions as a short text: equal if and only if the same things would be done."""
        canonical: dict[str, Any] = {"stack": self.stack, "appliance": self.appliance, "actions": self.actions}
        return hashlib.sha256(json.dumps(canonical, sort_keys=True).encode()).hexdigest()[:32]


def _done(row: TenantRow | ApplicationRow) -> tuple[str, ...]:
    """What a person has agreed to: of a tenant that comes, also who will own it, where, and how it may leave."""
    details = [f"{change.name}={change.after}" for change in row.changes]
    if isinstance(row, TenantRow) and row.action in ARRIVALS:
        details += [f"owners={','.join(sorted(row.owners))}", f"domain={row.domain}", f"deletion={row.deletion}"]
    return (row.name, row.action, *sorted(details))
