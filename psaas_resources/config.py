"""What a stack file declares, as a checked value: the Fleet. Every mistake is reported at once, with its place.

`read` is pure: config values in, Fleet out. `load` reads them from the running Pulumi program. Knows no
resources and no HTTP.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import pulumi
import yaml
from pulumi.runtime import config as runtime_config
from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError
from pydantic.alias_generators import to_camel

from . import rules, settings
from .errors import ConfigError

Deletion = Literal["refuse", "forget", "delete"]
REVIEWED = (
    "domain",
    "tenantDomain",
    "clientId",
    "manageGrant",
    "adoptGrant",
    "scopes",
    "tenants",
    "retired",
    "deletion",
)


_KINDS = {str: "text", dict: "an object", list: "a list", int: "a number", float: "a number", bool: "true or false"}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)


class TenantEntry(_Part):
    """One tenant of the list. `deletion` is the stack's default where the entry names none."""

    name: str = Field(description="The tenant's name: 3 to 63 lower-case letters, digits and hyphens, for ever.")
    owners: tuple[str, ...] = Field((), description="E-mail addresses of its first administrators.")
    adopt: StrictBool | Literal["inventory"] = Field(False, description="Take over a tenant that exists already.")
    deletion: Deletion | None = Field(None, description="What happens when the entry is removed.")
    labels: dict[str, str] = Field({}, description="Free text for people: team, cost centre, ticket.")
    recreate: bool = Field(False, description="Make it again if the appliance's list proves that it is gone.")


class RetiredEntry(_Part):
    """A name that must never return. Moving a tenant here lets it go, in one reviewed change."""

    name: str = Field(description="The tenant's name.")
    deletion: Literal["forget", "delete"] = Field("forget", description="How it goes.")


class Fleet(_Part):
    """Everything that a stack file may say under `psaas:`. Secrets and machine-local keys are only checked here."""

    domain: str = Field(description="The host of the root tenant authority (RTA).")
    tenant_domain: str = Field("", description="The domain below which tenants lie; default: the RTA's parent domain.")
    client_id: str = Field(description="The client ID of the application that makes tenants.")
    manage_grant: bool = Field(True, description="Whether this stack declares that application's client grant.")
    adopt_grant: bool = Field(False, description="Take over an identical client grant that exists already.")
    scopes: tuple[str, ...] = Field(("create:tenants",), description="The scopes of the client grant.")
    tenants: tuple[TenantEntry, ...] = Field((), description="The tenants that shall exist.")
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


def load() -> Fleet:
    """The Fleet of the running program's stack. Mistakes end the program with their list and no traceback."""
    stack = Path("stacks") / f"Pulumi.{pulumi.get_stack()}.yaml"
    values = {
        key.removeprefix("psaas:"): value
        for key, value in runtime_config.get_config_env().items() if key.startswith("psaas:")
    }  # fmt: skip
    odd = sorted({key.partition(":")[0] for key in runtime_config.get_config_env()})
    odd = [name for name in odd if name not in ("psaas", "pulumi") and rules.near_miss(name, ["psaas"])]
    secret = {key.removeprefix("psaas:") for key in runtime_config.get_config_secret_keys_env()}
    try:
        fleet = read(values, secret_keys=secret, place=str(stack))
        if odd:
            raise ConfigError(f'{stack}: {odd[0]}: unknown namespace; did you mean "psaas"?')
        if problem := passphrase_problem(fleet, stack):
            raise ConfigError(f"{stack}: {problem}")
    except ConfigError as error:
        count = "one mistake" if len(error.problems) == 1 else f"{len(error.problems)} mistakes"
        raise pulumi.RunError("\n".join([f"{count} in the configuration:", *error.problems])) from None
    return fleet


def read(
    values: Mapping[str, Any],
    *,
    secret_keys: Collection[str] = (),
    place: str = "config",
    environment: settings.Environment | None = None,
) -> Fleet:
    """A Fleet from the values under `psaas:`, which may be texts holding JSON, as Pulumi gives them.

    Raises ConfigError with every mistake; each begins with `place`, then the path of the value.
    """
    environment = os.environ if environment is None else environment
    if problem := settings.expected_rta_problem(str(values.get("domain", "")), environment):
        raise ConfigError(f"{place}: {problem}")
    plain = {key: _unwrapped(key, value) for key, value in values.items()}
    fleet: Fleet | None = None
    problems = list(_in_the_open(plain, secret_keys))
    try:
        fleet = Fleet.model_validate(plain)
    except ValidationError as error:
        told = {path for path, _ in problems}
        of_shape = [(_path(e["loc"]), _words(e)) for e in error.errors(include_url=False)]
        problems += [problem for problem in dict(of_shape).items() if problem[0] not in told]
    told = {path for path, _ in problems}
    of_meaning = [
        *_of_tenants(plain), *_of_settings(plain, environment), *_of_stack(plain, fleet), *_of_environment(environment),
    ]  # fmt: skip
    problems += [problem for problem in dict.fromkeys(of_meaning) if problem[0] not in told]
    if problems or fleet is None:
        raise ConfigError(
            *(
                f"{'environment' if path.startswith('PSAAS_') else place}: {path}: {problem}"
                for path, problem in problems
            )
        )
    return fleet


def passphrase_problem(fleet: Fleet, stack: Path, environment: settings.Environment | None = None) -> str | None:
    """An empty passphrase protects nothing; it is for local stacks alone."""
    environment = os.environ if environment is None else environment
    if fleet.local or not stack.is_file():
        return None
    file = environment.get("PULUMI_CONFIG_PASSPHRASE_FILE", "")
    with contextlib.suppress(OSError, ValueError):
        if file and Path(file).read_text(encoding="utf-8").strip():
            return None
    uses_passphrase = "encryptionsalt" in (yaml.safe_load(stack.read_text(encoding="utf-8")) or {})
    given = environment.get("PULUMI_CONFIG_PASSPHRASE")
    if uses_passphrase and (given == "" or (given is None and file)):
        return "the state of this stack would be encrypted with an empty passphrase; set PULUMI_CONFIG_PASSPHRASE"
    return None


def _in_the_open(values: Mapping[str, Any], secret_keys: Collection[str]) -> Iterator[tuple[str, str]]:
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


def _of_tenants(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the tenants' names and owners, beside their shape."""
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
            yield f"{path}.name", f'"{name}" is listed already, in {earlier}'
        yield from _of_owners(path, entry, adopted=adopted)
    retired = values.get("retired")
    for index, entry in enumerate(retired if isinstance(retired, list) else []):
        name = entry.get("name") if isinstance(entry, dict) else None
        path = f"psaas:retired[{index}]"
        if isinstance(name, str) and (problem := rules.existing_name_problem(name)):
            yield f"{path}.name", problem
        elif isinstance(name, str) and (earlier := first.setdefault(name.lower(), path)) != path:
            where = "a retired name never returns" if ".tenants" in f".{earlier.partition(':')[2]}" else "listed twice"
            yield f"{path}.name", f'"{name}" is listed already, in {earlier}; {where}'


def _of_owners(path: str, entry: Mapping[str, Any], *, adopted: bool) -> Iterator[tuple[str, str]]:
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


def _of_settings(values: Mapping[str, Any], environment: settings.Environment) -> Iterator[tuple[str, str]]:
    """What the provider process would refuse later."""
    try:
        settings.read(values.get, environment)
    except ConfigError as error:
        for problem in error.problems:
            path, _, rest = problem.partition(": ")
            yield path, rest


def _of_stack(values: Mapping[str, Any], fleet: Fleet | None) -> Iterator[tuple[str, str]]:
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


def _of_environment(environment: settings.Environment) -> Iterator[tuple[str, str]]:
    """Variables that nobody reads: a guard that is misspelt guards nothing."""
    known = settings.variables()
    for name in environment:
        if name.startswith("PSAAS_") and name not in known:
            yield name, f"is a variable that nothing reads{rules.near_miss(name, sorted(known))}"


def _unwrapped(key: str, value: Any) -> Any:
    """Structured values arrive as JSON texts."""
    structured = key in ("tenants", "retired", "scopes", "credentials")
    if structured and isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _path(location: tuple[int | str, ...]) -> str:
    """`psaas:tenants[1].owners[0]` for a place in the model."""
    parts = [part for part in location if part not in ("bool", "literal['inventory']")]
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return f"psaas:{text.removeprefix('.')}"


def _words(error: Any) -> str:
    """A mistake of shape in the words of the file."""
    kind, location, given = error["type"], error["loc"], error["input"]
    if location[0] in settings.SECRETS and kind != "extra_forbidden":
        return "has a wrong form"
    if kind == "extra_forbidden":
        entries: dict[object, type[_Part]] = {"tenants": TenantEntry, "retired": RetiredEntry}
        model = entries.get(location[0], Fleet)
        known = [field.alias or name for name, field in model.model_fields.items()]
        what = "key" if model is Fleet else "field"
        return f'unknown {what} "{location[-1]}"{rules.near_miss(str(location[-1]), known)}'
    if kind == "missing":
        return "is missing"
    if "adopt" in location:
        return f'expected true, false or "inventory", found {json.dumps(given)}'
    if kind == "literal_error":
        return f"expected one of {', '.join(rules.DELETIONS)}, found {json.dumps(given)}" + rules.near_miss(
            str(given), rules.DELETIONS
        )
    if kind == "string_type":
        return f"expected text, found {json.dumps(given)}; put it in quotes" if given is not None else "is empty"
    expected = {"tuple_type": "a list", "dict_type": "an object", "model_type": "an object with name and owners"}
    if kind in expected:
        return f"expected {expected[kind]}, found {_KINDS.get(type(given), 'something else')}"
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}, found {json.dumps(given, default=str)}"
