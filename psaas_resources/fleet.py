"""What a stack file may say, as typed and frozen models. Knows no rules beyond shape."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from . import rules, tenant_settings_values
from .entries import Deletion, RetiredEntry, TenantEntry
from .parts import (
    NO_CLIENT,
    NO_SETTINGS,
    NO_SINK,
    ManagementClientPart,
    Part,
    SettingsPart,
    SinkPart,
)
from .sink_place import SinkPlace


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
    application_private_key: str = Field(
        "",
        repr=False,
        description="Private key (PEM) of the declared application, where psaas:applicationKey shall make none. "
        "Encrypted, or from PSAAS_APPLICATION_PRIVATE_KEY.",
    )
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

    invite_owners: bool = Field(
        False,
        description="Invite the owners of every tenant that the stack makes, by e-mail and once each, where they are "
        "not its administrators yet. By calls that the vendor does not document, and not every appliance has.",
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

    def invitations_of(self, tenant: TenantEntry) -> tuple[str, ...]:
        """The owners of a tenant that are invited. Those of one that is taken over are if its entry says so."""
        default = self.invite_owners and not tenant.adopt
        return tenant.owners if (default if tenant.invite_owners is None else tenant.invite_owners) else ()

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
