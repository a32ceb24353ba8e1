"""Stacks as an update has left them: each runs once in a process, and is copied after that, its appliance too.

A copy's appliance recalls no request.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.engine.stack import Stack
from tests.local_appliance import LocalAppliance

Tenant = str | Mapping[str, Any]
Made = Callable[..., Stack]


@dataclass
class Snapshots:
    """`folder` has one below each of its keys."""

    folder: Path
    engine_bin: Path
    appliance_data: Path
    by_key: dict[str, Path] = field(default_factory=dict)

    def stack(self, place: Path, until_the_end: ExitStack, *tenants: Tenant) -> Stack:
        """A stack below `place` whose only update made these."""
        kept = self._kept(*tenants)
        shutil.copytree(kept / "appliance", place / "appliance")
        appliance = until_the_end.enter_context(LocalAppliance.start(place / "appliance"))
        stack = Stack.create(place / "project", self.engine_bin, appliance).declare(*tenants)
        for name in ("state", "escrow"):
            shutil.copytree(kept / "project" / name, stack.project / name, dirs_exist_ok=True)
        return stack

    def _kept(self, *tenants: Tenant) -> Path:
        key = json.dumps(tenants, sort_keys=True)
        if key not in self.by_key:
            place = self.folder / str(len(self.by_key))
            shutil.copytree(self.appliance_data, place / "appliance")
            with LocalAppliance.start(place / "appliance") as appliance:
                Stack.create(place / "project", self.engine_bin, appliance).declare(*tenants).up().ok()
            self.by_key[key] = place
        return self.by_key[key]
