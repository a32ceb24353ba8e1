"""What is managed inside of a tenant: each kind of it, as texts by their names in the stack file. Pure.

A kind that is listed here has its place in reviews of both ways, in drift and in inventories; what is not named is not
managed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import credential_sinks, owner_invitations, team_applications, tenant_settings
from .model import Change

Props = Mapping[str, Any]
Texts = Mapping[str, str]
Inside = Mapping[str, Texts | None]  # by the part's key; None where an inventory doesn't tell it


@dataclass(frozen=True)
class Part:
    """A kind of resource inside of a tenant, and how its properties read. `suffix` is of its logical names.

    `declared` and `standing` are given the resource's properties: what is wanted, and what the appliance was last seen
    to have. What a look found is told with the difference: by `drifted`, given the properties before and after it, or
    by `gone`.
    """

    key: str
    kind: str
    suffix: str
    declared: Callable[[Props], Texts]
    standing: Callable[[Props], Texts]
    can_be_shown: Callable[[Props], bool]
    drifted: Callable[[Props, Props, Sequence[Change]], str]
    gone: str

    def changes(self, before: Texts | None, after: Texts | None) -> tuple[Change, ...]:
        """What differs; what one side doesn't know doesn't."""
        if before is None or after is None:
            return ()
        return tuple(
            Change(f"{self.key}.{name}", before.get(name, ""), after.get(name, ""))
            for name in sorted({*before, *after})
            if before.get(name, "") != after.get(name, "")
        )


SETTINGS = Part(
    "settings", "dynamic/psaas:TenantSettings", "-settings",
    declared=lambda props: tenant_settings.texts(props.get("settings")),
    standing=lambda props: tenant_settings.standing(props.get("settings"), props.get("applied")),
    can_be_shown=lambda props: all(tenant_settings.can_be_shown(props.get(key)) for key in ("settings", "applied")),
    drifted=lambda _before, _after, changed: (
        "an update with --refresh puts its settings right" if changed else "its settings are as declared again"
    ),
    gone="the look at its settings would drop them from the state",
)  # fmt: skip
TEAM = Part(
    "managementClient", "dynamic/psaas:ManagementClient", "-client",
    declared=team_applications.declared,
    standing=team_applications.standing,
    can_be_shown=team_applications.can_be_shown,
    drifted=team_applications.drifted,
    gone=team_applications.GONE,
)  # fmt: skip
SINK = Part(
    "sink", "dynamic/psaas:CredentialSink", "-sink",
    declared=credential_sinks.declared,
    standing=credential_sinks.standing,
    can_be_shown=credential_sinks.can_be_shown,
    drifted=credential_sinks.drifted,
    gone=credential_sinks.GONE,
)  # fmt: skip
INVITATIONS = Part(
    "invitations", "dynamic/psaas:OwnerInvitations", "-invitations",
    declared=owner_invitations.declared,
    standing=owner_invitations.declared,
    can_be_shown=owner_invitations.can_be_shown,
    drifted=owner_invitations.drifted,
    gone=owner_invitations.GONE,
)  # fmt: skip
PARTS = (TEAM, SETTINGS, SINK, INVITATIONS)


def changes(before: Inside, after: Inside) -> tuple[Change, ...]:
    """What differs inside of a tenant, part by part."""
    return tuple(change for part in PARTS for change in part.changes(before.get(part.key, {}), after.get(part.key, {})))


def of(changed: Sequence[Change], part: Part) -> tuple[Change, ...]:
    """Those of a row's differences that are about a part."""
    return tuple(change for change in changed if change.name.startswith(f"{part.key}."))
