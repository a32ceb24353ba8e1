"""Whether stack files and included files are in order, in lines for a person or a build machine. Prints nothing.

Needs no engine, no network and no Pulumi, and so answers within a second.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import included, rules, stack_files
from .errors import ConfigError

_PLACE = re.compile(r"(.+?\.yaml)(?::([0-9]+))?: ")


@dataclass(frozen=True)
class Findings:
    """A line for each stack that is in order, and every mistake and warning once, each beginning with its place."""

    fine: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether there is something, and nothing of it is wrong."""
        return bool(self.fine) and not self.mistakes

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to judge."""
        return not (self.fine or self.mistakes)


def of_folder(root: Path, chosen: Sequence[Path | str] = ()) -> Findings:
    """The files of a project's folder, or the `chosen` ones of them, whose paths are taken from here."""
    base = root.absolute()
    names = [os.path.relpath(file, base).replace(os.sep, "/") for file in chosen]
    try:
        return judge(stack_files.from_disk(root), names)
    except ConfigError as error:
        return Findings(mistakes=error.problems)


def nothing_below(root: Path) -> str:
    """What to say where there is nothing to judge."""
    return f"there is no stack file below {root.absolute() / stack_files.FOLDER}"


def judge(files: Mapping[str, str], chosen: Sequence[str] = ()) -> Findings:
    """All stacks, or the `chosen` files: stack files, and included files with the stacks that include them."""
    fine, mistakes = [], []
    stacks = stack_files.stacks_in(files)
    users = {stack: _included(stack, files) for stack in stacks}
    orphans = [file for file in _others(files) if not any(file in used for used in users.values())]
    if chosen:
        mistakes += [f'"{rules.printable(file)}" is no file below {stack_files.FOLDER}/ that ends in .yaml'
                     for file in chosen if file not in files]  # fmt: skip
        stacks = [stack for stack in stacks if {stack_files.path_of(stack), *users[stack]} & set(chosen)]
        orphans = [file for file in orphans if file in chosen]
    for stack in stacks:
        try:
            count = len(stack_files.read(stack, files).tenants)
            fine.append(f"{stack_files.path_of(stack)}: {_counted(count, 'tenant')}, "
                        f"{_counted(len(users[stack]), 'included file')}, fine")  # fmt: skip
        except ConfigError as error:
            mistakes += error.problems
    mistakes += included.of_files(dict.fromkeys(orphans, included.EITHER), files).problems
    warnings = [f"{file}: no stack file includes it, so its tenants are nowhere" for file in orphans]
    return Findings(tuple(map(_safe, fine)), _sorted(mistakes), _sorted(warnings))


def marks(findings: Findings) -> list[str]:
    """Mistakes and warnings as workflow commands of GitHub, so that they are shown in the changed lines."""
    return [
        *(_annotation("error", line) for line in findings.mistakes),
        *(_annotation("warning", line) for line in findings.warnings),
    ]


def _annotation(kind: str, line: str) -> str:
    place = _PLACE.match(line)
    if not place:
        return f"::{kind}::{_escaped(line)}"
    properties = f"file={_escaped(place[1], more=':,')}" + (f",line={place[2]}" if place[2] else "")
    return f"::{kind} {properties}::{_escaped(line[place.end() :])}"


def _escaped(text: str, more: str = "") -> str:
    """As GitHub's toolkit escapes data; in properties also what would end them."""
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _safe(line: str) -> str:
    """No value's text begins a workflow command: the older form, `##[…]`, is obeyed in the middle of a line too."""
    return rules.printable(line, 1000).replace("##[", "# #[")


def _sorted(lines: Iterable[str]) -> tuple[str, ...]:
    """Each line once, by file and line number."""

    def position(line: str) -> tuple[str, int]:
        place = _PLACE.match(line)
        return (place[1], int(place[2] or 0)) if place else ("", 0)

    return tuple(sorted(dict.fromkeys(map(_safe, lines)), key=position))


def _included(stack: str, files: Mapping[str, str]) -> tuple[str, ...]:
    try:
        return stack_files.included_in(stack, files)
    except ConfigError:
        return ()  # that stack's own mistakes are told when it is read


def _others(files: Mapping[str, str]) -> list[str]:
    own = {stack_files.path_of(stack) for stack in stack_files.stacks_in(files)}
    return sorted(set(files) - own)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")
