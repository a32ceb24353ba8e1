"""Which of the tenants that exist are taken over, and why others are not. Pure.

A tenant belongs to one stack. What another stack of the same appliance has, and every retired name, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .. import rules, stack_files
from ..errors import ConfigError
from .candidates import Candidate


@dataclass(frozen=True)
class Wanted:
    """What a person asked for: names, or all that `only` matches (all, where it is empty) and `without` does not."""

    names: tuple[str, ...] = ()
    everything: bool = False
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        return not (self.names or self.everything or self.only or self.without)


@dataclass(frozen=True)
class Known:
    """A name that a stack file has. `adopt` and `retired` are as there."""

    stack: str
    place: str
    adopt: bool | str = False
    retired: bool = False


@dataclass(frozen=True)
class Choice:
    """`chosen` are to be taken over, some of which `here` has already; `left_out` says why others are not.

    `asked_for` are those left out that a person named one by one.
    """

    chosen: tuple[Candidate, ...]
    here: Mapping[str, Known]
    left_out: Mapping[str, str]
    asked_for: frozenset[str] = frozenset()


def known_names(files: Mapping[str, str], rta: str) -> dict[str, Known]:
    """Every name that a stack file of the appliance `rta` has. Raises ConfigError for a stack with mistakes."""
    found: dict[str, Known] = {}
    for stack in stack_files.stacks_in(files):
        if stack_files.opened(stack, files).values.get("domain") != rta:
            continue
        fleet = stack_files.read(stack, files)
        found |= {entry.name: Known(stack, entry.place, retired=True) for entry in fleet.retired}
        found |= {entry.name: Known(stack, entry.place, entry.adopt) for entry in fleet.tenants}
    return found


def choose(
    candidates: Sequence[Candidate],
    wanted: Wanted,
    known: Mapping[str, Known],
    *,
    stack: str,
    rta: str,
    listed: frozenset[str] | None = None,
) -> Choice:
    """`listed` are the tenants of the appliance's list, None where there is none to compare with.

    Raises ConfigError for a name that nothing tells of, and for a pattern that matches nothing.
    """
    by_name = {candidate.name: candidate for candidate in candidates}
    _refuse_unknown(wanted, by_name)
    picked = [candidate for candidate in candidates if _picked(candidate.name, wanted)]
    left_out = {c.name: why for c in picked if (why := _why_not(c.name, known.get(c.name), stack=stack, rta=rta))}
    if listed is not None:
        left_out |= {
            c.name: f"{rta} lists no tenant of that name{rules.near_miss(c.name, sorted(listed))}"
            for c in picked if c.name not in left_out and c.name not in listed and _is_taken_over(known.get(c.name))
        }  # fmt: skip
    chosen = tuple(candidate for candidate in picked if candidate.name not in left_out)
    here = {c.name: known[c.name] for c in chosen if c.name in known}
    return Choice(chosen, here, left_out, frozenset(wanted.names) & left_out.keys())


def _picked(name: str, wanted: Wanted) -> bool:
    if any(fnmatchcase(name, pattern) for pattern in wanted.without):
        return False
    if name in wanted.names or any(fnmatchcase(name, pattern) for pattern in wanted.only):
        return True
    return wanted.everything or not (wanted.names or wanted.only)


def _refuse_unknown(wanted: Wanted, known: Mapping[str, Candidate]) -> None:
    mistakes = [
        f'there is no tenant "{rules.printable(name)}" there{rules.near_miss(name, [*known])}'
        for name in dict.fromkeys(wanted.names) if name not in known
    ]  # fmt: skip
    among = "the one tenant that is" if len(known) == 1 else f"the {len(known):,} tenants that are"
    mistakes += [
        f"--only '{rules.printable(pattern)}' matches none of {among} listed"
        for pattern in dict.fromkeys(wanted.only) if not any(fnmatchcase(name, pattern) for name in known)
    ]  # fmt: skip
    if mistakes:
        raise ConfigError(*mistakes)


def _is_taken_over(known: Known | None) -> bool:
    """Whether the next update takes a tenant over, as against one that a stack makes itself."""
    return known is None or bool(known.adopt)


def _why_not(name: str, known: Known | None, *, stack: str, rta: str) -> str:
    """Why a tenant can't be taken over by this stack, with the way out; "" if it can."""
    if problem := rules.existing_name_problem(name):
        return f"{problem}; it stays unmanaged"
    if name == rta.split(".")[0].split(":")[0]:
        return "it is the root tenant authority itself, which is no tenant of a stack"
    if known and known.retired:
        return (
            f"its name is retired in {known.place}, and a retired name never returns. If that was a mistake, take it "
            "off that list first (docs/existing-tenants.md)"
        )
    if known and known.stack != stack:
        return (
            f"stack {known.stack} has it already, in {known.place}, and a tenant belongs to one stack. To move it, let "
            "it go there first (`deletion: forget`, then remove the entry)"
        )
    return ""
