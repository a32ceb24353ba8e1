"""The running program's Fleet. Every mistake ends the program with a list of all of them and no traceback.

The values come from the engine; the stack file is opened beside them for the lines, and for the files that it
includes. What is right and what is wrong is in `declaration`.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pulumi
from pulumi.runtime import config as runtime_config

from . import rules, settings, stack_files
from .declaration import Sources, read
from .entries import RetiredEntry, TenantEntry
from .errors import ConfigError
from .fleet import Fleet
from .stack_files import StackFile

__all__ = ["Fleet", "RetiredEntry", "TenantEntry", "load", "passphrase_problem", "read"]


def load() -> Fleet:
    """The Fleet of the running program's stack."""
    values = {
        key.removeprefix("psaas:"): value
        for key, value in runtime_config.get_config_env().items() if key.startswith("psaas:")
    }  # fmt: skip
    secret = {key.removeprefix("psaas:") for key in runtime_config.get_config_secret_keys_env()}
    place = stack_files.path_of(pulumi.get_stack())
    try:
        files = stack_files.from_disk(Path())
        file = stack_files.opened(pulumi.get_stack(), files) if place in files else None
        problems = file.problems if file else tuple(_odd_namespaces(place))
        sources = Sources(place, file.config if file else None, files, problems)
        fleet = read(values, secret_keys=secret, sources=sources)
        if problem := passphrase_problem(fleet, file):
            raise ConfigError(f"{place}: {problem}")
    except ConfigError as error:
        count = "one mistake" if len(error.problems) == 1 else f"{len(error.problems)} mistakes"
        raise pulumi.RunError("\n".join([f"{count} in the configuration:", *error.problems])) from None
    return fleet


def passphrase_problem(
    fleet: Fleet, file: StackFile | None, environment: settings.Environment | None = None
) -> str | None:
    """An empty passphrase protects nothing; it is for local stacks alone."""
    environment = os.environ if environment is None else environment
    if fleet.local or file is None:
        return None
    passphrase = environment.get("PULUMI_CONFIG_PASSPHRASE_FILE", "")
    with contextlib.suppress(OSError, ValueError):
        if passphrase and Path(passphrase).read_text(encoding="utf-8").strip():
            return None
    given = environment.get("PULUMI_CONFIG_PASSPHRASE")
    if "encryptionsalt" in file.top and (given == "" or (given is None and passphrase)):
        return "the state of this stack would be encrypted with an empty passphrase; set PULUMI_CONFIG_PASSPHRASE"
    return None


def _odd_namespaces(place: str) -> list[str]:
    """Where there is no stack file to look into: keys whose namespace is nearly ours."""
    names = sorted({key.partition(":")[0] for key in runtime_config.get_config_env()} - {"psaas", "pulumi"})
    near = [(name, rules.near_miss(name, ["psaas"])) for name in names]
    return [f'{place}: {name}: unknown namespace "{name}"{words}' for name, words in near if words]
