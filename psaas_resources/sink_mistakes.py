"""What is wrong with where credentials shall lie, in the words of a stack file: each mistake with its path. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydantic.alias_generators import to_camel

from . import rules, sink_place, sink_settings
from .entries import TenantEntry
from .fleet import Fleet
from .parts import NO_SINK
from .setting_reader import Environment
from .sink_place import SinkPlace

Mistake = tuple[str, str]


def of_sinks(fleet: Fleet | None, environment: Environment, beside: Callable[[str], str] = str) -> Iterator[Mistake]:
    """What is wrong beside shapes. `beside` tells where another tenant stands."""
    if fleet is None:
        return
    template = fleet.sink.template()
    wrong = list(sink_place.template_problems(template)) if fleet.sink != NO_SINK else []
    if fleet.sink != NO_SINK and fleet.sink.kind is None:
        wrong = [("kind", f"is missing; one of {', '.join(sink_place.KINDS)}")]
    expected = sink_settings.expected_host(environment)
    if not wrong and (problem := sink_settings.host_problem(template.address, expected)):
        wrong = [("address", problem)]
    yield from ((f"psaas:sink.{to_camel(name)}", words) for name, words in wrong)
    taken: dict[SinkPlace, str] = {}
    for index, entry in enumerate(fleet.tenants):
        path = f"psaas:tenants[{index}]"
        if mistakes := list(_of_entry(fleet, entry, path)):
            yield from mistakes
        elif not wrong and (place := fleet.sink_of(entry)):
            yield from _of_place(place, entry, path)
            if (earlier := taken.setdefault(place, path)) != path:
                words = f"its credential belongs in {place}, as that of {beside(earlier)} does; use {{tenant}}"
                yield f"{path}.name", words


def _of_entry(fleet: Fleet, entry: TenantEntry, path: str) -> Iterator[Mistake]:
    """What an entry says of its own."""
    said = entry.sink
    if said.model_fields_set and said.enabled is not False and fleet.sink.kind is None:
        yield f"{path}.sink", "there is no psaas:sink; say there what kind of sink it is"
    elif said.enabled and entry.adopt == "inventory":
        yield f"{path}.sink", "nobody holds the credential of a tenant under `adopt: inventory`"
    elif said.enabled and fleet.sink_of(entry) is None:
        yield (
            f"{path}.sink",
            "it has no managementClient whose credential could be written; declare one, or set `ownCredential: true` "
            "if its own, which may do everything there, is really meant",
        )
    for name in ("path", "namespace"):
        for field, words in sink_place.template_problems(_alone(fleet, entry, name)):
            if field == name and getattr(said, name):
                yield f"{path}.sink.{name}", words


def _alone(fleet: Fleet, entry: TenantEntry, name: str) -> SinkPlace:
    given = fleet.sink.template().props()
    return SinkPlace(**{**given, name: getattr(entry.sink, name) or given[name]})


def _of_place(place: SinkPlace, entry: TenantEntry, path: str) -> Iterator[Mistake]:
    """Labels that the template needs, and what came of it."""
    missing = list(sink_place.missing_labels(place, entry.labels))
    for name, label in missing:
        said = f"{path}.sink.{name}" if getattr(entry.sink, name) else f"psaas:sink.{name}"
        yield (
            f"{path}.labels" if entry.labels else path,
            f'has no label "{rules.printable(label)}", which {said} needs'
            f"{rules.near_miss(label, list(entry.labels))}; say it, or set `sink: {{enabled: false}}` on the entry",
        )
    if not missing and (problem := sink_place.place_problem(place)):
        name, words = problem
        labelled = any(label in words for label in entry.labels.values())
        yield f"{path}.labels" if labelled else path, f"the {name} of its sink, {words}"
