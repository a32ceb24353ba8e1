"""What `python -m review` has written, read as data: the sets of actions, by which reviews are compared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError

Action = tuple[str, ...]  # appliance, kind, name, what happens, details


@dataclass(frozen=True)
class Report:
    """One stack's review."""

    stack: str
    digest: str
    actions: frozenset[Action]


def read(file: Path) -> dict[str, Report]:
    """The reviews of a `--json` file by stack."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        return {str(entry["stack"]): _report(entry) for entry in document["reviews"]}
    except FileNotFoundError:
        raise PipelineError(f"{file.name} is not there: the review did not come to an end") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise PipelineError(f"{file}: is not what `python -m review --json` writes") from None


def of(stack: str, file: Path) -> Report:
    """The review of one stack."""
    found = read(file)
    if stack not in found:
        raise PipelineError(f"{file.name} has no review of {stack}")
    return found[stack]


def difference(wanted: frozenset[Action], approved: frozenset[Action]) -> str:
    """What would run and was not approved, a line each, for people."""
    return "\n".join(f"  {_words(action)}" for action in sorted(wanted - approved))


def of_other_kinds(actions: frozenset[Action]) -> frozenset[Action]:
    """Steps of the engine for which reviews have no rows, so that no plan made from files has them."""
    return frozenset(action for action in actions if action[1] == "other")


def as_json(actions: frozenset[Action]) -> list[list[str]]:
    return [list(action) for action in sorted(actions)]


def actions_of(value: object) -> frozenset[Action]:
    """Actions out of JSON. Raises ValueError for anything else."""
    if not isinstance(value, list) or not all(
        isinstance(action, list) and action and all(isinstance(part, str) for part in action) for action in value
    ):
        raise ValueError("no list of actions")
    return frozenset(tuple(action) for action in value)


def _report(entry: Mapping[str, Any]) -> Report:
    """The appliance goes into each action: the same thing on another one is something else."""
    appliance = str(entry["appliance"])
    actions = frozenset((appliance, *action) for action in actions_of(entry["actions"]))
    return Report(str(entry["stack"]), str(entry["digest"]), actions)


def _words(action: Sequence[str]) -> str:
    """`tenant customer-1: create on rta.example.com`, in characters that do no harm to a terminal or a log."""
    appliance, kind, name, what, *rest = [*action, "", "", "", ""][: max(4, len(action))]
    text = f"{kind} {name}: {what} on {appliance}" + (f" ({', '.join(filter(None, rest))})" if any(rest) else "")
    return "".join(character if character.isprintable() else "?" for character in text)[:300]
