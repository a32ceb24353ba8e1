"""What a stack declares, or is known to be, as one value for comparing: from its files, or from an inventory. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from psaas_resources import documents, rules, stack_files
from psaas_resources.entries import TenantEntry
from psaas_resources.errors import ConfigError
from psaas_resources.fleet import Fleet
from psaas_resources.setting_reader import BOUNDS

from . import credential_sinks, inventory, owner_invitations, stack_settings, team_applications, tenant_settings
from . import inside as part
from .applications import Application
from .standing import Grant, Tenant

GRANT_NAME, APPLICATION_NAME = "provisioning", "application"  # their names in the program


@dataclass(frozen=True)
class Declared:
    """One stack. `rta_place` is where it names its appliance, "" where that is not known. `problems` are mistakes in
    its files; then there are no tenants and grants to compare.

    `at_once` and the numbers of `most_` are the stack's own limits, None for no limit.
    `seconds_per_tenant` and `commit` are what a deploy has measured. `applications` is None where that isn't known.
    """

    stack: str
    rta: str = ""
    tenants: Mapping[str, Tenant] = field(default_factory=dict)
    grants: Mapping[str, Grant] = field(default_factory=dict)
    applications: Mapping[str, Application] | None = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    rta_place: str = ""
    connect_to: bool = False
    at_once: int = 4
    most_new_tenants: int | None = None
    most_deletions: int | None = None
    seconds_per_tenant: float | None = None
    commit: str = ""
    problems: tuple[str, ...] = ()

    @classmethod
    def of_files(cls, stack: str, files: Mapping[str, str]) -> Declared:
        """What the files of a revision or a folder say of `stack`; their mistakes are in the value."""
        settings = _settings(stack, files)
        try:
            declared = cls.of_fleet(stack, stack_files.read(stack, files), settings=settings)
            return replace(declared, rta_place=_place_of_domain(stack, files))
        except ConfigError as error:
            return cls(stack, rta=settings.get("psaas:domain", ""), settings=settings, problems=error.problems)

    @classmethod
    def of_fleet(cls, stack: str, fleet: Fleet, *, settings: Mapping[str, str]) -> Declared:
        tenant_domain = fleet.tenant_domain or rules.parent_domain(fleet.domain)
        tenants = [
            Tenant(
                entry.name, entry.owners, entry.labels, fleet.deletion_of(entry), entry.adopt, entry.recreate,
                tenant_domain=tenant_domain, applied_owners=entry.owners, place=entry.place, rotate=entry.rotate,
                inside={
                    part.SETTINGS.key: tenant_settings.texts(fleet.settings_of(entry)),
                    part.TEAM.key: team_applications.declared(fleet.management_client_of(entry)),
                    part.SINK.key: credential_sinks.declared(_sink(fleet, entry)),
                    part.INVITATIONS.key: owner_invitations.declared({"owners": fleet.invitations_of(entry)}),
                },
            )
            for entry in fleet.tenants
        ]  # fmt: skip
        gone = [Tenant(entry.name, retired=entry.deletion, place=entry.place) for entry in fleet.retired]
        client_id = fleet.adopt_application if fleet.manage_application else fleet.client_id
        grant = Grant(GRANT_NAME, client_id, f"https://{fleet.domain}/api/v2/", fleet.scopes, fleet.adopt_grant)
        application = Application(
            fleet.application_name, fleet.application_description, fleet.adopt_application, fleet.rotate,
            key=fleet.application_key,
            previous_key_hours=f"{fleet.previous_key_hours:g}" if fleet.application_key else "",
        )  # fmt: skip
        return cls(
            stack,
            rta=fleet.domain,
            tenants={tenant.name: tenant for tenant in (*tenants, *gone)},
            grants={GRANT_NAME: grant} if fleet.manage_grant else {},
            applications={APPLICATION_NAME: application} if fleet.manage_application else {},
            settings=settings,
            connect_to=bool(fleet.connect_to),
            at_once=fleet.max_concurrent_creates,
            most_new_tenants=_limit(fleet.max_new_tenants, "maxNewTenants", fleet),
            most_deletions=_limit(fleet.max_deletions, "maxDeletions", fleet),
        )

    @classmethod
    def of_inventory(cls, document: Mapping[str, Any]) -> Declared:
        """A checked inventory, see `inventory.parse`."""
        return cls(
            document["stack"],
            rta=document["rta"],
            tenants=inventory.tenants_of(document),
            grants=inventory.grants_of(document),
            applications=inventory.applications_of(document),
            settings=document["settings"],
            seconds_per_tenant=document["secondsPerTenant"],
            commit=document["commit"],
        )


def _sink(fleet: Fleet, entry: TenantEntry) -> dict[str, Any]:
    """The properties that the program gives to the sink of a tenant; {} where it has none."""
    place = fleet.sink_of(entry)
    client = fleet.management_client_of(entry)
    return {"sink": place.props(), "client": "its team's" if client else ""} if place else {}


def _limit(said: int | None, key: str, fleet: Fleet) -> int | None:
    """What the program itself takes for a limit, as the provider reads it."""
    return said if said is not None or fleet.local else int(BOUNDS[key][0])


def _settings(stack: str, files: Mapping[str, str]) -> dict[str, str]:
    """Settings beside the tenants, as texts that may be shown; {} for a file that can't be read at all.

    A key without a namespace is in the project's, as for the engine: `escrow` is `psaas:escrow`.
    """
    path = stack_files.path_of(stack)
    try:
        top = documents.parse(path, files[path]).root.value if path in files else {}
    except ConfigError:
        return {}
    top = top if isinstance(top, dict) else {}
    config = top["config"].value if "config" in top and isinstance(top["config"].value, dict) else {}
    given = {
        **{key: node.plain() for key, node in top.items() if key != "config"},
        **{key if ":" in key else f"psaas:{key}": node.plain() for key, node in config.items()},
    }
    told_elsewhere = stack_settings.NO_SETTINGS - {"psaas:tenantFiles"}
    return {key: _shown(key, value) for key, value in given.items() if key not in told_elsewhere}


def _place_of_domain(stack: str, files: Mapping[str, str]) -> str:
    path = stack_files.path_of(stack)
    top = documents.parse(path, files[path]).root.value
    found = (top["config"].value, top) if "config" in top else (top,)
    lines = [keys[key].line for keys in found for key in ("psaas:domain", "domain") if key in keys]
    return f"{path}:{lines[0]}" if lines else path


def _shown(key: str, value: Any) -> str:
    """A key that nobody knows may be a secret's, misspelt."""
    known = {f"psaas:{info.alias or name}" for name, info in Fleet.model_fields.items()}
    return stack_settings.shown(key, value) if key in known or not key.startswith("psaas:") else "not shown"
