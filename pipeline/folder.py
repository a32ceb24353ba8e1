"""Where the steps of one job find what the step before has written: `.psaas/pipeline/`. Knows paths only."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError

STACK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Folder:
    """`root` lies in a clone and is ignored by Git. A stack's files lie in a folder of its own."""

    root: Path

    @property
    def change(self) -> Path:
        return self.root / "change.json"

    @property
    def inventories(self) -> Path:
        return self.root / "inventories"

    def report(self, ending: str) -> Path:
        return self.root / f"review.{ending}"

    def plan(self, stack: str) -> Path:
        return self._of(stack) / "plan.json"

    def preview(self, stack: str) -> Path:
        return self._of(stack) / "preview.json"

    def events(self, stack: str) -> Path:
        return self._of(stack) / "events.jsonl"

    def output(self, stack: str) -> Path:
        return self._of(stack) / "pulumi.log"

    def process(self, stack: str) -> Path:
        return self._of(stack) / "process.json"

    def audit(self, stack: str) -> Path:
        return self._of(stack) / "audit.jsonl"

    def drift(self, stack: str) -> Path:
        return self._of(stack) / "drift.md"

    def _of(self, stack: str) -> Path:
        return self.root / "stacks" / named(stack)


def named(stack: str) -> str:
    """A stack's name that is safe in a path."""
    if not STACK_NAME.fullmatch(stack):
        raise PipelineError("STACK is no name of a stack: say it like make … STACK=prod")
    return stack


def write(file: Path, text: str) -> None:
    """Only for this user: reports of a private project lie in it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)


def write_json(file: Path, value: Mapping[str, Any]) -> None:
    write(file, json.dumps(value, indent=2, sort_keys=True) + "\n")


def read_json(file: Path, *, made_by: str) -> dict[str, Any]:
    """Raises PipelineError, naming the target that writes the file."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PipelineError(f"{file.name} is not there; run `{made_by}` first") from None
    except (OSError, ValueError) as error:
        raise PipelineError(f"{file}: can't be read ({error.__class__.__name__})") from None
    if not isinstance(value, dict):
        raise PipelineError(f"{file}: is not what `{made_by}` writes")
    return value
