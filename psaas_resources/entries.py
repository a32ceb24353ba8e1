"""What an entry of a stack file's lists may say: a tenant, or a name that must never return. Knows no other rules."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, PrivateAttr, StrictBool

from .parts import (
    NO_CLIENT,
    NO_SETTINGS,
    NO_TENANT_SINK,
    ManagementClientPart,
    Part,
    SettingsPart,
    TenantSinkPart,
)

Deletion = Literal["refuse", "forget", "delete"]
# What an entry of a file may say that psaas:tenantFiles names, and of one under psaas:existingTenantFiles.
INCLUDED_FIELDS = ("name", "owners", "labels", "rotate", "managementClient")
EXISTING_FIELDS = ("name", "adopt", "owners", "labels", "rotate")
INSIDE_INCLUDED = {"managementClient": ("rotate",)}  # of a field, what such an entry may say of it


class Entry(Part):
    """An entry of a list, which knows where it stands: `stacks/tenants/billing.yaml:7`, or "" without a file.

    The place is no field: nobody can say it in a file, and entries that say the same are equal wherever they stand.
    """

    _place: str = PrivateAttr("")

    @property
    def place(self) -> str:
        return self._place

    def at(self, place: str) -> Self:
        entry = self.model_copy()
        entry._place = place
        return entry

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__


class TenantEntry(Entry):
    """One tenant. In an included file it may say `name`, `owners` and `labels`."""

    name: str = Field(
        description="The tenant's name: 3 to 63 lower-case letters, digits and hyphens. It never changes, and is never "
        "used again on this appliance, even after the tenant is gone."
    )
    owners: tuple[str, ...] = Field(
        (),
        description="E-mail addresses of its first administrators, at least one for a new tenant. A later change is "
        "noted with a warning: the appliance's API can't carry it out. `inviteOwners` invites those who are new.",
    )
    adopt: StrictBool | Literal["inventory"] = Field(
        False,
        description="Take over a tenant that exists already; nothing is posted. true: with its credential from the "
        'escrow or psaas:credentials. "inventory": without one, to be listed and watched.',
    )
    deletion: Deletion | None = Field(
        None,
        description="What happens when this entry is removed: refuse (the preview stops), forget (it stays on the "
        "appliance, not managed) or delete. Counts from the update after it was applied. Default: psaas:deletion.",
    )
    labels: dict[str, str] = Field(
        {},
        description="Texts for people: team, cost centre, ticket. Carried to the outputs; a change sends nothing. "
        "Numbers and dates need quotes.",
    )
    invite_owners: StrictBool | None = Field(
        None, description="Whether its owners are invited. Default: psaas:inviteOwners, and false under `adopt`."
    )
    recreate: bool = Field(
        False,
        description="Post it again if the appliance's list proves that it is gone, for example after it was restored "
        "from a backup.",
    )
    rotate: str = Field("", description="Any text, for example a date. Another one replaces its credential's secret.")
    settings: SettingsPart = Field(
        NO_SETTINGS, description="Settings inside of it, on top of psaas:settings, field by field and flag by flag."
    )
    management_client: ManagementClientPart = Field(
        NO_CLIENT, description="Its team's application, on top of psaas:managementClient, field by field."
    )
    sink: TenantSinkPart = Field(NO_TENANT_SINK, description="What is otherwise for it than psaas:sink says.")


class RetiredEntry(Entry):
    """A name that must never return. Moving a tenant here lets it go, in one reviewed change."""

    name: str = Field(description="The name of a tenant that is no longer under psaas:tenants.")
    deletion: Literal["forget", "delete"] = Field(
        "forget",
        description="How it goes: forget (it stays on the appliance) or delete (from the appliance, if "
        "PSAAS_ALLOW_DELETE names it for that run).",
    )
