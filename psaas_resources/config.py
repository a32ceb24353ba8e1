"""What a stack file declares, as a checked value: the Fleet. Every mistake is reported at once, with its place.

`read` is pure: config values in, Fleet out. `load` reads them from the running Pulumi program. Knows no
resources and no HTTP.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pulumi
import yaml
from pulumi.runtime import config as runtime_config
from pydantic import ValidationError

from . import mistakes, rules, settings
from .errors import ConfigError
from .fleet import Fleet, RetiredEntry, TenantEntry

__all__ = ["Fleet", "RetiredEntry", "TenantEntry", "load", "passphrase_problem", "read"]


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
    problems = list(mistakes.in_the_open(plain, secret_keys))
    try:
        fleet = Fleet.model_validate(plain)
    except ValidationError as error:
        told = {path for path, _ in problems}
        of_shape = [(mistakes.path_of(e["loc"]), mistakes.words_of(e)) for e in error.errors(include_url=False)]
        problems += [problem for problem in dict(of_shape).items() if problem[0] not in told]
    told = {path for path, _ in problems}
    of_meaning = [
        *mistakes.of_tenants(plain),
        *mistakes.of_settings(plain, environment),
        *mistakes.of_stack(plain, fleet),
        *mistakes.of_environment(environment),
    ]
    problems += [problem for problem in dict.fromkeys(of_meaning) if problem[0] not in told]
    if problems or fleet is None:
        lines = (
            f"{'environment' if path.startswith('PSAAS_') else place}: {path}: {problem}" for path, problem in problems
        )
        raise ConfigError(*(rules.printable(line, 1000) for line in lines))  # nobody's value forges a line
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


def _unwrapped(key: str, value: Any) -> Any:
    """Structured values arrive as JSON texts."""
    structured = key in ("tenants", "retired", "scopes", "credentials")
    if structured and isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value
