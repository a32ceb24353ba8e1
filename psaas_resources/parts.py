"""What a stack file may say of the inside of tenants: typed, frozen, no rules beyond shape."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr
from pydantic.alias_generators import to_camel

from . import tenant_settings_values
from .sink_place import PATHS, Kind, SinkPlace


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)


class SettingsPart(Part):
    """Settings inside of a tenant. What is not named is not managed, and keeps the value that it has there."""

    friendly_name: StrictStr | None = Field(None, description="The name that its users see.")
    support_email: StrictStr | None = Field(None, description='E-mail address where its users find help, or "".')
    support_url: StrictStr | None = Field(None, description='Page where its users find help, or "".')
    picture_url: StrictStr | None = Field(None, description='Address of its logo, or "".')
    session_lifetime: StrictInt | None = Field(None, description="Hours that a session lasts at most.")
    idle_session_lifetime: StrictInt | None = Field(None, description="Hours that a session lasts without being used.")
    default_directory: StrictStr | None = Field(None, description="Connection that the password grant uses.")
    enabled_locales: tuple[StrictStr, ...] | None = Field(
        None, description='Its languages, the default first, as the API writes them: ["en", "pt-BR"].'
    )
    flags: dict[str, StrictBool] | None = Field(
        None, description="Flags, under the API's own names (enable_sso), each true or false and managed alone."
    )

    def named(self) -> dict[str, Any]:
        """Those that are named, under the API's names."""
        return tenant_settings_values.plain(self.model_dump(exclude_none=True))


NO_SETTINGS = SettingsPart.model_validate({})


class ManagementClientPart(Part):
    """A machine-to-machine application in a tenant, for its team, whose credential is handed over."""

    name: StrictStr | None = Field(None, description='What it is called in the tenant; default: "Team". It stays so.')
    scopes: tuple[StrictStr, ...] | None = Field(
        None, description="What it may do in the tenant's Management API, as a set. Without any there is none."
    )
    rotate: StrictStr | None = Field(
        None, description='A marker, for example "2026-11". Another one makes another credential.'
    )
    previous_hours: StrictInt | None = Field(
        None, description="Hours that the credential before a rotation stays good; default: 168, a week."
    )

    def named(self) -> dict[str, Any]:
        """Those that are named, as the resource takes them."""
        given = self.model_dump(exclude_none=True)
        return given | {"scopes": list(given["scopes"])} if "scopes" in given else given


NO_CLIENT = ManagementClientPart.model_validate({})


class SinkPart(Part):
    """Where teams read the credentials that are handed over to them."""

    kind: Kind | None = Field(
        None, description="vault (KV version 2), kubernetes (a Secret each), or command (PSAAS_SINK_COMMAND)."
    )
    address: StrictStr = Field("", description="https URL of the Vault, or of the Kubernetes API server.")
    namespace: StrictStr = Field(
        "", description="Namespace of Kubernetes, or of Vault if it has some; {tenant} and {label:NAME} as in `path`."
    )
    mount: StrictStr = Field("", description='Path of the secrets engine in Vault; default: "secret".')
    path: StrictStr = Field(
        "",
        description="Path below `mount`, or name of the Secret. {tenant} and {label:NAME} stand for the tenant's name "
        'and its labels. Default: "psaas/{tenant}" in Vault, "auth0-{tenant}" in Kubernetes, "{tenant}" for a command.',
    )
    role_id: StrictStr = Field("", description="AppRole of Vault, in the place of a token; its secret is sinkSecretId.")
    own_credential: StrictBool = Field(
        False,
        description="Whether a tenant without an application of its team has its own credential there, which may do "
        "everything in it.",
    )

    def template(self) -> SinkPlace:
        """The place of all tenants, with its variables."""
        kind = self.kind or ""
        mount = self.mount or ("secret" if kind == "vault" else "")
        return SinkPlace(kind, self.address, self.namespace, mount, self.path or PATHS.get(kind, ""), self.role_id)


NO_SINK = SinkPart.model_validate({})


class TenantSinkPart(Part):
    """What is otherwise for one tenant than psaas:sink says."""

    enabled: StrictBool | None = Field(
        None, description="Whether its credential is written; default: true, and false for one that is taken over."
    )
    namespace: StrictStr = Field("", description="Another namespace than that of psaas:sink.")
    path: StrictStr = Field("", description="Another path or name than that of psaas:sink.")
    own_credential: StrictBool | None = Field(None, description="As in psaas:sink.")
    adopt: StrictBool = Field(False, description="Take over a place that exists already and isn't ours.")


NO_TENANT_SINK = TenantSinkPart.model_validate({})
