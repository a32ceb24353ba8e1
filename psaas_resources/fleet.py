"""What a stack file may say, as typed and frozen models. Knows no rules beyond shape."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, Self

from pydantic import Field, PrivateAttr, StrictBool

from . import rules, tenant_settings_values
from .parts import (
    NO_CLIENT,
    NO_SETTINGS,
    NO_SINK,
    NO_TENANT_SINK,
    ManagementClientPart,
    Part,
    SettingsPart,
    SinkPart,
    TenantSinkPart,
)
from .sink_place import SinkPlace

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
        "noted with a warning: the appliance's API can't carry it out.",
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


class Fleet(Part):
    """Everything that a stack file may say under `psaas:`. Secrets and machine-local keys are only checked here."""

    domain: str = Field(
        description="Host of the root tenant authority (RTA), without https://. It never changes for a stack."
    )
    tenant_domain: str = Field(
        "",
        description="Domain below which tenants lie. It is the RTA's parent domain, or lies below it. "
        "Default: the RTA's parent domain.",
    )
    client_id: str = Field(
        "",
        description="Client ID of the application that makes tenants. Required, unless this stack declares that "
        "application itself.",
    )
    manage_application: bool = Field(
        False,
        description="Whether this stack declares that application itself. A stack that does has no tenants, unless it "
        "is a local one.",
    )
    application_name: str = Field(rules.APPLICATION_NAME, description="What the declared application is called.")
    application_description: str = Field("", description="What the dashboard says of it, 140 characters at most.")
    adopt_application: str = Field(
        "",
        description="Client ID of an existing application that is taken over as the declared one. All its connections "
        "are switched off.",
    )
    rotate: str = Field("", description="Any text, for example a date. Another one replaces the application's secret.")
    application_key: bool = Field(
        False,
        description="The declared application proves itself by a key pair that this stack makes (private_key_jwt) "
        "instead of a secret. psaas:rotate then makes another key beside it.",
    )
    previous_key_hours: float = Field(
        168, description="Hours that the declared application's key before a rotation stays good."
    )
    manage_grant: bool = Field(True, description="Whether this stack declares the client grant of psaas:clientId.")
    adopt_grant: bool = Field(
        False,
        description="Take over an identical client grant that exists already. One with other scopes is an error.",
    )
    scopes: tuple[str, ...] = Field(
        ("create:tenants",),
        description="Scopes of the client grant, as a set. read:tenants allows looks by the appliance's list, "
        "delete:tenants deletion.",
    )
    tenants: tuple[TenantEntry, ...] = Field((), description="The tenants that shall exist. Their order says nothing.")
    tenant_files: tuple[str, ...] = Field(
        (),
        description='Files below stacks/ with more tenants, by patterns such as "tenants/*.yaml". Their entries say '
        "name, owners, labels and markers of rotations, and nothing else.",
    )
    existing_tenant_files: tuple[str, ...] = Field(
        (),
        description='Files below stacks/ with tenants that exist already, by patterns such as "existing/*.yaml". Each '
        "entry says name and adopt, and may say owners and labels; nothing in them is ever posted.",
    )
    retired: tuple[RetiredEntry, ...] = Field(
        (), description="Names that must never return. Moving an entry of psaas:tenants here lets that tenant go."
    )
    deletion: Deletion = Field(
        "refuse",
        description="The default of the entries' `deletion`: refuse (the preview stops), forget or delete.",
    )
    settings: SettingsPart = Field(
        NO_SETTINGS,
        description="Settings inside of every tenant that the stack makes. One that is taken over (`adopt`) has only "
        "those of its own entry.",
    )
    management_client: ManagementClientPart = Field(
        NO_CLIENT,
        description="The application that the team of every tenant gets that the stack makes. One that is taken over "
        "(`adopt`) has only that of its own entry.",
    )
    sink: SinkPart = Field(
        NO_SINK,
        description="Where the teams of tenants read their credentials: a Vault, Kubernetes Secrets, or a command.",
    )
    export_credentials: bool = Field(
        False,
        description="All credentials as the secret stack output `credentials`. Local stacks only: who reads one output "
        "reads all.",
    )
    admin_client_id: str = Field(
        "",
        description="Client ID of the application that manages client grants. Needed where psaas:manageGrant is true.",
    )
    client_secret: str = Field(
        "", repr=False, description="Secret of psaas:clientId. Encrypted, or from PSAAS_CLIENT_SECRET."
    )
    client_key: str = Field("", repr=False, description="Private key (PEM) of psaas:clientId instead of its secret.")
    admin_client_secret: str = Field(
        "", repr=False, description="Secret of psaas:adminClientId. Encrypted, or from PSAAS_ADMIN_CLIENT_SECRET."
    )
    escrow_key: str = Field(
        "",
        repr=False,
        description="Key of the escrow, 32 random characters or more; several, apart by spaces: the first writes. "
        "Encrypted, or from PSAAS_ESCROW_KEY.",
    )
    credentials: dict[str, Any] = Field(
        {},
        repr=False,
        description="Credentials of tenants that are taken over: for each name, clientId and clientSecret. Encrypted, "
        "or from PSAAS_CREDENTIALS.",
    )
    sink_token: str = Field(
        "",
        repr=False,
        description="Token for psaas:sink: of Vault, or of the Kubernetes API server. Encrypted, or from "
        "PSAAS_SINK_TOKEN.",
    )
    sink_secret_id: str = Field(
        "", repr=False, description="Secret ID of Vault's AppRole. Encrypted, or from PSAAS_SINK_SECRET_ID."
    )
    sink_ca_bundle: str = Field("", description="PEM file of the only authorities that are trusted for psaas:sink.")
    escrow: str = Field("", description="s3://bucket/prefix instead of a directory for the escrow.")
    escrow_durable: bool = Field(
        False,
        description="The escrow's directory outlives the job. Needed in a pipeline, or no tenant is made.",
    )
    escrow_dir: str = Field("", description="Directory where one-time credentials wait until the state has them.")
    ca_bundle: str = Field("", description="PEM file of the only authorities that are trusted.")
    connect_to: str = Field(
        "", description="host:port to connect to, under the names of the real URLs. Local stacks only."
    )
    timeout_seconds: float = Field(30, description="Longest wait for one answer, in seconds.")
    max_concurrent_creates: int = Field(
        4, description="Tenant POSTs under way at once, after the first one of a run has delivered a credential."
    )
    max_new_tenants: int | None = Field(
        None,
        description="Tenant POSTs that one update may send; the rest follows in the next ones. A preview that shows "
        "more new tenants stops. Default: 25, and no limit on a local stack.",
    )
    max_deletions: int | None = Field(
        None,
        description="Tenants that one update may delete from the appliance; the rest follows in the next ones. "
        "Default: 5, and no limit on a local stack.",
    )
    ready_within_hours: float = Field(
        24,
        description="For so long, a tenant that isn't ready is looked at again by every update; then it is a warning.",
    )
    liveness: Literal["none", "oidc", "token"] = Field(
        "none",
        description="What a refresh asks a tenant that the appliance lists and that was ready: nothing, its OpenID "
        "configuration, or a token for its credential.",
    )
    check_owners: bool = Field(
        False,
        description="Ask each new tenant who administers it, and note owners that are missing there. One request more "
        "for each new tenant.",
    )

    @property
    def local(self) -> bool:
        """Whether the appliance is one for development."""
        return rules.is_local(self.domain)

    def deletion_of(self, tenant: TenantEntry) -> Deletion:
        return tenant.deletion or self.deletion

    def settings_of(self, tenant: TenantEntry) -> dict[str, Any]:
        """The settings that are managed inside a tenant. One that is taken over has only those that it names."""
        defaults = {} if tenant.adopt else self.settings.named()
        return tenant_settings_values.merged(defaults, tenant.settings.named())

    def management_client_of(self, tenant: TenantEntry) -> dict[str, Any]:
        """The application of a tenant's team; empty where it has none. Two lists of scopes are not added up."""
        defaults = {} if tenant.adopt else self.management_client.named()
        merged = defaults | tenant.management_client.named()
        return merged if merged.get("scopes") else {}

    def sink_of(self, tenant: TenantEntry) -> SinkPlace | None:
        """Where the credential of a tenant's team belongs; None where nowhere."""
        own, client = tenant.sink.own_credential, self.management_client_of(tenant)
        enabled = not tenant.adopt if tenant.sink.enabled is None else tenant.sink.enabled
        if not enabled or self.sink.kind is None or not (client or (self.sink.own_credential if own is None else own)):
            return None
        template = self.sink.template()
        place = replace(
            template, path=tenant.sink.path or template.path, namespace=tenant.sink.namespace or template.namespace
        )
        return place.of_tenant(tenant.name, tenant.labels)
