"""What is wrong with a stack file, in its own words: each mistake with its path. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from pydantic.alias_generators import to_camel

from . import management_client_state, rules, settings, tenant_settings_values
from .errors import ConfigError
from .fleet import Fleet

REVIEWED = (
    "domain", "tenantDomain", "clientId", "manageApplication", "applicationName", "applicationDescription",
    "applicationKey", "previousKeyHours", "adoptApplication", "rotate", "manageGrant", "adoptGrant", "scopes",
    "tenants", "tenantFiles", "existingTenantFiles", "retired", "deletion", "maxNewTenants", "maxDeletions",
    "settings", "managementClient", "sink", "inviteOwners",
)  # fmt: skip
Mistake = tuple[str, str]


def in_the_open(values: Mapping[str, Any], secret_keys: Collection[str]) -> Iterator[Mistake]:
    """Secrets that are not encrypted, and encrypted values that reviewers must be able to read."""
    for key in values:
        if key in settings.SECRETS and key not in secret_keys and values[key]:
            yield (
                f"psaas:{key}",
                (
                    f"stands in the file in clear; change the secret where it was issued, and store the new one with "
                    f"`pulumi config set --secret psaas:{key}` or give it as {settings.variable(key)}"
                ),
            )
        if key in REVIEWED and key in secret_keys:
            yield (
                f"psaas:{key}",
                (
                    "holds an encrypted value, which would hide the whole of it from reviewers; credentials of tenants "
                    "belong under psaas:credentials"
                ),
            )


def of_tenants(values: Mapping[str, Any], beside: Callable[[str], str] = str) -> Iterator[Mistake]:
    """What is wrong with the tenants' names and owners, beside their shape. `beside` tells where another one stands."""
    rta, entries = str(values.get("domain", "")), values.get("tenants")
    first: dict[str, str] = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        path = f"psaas:tenants[{index}]"
        name = entry.get("name") if isinstance(entry, dict) else None
        if not isinstance(name, str):
            continue
        adopted = str(entry.get("adopt") or False).lower() not in ("false", "no", "off", "n", "f", "0")
        if problem := rules.existing_name_problem(name) if adopted else rules.name_problem(name, rta=rta):
            yield f"{path}.name", problem
        if (earlier := first.setdefault(name.lower(), path)) != path:
            yield f"{path}.name", f'"{name}" is listed already, in {beside(earlier)}'
        yield from _of_owners(path, entry, adopted=adopted)
    retired = values.get("retired")
    for index, entry in enumerate(retired if isinstance(retired, list) else []):
        name = entry.get("name") if isinstance(entry, dict) else None
        path = f"psaas:retired[{index}]"
        if isinstance(name, str) and (problem := rules.existing_name_problem(name)):
            yield f"{path}.name", problem
        elif isinstance(name, str) and (earlier := first.setdefault(name.lower(), path)) != path:
            where = "a retired name never returns" if ".tenants" in f".{earlier.partition(':')[2]}" else "listed twice"
            yield f"{path}.name", f'"{name}" is listed already, in {beside(earlier)}; {where}'


def _of_owners(path: str, entry: Mapping[str, Any], *, adopted: bool) -> Iterator[Mistake]:
    owners = entry.get("owners", [])
    if not isinstance(owners, list) or adopted:
        return
    if not owners:
        yield (
            f"{path}.owners",
            "a new tenant needs at least one owner, who can sign in to it (one that was taken over keeps its `adopt`)",
        )
    for number, owner in enumerate(owners):
        if isinstance(owner, str) and (problem := rules.owner_problem(owner)):
            yield f"{path}.owners[{number}]", problem


def of_settings(values: Mapping[str, Any], environment: settings.Environment) -> Iterator[Mistake]:
    """What the provider process would refuse later."""
    try:
        settings.read(values.get, environment)
    except ConfigError as error:
        for problem in error.problems:
            path, _, rest = problem.partition(": ")
            yield path, rest


def of_stack(values: Mapping[str, Any], fleet: Fleet | None) -> Iterator[Mistake]:
    for key in ("domain", "clientId"):
        if isinstance(value := values.get(key), str) and (not value or value != value.strip()):
            yield f"psaas:{key}", f'"{rules.printable(value)}" is empty, or begins or ends with white space'
    if fleet and fleet.export_credentials and not fleet.local:
        yield "psaas:exportCredentials", "is for local stacks alone: whoever reads one output of a stack reads them all"
    for number, scope in enumerate(fleet.scopes if fleet else ()):
        if not re.fullmatch(r"[!-~]{1,280}", scope):
            yield (
                f"psaas:scopes[{number}]",
                f'"{rules.printable(scope)}" is not a scope: 1 to 280 characters, no blanks',
            )
    if fleet and not fleet.scopes:
        yield "psaas:scopes", "is empty; a client grant without scopes allows nothing"


def of_deletion(fleet: Fleet | None) -> Iterator[Mistake]:
    """Deletions that the client grant, where this stack declares it, would not allow on the day that they are due."""
    if fleet is None or not fleet.manage_grant or rules.DELETE_TENANTS in fleet.scopes:
        return
    words = f"needs {rules.DELETE_TENANTS}, which psaas:scopes does not list; add it there"
    for index, tenant in enumerate(fleet.tenants):
        if tenant.deletion == "delete":
            yield f"psaas:tenants[{index}].deletion", f"{words}, or say forget"
    if fleet.deletion == "delete" and any(tenant.deletion is None for tenant in fleet.tenants):
        yield "psaas:deletion", f"{words}, or say forget"
    for index, retired in enumerate(fleet.retired):
        if retired.deletion == "delete":
            yield f"psaas:retired[{index}].deletion", f"{words}, or remove `deletion` if the tenant is deleted already"


def of_tenant_settings(fleet: Fleet | None) -> Iterator[Mistake]:
    """What is wrong with the settings of tenants, beside their shape."""
    if fleet is None:
        return
    parts = {"psaas:settings": fleet.settings.named()}
    parts |= {f"psaas:tenants[{index}].settings": entry.settings.named() for index, entry in enumerate(fleet.tenants)}
    for place, part in parts.items():
        for path, words in tenant_settings_values.problems(part):
            name, *rest = re.split(r"(?=[.\[])", path, maxsplit=1)
            yield f"{place}.{to_camel(name)}{''.join(rest)}", words
    for index, entry in enumerate(fleet.tenants):
        if entry.adopt == "inventory" and entry.settings.named():
            yield (
                f"psaas:tenants[{index}].settings",
                "nobody holds the credential of a tenant under `adopt: inventory`, so its settings can't be managed",
            )


def declares_the_application(values: Mapping[str, Any]) -> bool:
    """Whether a stack file says that its stack makes the provisioning application itself."""
    return str(values.get("manageApplication", False)).lower() == "true"


def of_application(values: Mapping[str, Any], fleet: Fleet | None) -> Iterator[Mistake]:
    """Which stack declares the application, and which one makes tenants with it."""
    if not declares_the_application(values):
        if "clientId" not in values:
            yield "psaas:clientId", "is missing"
        for key in ("applicationName", "applicationDescription", "adoptApplication", "applicationKey", "rotate"):
            if values.get(key):
                yield f"psaas:{key}", "is about an application that this stack declares; set manageApplication: true"
        return
    if fleet and not 1 <= fleet.previous_key_hours <= 24 * 365:
        yield "psaas:previousKeyHours", f"expected a number of hours, 1 to 8760, found {fleet.previous_key_hours:g}"
    if values.get("clientId") and values.get("clientId") != values.get("adoptApplication"):
        yield (
            "psaas:clientId",
            "comes from the application that this stack declares; remove it, or take that one over (adoptApplication)",
        )
    if "adminClientId" not in values:
        yield "psaas:adminClientId", "is missing; the admin application makes the one that this stack declares"
    if fleet and not fleet.local and (fleet.tenants or fleet.retired):
        yield (
            "psaas:manageApplication",
            "is true in a stack with tenants, which only a local stack may have: a run that holds the admin credential "
            "can grant itself anything. Declare the application in a stack of its own (docs/first-appliance.md)",
        )


def of_management_clients(fleet: Fleet | None) -> Iterator[Mistake]:
    """What is wrong with the applications of teams, beside their shape."""
    if fleet is None:
        return
    parts = {"psaas:managementClient": fleet.management_client.named()}
    for index, entry in enumerate(fleet.tenants):
        place = f"psaas:tenants[{index}].managementClient"
        parts[place] = entry.management_client.named()
        if parts[place] and entry.adopt == "inventory":
            yield place, "nobody holds the credential of a tenant under `adopt: inventory`, with which it is made"
        elif parts[place] and not fleet.management_client_of(entry):
            yield f"{place}.scopes", "is missing; say what the application may do, for example [read:clients]"
    for place, part in parts.items():
        for name, words in management_client_state.check({}, part).items():
            yield f"{place}.{to_camel(name)}", words


def of_invitations(fleet: Fleet | None) -> Iterator[Mistake]:
    """Whom nobody can invite."""
    for index, entry in enumerate(fleet.tenants if fleet else ()):
        if entry.adopt == "inventory" and entry.invite_owners:
            yield (
                f"psaas:tenants[{index}].inviteOwners",
                "nobody holds the credential of a tenant under `adopt: inventory`, with which owners are invited",
            )


def of_environment(environment: settings.Environment) -> Iterator[Mistake]:
    """Variables that nobody reads: a guard that is misspelt guards nothing."""
    known = settings.variables()
    for name in environment:
        if name.startswith("PSAAS_") and name not in known:
            yield name, f"is a variable that nothing reads{rules.near_miss(name, sorted(known))}"
