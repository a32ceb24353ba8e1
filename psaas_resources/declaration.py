"""From the values of a configuration to the checked Fleet, or to every mistake at once, each with its place.

The one implementation of it: the running program uses it with the engine's values, everybody else with those of a
stack file. Pure; knows no Pulumi.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from . import included, mistakes, rules, settings, shapes, sink_mistakes
from .documents import Node
from .errors import ConfigError
from .fleet import Fleet
from .included import Included
from .mistakes import Mistake
from .places import Places

STRUCTURED = ("tenants", *included.KINDS, "retired", "settings", "managementClient", "sink", "scopes", "credentials")
OF_THIS_MACHINE = ("caBundle", "sinkCaBundle", "escrowDir")


@dataclass(frozen=True)
class Sources:
    """Where values come from: the stack file, what stands in it, and all files that it may include.

    `problems` are whole lines about the stack file. `here`: whether this is the machine that will run the update, so
    that what belongs to the machine is judged too.
    """

    file: str = "config"
    config: Node | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    here: bool = True


def read(
    values: Mapping[str, Any],
    *,
    secret_keys: Collection[str] = (),
    place: str = "config",
    environment: settings.Environment | None = None,
    sources: Sources | None = None,
) -> Fleet:
    """A Fleet from the values under `psaas:`, which may be texts holding JSON, as Pulumi gives them.

    Raises ConfigError with every mistake; each begins with its place, then the path of the value.
    """
    environment = os.environ if environment is None else environment
    sources = sources or Sources(place)
    if problem := settings.expected_rta_problem(str(values.get("domain", "")), environment):
        raise ConfigError(f"{Places(sources.file, sources.config).of('psaas:domain').partition(': ')[0]}: {problem}")
    plain = {key: unwrapped(key, value) for key, value in values.items()}
    more = included.read(plain, sources.files)
    own = plain.get("tenants", [])
    places = Places(sources.file, sources.config)
    if isinstance(own, list) and more.entries:
        places = Places(sources.file, sources.config, dict(enumerate(more.origins, len(own))))
        plain["tenants"] = [*own, *more.entries]
    fleet, found = _checked(plain, secret_keys, environment, more=more, places=places, here=sources.here)
    lines = [*sources.problems, *more.problems, *(_line(places, *mistake) for mistake in found)]
    if lines or fleet is None:
        raise ConfigError(*(rules.printable(line, 1000) for line in lines))  # nobody's value forges a line
    return _placed(fleet, places)


def _checked(
    plain: Mapping[str, Any],
    secret_keys: Collection[str],
    environment: settings.Environment,
    *,
    more: Included,
    places: Places,
    here: bool,
) -> tuple[Fleet | None, list[Mistake]]:
    """The Fleet, if the shapes allow one, and what is wrong, one mistake for a path."""
    fleet: Fleet | None = None
    problems = [*more.mistakes, *mistakes.in_the_open(plain, secret_keys)]
    try:
        fleet = Fleet.model_validate(plain)
    except ValidationError as error:
        told = {path for path, _ in problems}
        of_shape = [(shapes.path_of(e["loc"]), shapes.words_of(e)) for e in error.errors(include_url=False)]
        problems += [problem for problem in dict(of_shape).items() if problem[0] not in told]
    told = {path for path, _ in problems}
    of_meaning = [
        *mistakes.of_tenants(plain, places.beside),
        *mistakes.of_settings(_settings(plain, here=here), environment),
        *mistakes.of_stack(plain, fleet),
        *mistakes.of_deletion(fleet),
        *mistakes.of_tenant_settings(fleet),
        *mistakes.of_management_clients(fleet),
        *mistakes.of_invitations(fleet),
        *sink_mistakes.of_sinks(fleet, environment, places.beside),
        *mistakes.of_application(plain, fleet),
        *mistakes.of_environment(environment),
    ]
    return fleet, problems + [problem for problem in dict.fromkeys(of_meaning) if problem[0] not in told]


def _settings(plain: Mapping[str, Any], *, here: bool) -> Mapping[str, Any]:
    return plain if here else {key: value for key, value in plain.items() if key not in OF_THIS_MACHINE}


def _line(places: Places, path: str, words: str) -> str:
    return f"environment: {path}: {words}" if path.startswith("PSAAS_") else f"{places.of(path)}: {words}"


def _placed(fleet: Fleet, places: Places) -> Fleet:
    """The same Fleet, each of whose entries knows where it stands."""

    def known(key: str) -> Iterator[Any]:
        for index, entry in enumerate(getattr(fleet, key)):
            yield entry.at(places.file_and_line(f"psaas:{key}[{index}]"))

    return fleet.model_copy(update={key: tuple(known(key)) for key in ("tenants", "retired")})


def unwrapped(key: str, value: Any) -> Any:
    """Structured values arrive as JSON texts."""
    if key in STRUCTURED and isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value
