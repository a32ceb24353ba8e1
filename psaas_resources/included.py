"""Included files: lists of tenants that teams own apart from the stack file. Knows their form; reads no disk.

The stack file names them by patterns below its folder. What they may say is little: whoever may change a file under
`psaas:tenantFiles` can add a tenant and rotate what belongs to it, and nothing else; one under
`psaas:existingTenantFiles` takes over tenants that exist, and never makes one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from . import documents, rules
from .documents import Node
from .entries import EXISTING_FIELDS, INCLUDED_FIELDS, INSIDE_INCLUDED, TenantEntry
from .errors import ConfigError
from .places import Origin

FOLDER = "stacks"


@dataclass(frozen=True)
class Kind:
    """What an entry of such a file may say, and whether it must say `adopt`."""

    fields: tuple[str, ...]
    adopts: bool = False


KINDS = {"tenantFiles": Kind(INCLUDED_FIELDS), "existingTenantFiles": Kind(EXISTING_FIELDS, adopts=True)}
EITHER = Kind(EXISTING_FIELDS)  # of a file that no stack file names


@dataclass(frozen=True)
class Included:
    """The tenants of all included files, in the order of files; and what is wrong with files and patterns.

    `mistakes` are of the stack file (path, words), `problems` whole lines with the place in an included file.
    """

    entries: tuple[Any, ...] = ()
    origins: tuple[Origin, ...] = ()
    mistakes: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()


def read(values: Mapping[str, object], files: Mapping[str, str]) -> Included:
    """What the files say that a stack file names. Shapes that only it can have wrong are left to others."""
    names, mistakes = chosen(values, files)
    return replace(of_files(names, files), mistakes=tuple(mistakes))


def chosen(values: Mapping[str, object], files: Mapping[str, str]) -> tuple[dict[str, Kind], list[tuple[str, str]]]:
    """The files that the patterns name, sorted, with their kinds, and what is wrong with the patterns."""
    mistakes: list[tuple[str, str]] = []
    names: dict[str, Kind] = {}
    for key, kind in KINDS.items():
        patterns = values.get(key)
        for number, given in enumerate(patterns if isinstance(patterns, list) else []):
            pattern = given if isinstance(given, str) else ""
            problem = pattern_problem(pattern)
            found = [] if problem else matching(pattern, files)
            if twice := [file for file in found if names.setdefault(file, kind) is not kind]:
                problem = f"names {twice[0]}, and psaas:tenantFiles does so too; a file is of one of the two"
            if problem or not found:
                words = problem or f"matches no file below {FOLDER}/ that ends in .yaml"
                mistakes.append((f"psaas:{key}[{number}]", f'"{rules.printable(pattern)}" {words}'))
    return dict(sorted(names.items())), mistakes


def of_files(names: Mapping[str, Kind], files: Mapping[str, str]) -> Included:
    """What these files say, in their order."""
    problems: list[str] = []
    entries: list[Any] = []
    origins: list[Origin] = []
    for name, kind in names.items():
        for index, node in enumerate(_tenants(name, files[name], problems)):
            entries.append(_allowed(node, f"tenants[{index}]", kind=kind, file=name, problems=problems))
            origins.append(Origin(name, index, node))
    return Included(tuple(entries), tuple(origins), (), tuple(problems))


def matching(pattern: str, files: Mapping[str, str]) -> list[str]:
    """The files that a pattern names; `*` stays within one folder."""
    parts = [FOLDER, *pattern.split("/")]
    return [file for file in files if _matches(file.split("/"), parts)]


def pattern_problem(pattern: str) -> str | None:
    """Why a pattern can't be followed; None if it can."""
    parts = pattern.split("/")
    if not pattern or len(pattern) > 300 or not pattern.isprintable():
        return "is not a pattern of files"
    if pattern.startswith(("/", "~")) or "\\" in pattern or ":" in pattern or ".." in parts:
        return 'leaves the folder stacks/; write a path below it, for example "tenants/*.yaml"'
    if not all(part.strip(".") for part in parts):
        return 'is not a plain path below stacks/, for example "tenants/*.yaml"'
    if any("**" in part for part in parts):
        return 'has "**", which is not followed; write each level, for example "tenants/*/*.yaml"'
    return None


def _matches(parts: Sequence[str], patterns: Sequence[str]) -> bool:
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


def _tenants(file: str, text: str, problems: list[str]) -> list[Node]:
    """The nodes of a file's list; what is wrong around it goes to `problems`."""
    try:
        document = documents.parse(file, text)
    except ConfigError as error:
        problems += error.problems
        return []
    root = document.root
    problems += [f"{file}:{line}: {path}: {words}" for line, path, words in document.problems]
    if not isinstance(root.value, dict):
        problems.append(f"{file}:{root.line}: is not an included file, which has one key, `tenants`")
        return []
    for key, node in root.value.items():
        if key != "tenants":
            what = f'unknown key "{rules.printable(key)}"{rules.near_miss(key, ["tenants"])}'
            problems.append(f"{file}:{node.line}: {key}: {what}; an included file has one key, `tenants`")
    if "tenants" not in root.value:
        problems.append(f"{file}:{root.line}: tenants: is missing; an included file has this one key")
        return []
    tenants = root.value["tenants"]
    if not isinstance(tenants.value, list):
        problems.append(f"{file}:{tenants.line}: tenants: expected a list of tenants with name and owners")
        return []
    return list(tenants.value)


def _allowed(node: Node, path: str, *, kind: Kind, file: str, problems: list[str]) -> Any:
    """An entry without what it may not say, of which each is a problem."""
    known = {field.alias or name for name, field in TenantEntry.model_fields.items()}
    for inside in _secrets(node, path):
        problems.append(f"{file}:{node.line_of(inside.removeprefix(path))}: {inside}: holds an encrypted value, and an "
                        "included file holds none")  # fmt: skip
    if not isinstance(node.value, dict):
        return node.plain()
    for field, line in _not_allowed(node, known, kind):
        problems.append(f"{file}:{line}: {path}.{field}: only the stack file may say that")
    if kind.adopts and ("adopt" not in node.value or node.value["adopt"].value is False):
        problems.append(f"{file}:{node.line_of('adopt')}: {path}.adopt: is missing; tenants of this file exist "
                        "already, so each says `adopt: true` or `adopt: inventory`")  # fmt: skip
    wrong = {field.partition(".")[0] for field, _ in _not_allowed(node, known, kind)}
    return {
        field: inner.plain()
        for field, inner in node.value.items()
        if field not in wrong and not any(_secrets(inner, ""))
    }


def _not_allowed(node: Node, known: Collection[str], kind: Kind) -> Iterator[tuple[str, int]]:
    """What an entry says and only the stack file may say: `deletion`, `managementClient.scopes`, each with its line."""
    for field, inner in node.value.items():
        if field in known and field not in kind.fields:
            yield field, inner.line
        elif field in INSIDE_INCLUDED and isinstance(inner.value, dict):
            for part in [part for part in inner.value if part not in INSIDE_INCLUDED[field]]:
                yield f"{field}.{part}", inner.value[part].line


def _secrets(node: Node, path: str) -> Iterator[str]:
    """The paths of encrypted values."""
    if node.encrypted:
        yield path
    elif isinstance(node.value, list):
        for index, item in enumerate(node.value):
            yield from _secrets(item, f"{path}[{index}]")
    elif isinstance(node.value, dict):
        for key, item in node.value.items():
            yield from _secrets(item, f"{path}.{key}")
