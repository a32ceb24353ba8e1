"""What a deploy publishes of the state, so that reviews need neither the state nor its key. No secrets; pure.

From a `pulumi stack export` without `--show-secrets`, by named fields alone. The same state makes the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from . import stack_settings, state
from .applications import Application
from .inside import PARTS, SETTINGS, Inside
from .standing import Grant, Tenant

VERSION = 3  # 1 tells neither settings of tenants nor rotations and applications, 2 no applications of teams
LARGEST = 64 * 1024 * 1024  # some 100,000 tenants


class InventoryError(Exception):
    """The document is no inventory that can be used; the message says why."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_camel)


class InventoryTenant(_Part):
    """A tenant as the state has it; `owners` are those declared last, `applied_owners` those of its POST.

    `inside` is what is managed inside of it, by the key of the part, with the values that stand; earlier versions tell
    `settings` alone. `rotate` is the marker of the last rotation. `held` says whether the state has its credential,
    `credential_since` when that one's secret came into force, `team_since` the same of its team's application; `drift`
    names what the last look inside found to be otherwise than declared.
    """

    name: str = Field(min_length=1, max_length=63)
    owners: list[str] = []
    applied_owners: list[str] = []
    labels: dict[str, str] = {}
    deletion: str = "refuse"
    adopt: bool | Literal["inventory"] = False
    recreate: bool = False
    retired: Literal["", "forget", "delete"] = ""
    tenant_domain: str = ""
    domain: str = ""
    ready: bool = False
    problem: str = ""
    vanished: bool = False
    created_at: str = ""
    rotate: str | None = None
    settings: dict[str, str] | None = None
    settings_ready: bool = True
    inside: dict[str, dict[str, str]] | None = None
    inside_ready: bool = True
    held: bool | None = None
    credential_since: str = ""
    managed_since: str = ""
    team_since: str = ""
    drift: list[str] = []

    def parts(self) -> Inside:
        """What is known to be inside; None for what isn't told."""
        if self.inside is not None:
            return dict(self.inside)
        return {part.key: self.settings if part is SETTINGS else None for part in PARTS}


class InventoryGrant(_Part):
    name: str
    client_id: str
    audience: str
    scopes: list[str] = []


class InventoryApplication(_Part):
    name: str
    description: str = ""
    adopt: str = ""
    rotate: str = ""
    client_id: str = ""
    drift: list[str] = []
    protected: bool = False
    secret_since: str = ""
    key: bool = False
    previous_key_hours: str = ""


class Inventory(_Part):
    """One stack. `settings` are texts that may be published, see `stack_settings`."""

    version: Literal[1, 2, 3]
    stack: str
    rta: str
    tenant_domain: str = ""
    commit: str = ""
    tenants: list[InventoryTenant] = []
    grants: list[InventoryGrant] = []
    applications: dict[str, InventoryApplication] | None = None
    settings: dict[str, str] = {}
    seconds_per_tenant: float | None = None


def of_state(
    export: Mapping[str, Any],
    *,
    stack: str,
    stack_file: str,
    commit: str = "",
    seconds_per_tenant: float | None = None,
) -> dict[str, Any]:
    """The inventory of an exported state. `stack_file` is the text of the stack file that was deployed."""
    settings = stack_settings.of_file(stack_file)
    within = state.within(export)
    found = [props for _, props in state.resources(export, state.TENANT)]
    tenants = [InventoryTenant(**state.tenant(props, within.get(state.text(props.get("name")), {}))) for props in found]
    given = sorted(state.resources(export, state.GRANT), key=itemgetter(0))
    grants = [InventoryGrant(**state.grant(name, props)) for name, props in given]
    applications = sorted(state.resources(export, state.APPLICATION), key=itemgetter(0))
    rtas = [state.text(props.get("rta")) for props in (*found, *(props for _, props in (*given, *applications)))]
    rta = rtas[0] if rtas else settings.get("psaas:domain", "")
    document = Inventory.model_validate(
        {
            "version": VERSION,
            "stack": stack,
            "rta": rta,
            "tenantDomain": settings.get("psaas:tenantDomain", "") or rta.partition(".")[2],
            "commit": commit,
            "tenants": sorted(tenants, key=lambda tenant: tenant.name),
            "grants": grants,
            "applications": {name: state.application(props) for name, props in applications},
            "settings": settings,
            "secondsPerTenant": seconds_per_tenant,
        }
    )
    return document.model_dump(by_alias=True)


def render(document: Mapping[str, Any]) -> str:
    """The document as the text of its file."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def parse(text: str, *, stack: str = "") -> dict[str, Any]:
    """A published inventory, checked. Raises InventoryError for one that is damaged, of another stack or too new."""
    if len(text) > LARGEST:
        raise InventoryError(f"the inventory has more than {LARGEST} characters")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise InventoryError("the inventory is not JSON; publish it again with the next deploy") from None
    version = document.get("version") if isinstance(document, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise InventoryError(
            f"the inventory is of version {version}, and this reviewer knows {VERSION}; review with the version of "
            "the project that deploys"
        )
    try:
        inventory = Inventory.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part)[:40] for part in first["loc"]) or "it"
        raise InventoryError(f"the inventory is damaged: {place}: {first['msg'].lower()}") from None
    names = [tenant.name for tenant in inventory.tenants]
    if len(set(names)) < len(names):
        raise InventoryError("the inventory is damaged: it lists a tenant twice")
    if stack and inventory.stack != stack:
        raise InventoryError(f"the inventory is of another stack than {stack}")
    return inventory.model_dump(by_alias=True)


def tenants_of(document: Mapping[str, Any]) -> dict[str, Tenant]:
    """The tenants of a checked document, by name."""
    given = (InventoryTenant.model_validate(entry) for entry in document["tenants"])
    return {
        t.name: Tenant(
            t.name, tuple(t.owners), t.labels, t.deletion, t.adopt, t.recreate, t.retired, t.tenant_domain, t.domain,
            tuple(t.applied_owners), t.ready, t.vanished, rotate=t.rotate, inside=t.parts(),
            inside_ready=t.inside_ready and t.settings_ready,
        )
        for t in given
    }  # fmt: skip


def grants_of(document: Mapping[str, Any]) -> dict[str, Grant]:
    """The client grants of a checked document, by logical name."""
    given = (InventoryGrant.model_validate(entry) for entry in document["grants"])
    return {g.name: Grant(g.name, g.client_id, g.audience, tuple(g.scopes)) for g in given}


def applications_of(document: Mapping[str, Any]) -> dict[str, Application] | None:
    """The applications of a checked document, by logical name; None where it doesn't tell."""
    given = document["applications"]
    if given is None:
        return None
    found = {name: InventoryApplication.model_validate(entry) for name, entry in given.items()}
    return {
        name: Application(
            a.name,
            a.description,
            a.adopt,
            a.rotate,
            a.client_id,
            tuple(a.drift),
            a.protected,
            a.key,
            a.previous_key_hours,
        )
        for name, a in found.items()
    }
