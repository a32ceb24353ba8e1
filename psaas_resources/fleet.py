"""What a stack file may say, as typed and frozen models. Knows no rules beyond shape."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, StrictBool
from pydantic.alias_generators import to_camel

from . import rules

Deletion = Literal["refuse", "forget", "delete"]
INCLUDED_FIELDS = ("name", "owners", "labels")  # what an entry of an included file may say


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)


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
    """One tenant of the list. `deletion` is the stack's default where the entry names none."""

    name: str = Field(description="The tenant's name: 3 to 63 lower-case letters, digits and hyphens, for ever.")
    owners: tuple[str, ...] = Field((), description="E-mail addresses of its first administrators.")
    adopt: StrictBool | Literal["inventory"] = Field(False, description="Take over a tenant that exists already.")
    deletion: Deletion | None = Field(None, description="What happens when the entry is removed.")
    labels: dict[str, str] = Field({}, description="Free text for people: team, cost centre, ticket.")
    recreate: bool = Field(False, description="Make it again if the appliance's list proves that it is gone.")


class RetiredEntry(Entry):
    """A name that must never return. Moving a tenant here lets it go, in one reviewed change."""

    name: str = Field(description="The tenant's name.")
    deletion: Literal["forget", "delete"] = Field("forget", description="How it goes.")


class Fleet(Part):
    """Everything that a stack file may say under `psaas:`. Secrets and machine-local keys are only checked here."""

    domain: str = Field(description="The host of the root tenant authority (RTA).")
    tenant_domain: str = Field("", description="The domain below which tenants lie; default: the RTA's parent domain.")
    client_id: str = Field(description="The client ID of the application that makes tenants.")
    manage_grant: bool = Field(True, description="Whether this stack declares that application's client grant.")
    adopt_grant: bool = Field(False, description="Take over an identical client grant that exists already.")
    scopes: tuple[str, ...] = Field(("create:tenants",), description="The scopes of the client grant.")
    tenants: tuple[TenantEntry, ...] = Field((), description="The tenants that shall exist.")
    tenant_files: tuple[str, ...] = Field((), description="Files below stacks/ with more tenants, by patterns.")
    retired: tuple[RetiredEntry, ...] = Field((), description="Names that must never return.")
    deletion: Deletion = Field("refuse", description="The default of the tenants' `deletion`.")
    export_credentials: bool = Field(False, description="Credentials as a stack output; local stacks only.")
    admin_client_id: str = Field("", description="The client ID of the application that manages client grants.")
    client_secret: str = Field("", repr=False, description="Secret of clientId.")
    admin_client_secret: str = Field("", repr=False, description="Secret of adminClientId.")
    escrow_key: str = Field("", repr=False, description="Key of the escrow; default: derived from clientSecret.")
    credentials: dict[str, Any] = Field({}, repr=False, description="Credentials of tenants that are taken over.")
    escrow: str = Field("", description="s3://bucket/prefix instead of a directory.")
    escrow_durable: bool = Field(False, description="The directory outlives the job of a pipeline.")
    escrow_dir: str = Field("", description="Where one-time credentials wait until the state has them.")
    ca_bundle: str = Field("", description="PEM file of the authorities that sign the appliance's certificates.")
    connect_to: str = Field("", description="host:port to connect to instead; local stacks only.")
    timeout_seconds: float = Field(30, description="Longest wait for one answer.")
    max_concurrent_creates: int = Field(4, description="Tenant POSTs under way at once, after the first.")
    ready_within_hours: float = Field(24, description="How long a tenant that isn't ready is looked at again.")

    @property
    def local(self) -> bool:
        """Whether the appliance is one for development."""
        return rules.is_local(self.domain)

    def deletion_of(self, tenant: TenantEntry) -> Deletion:
        return tenant.deletion or self.deletion
