"""The ground that rows are measured on: a folder on disk, a `pulumi`, and appliances that this process starts.

Hands out stacks of different programs that are otherwise alike. Each starts from nothing, since a tenant's name is used
once: a fresh state, a fresh appliance with the keys of one that was started before.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.ground import Ground
from bench.samples import scaled
from bench.stack import Stack
from chaos.own_appliance import OwnAppliance

# For the tenants of the largest row, and the RTA: what a stand-in computes for itself is not what a tenant costs.
SPARE_KEYS = 3001


@dataclass
class Site:
    """`folder` is empty, and lies on a disk that keeps what was written. `pairs` is how often to measure, where a row
    leaves that open; `scale` divides every number of tenants."""

    folder: Path
    engine_bin: Path
    pairs: int = 0
    scale: int = 1
    _made: int = field(default=0, init=False)

    def size(self, tenants: int) -> int:
        return scaled(tenants, self.scale)

    def pair_numbers(self, usual: int) -> range:
        return range(1, 1 + (self.pairs or usual))

    @contextmanager
    def appliance(self, *options: str, latency_ms: int = 0) -> Iterator[OwnAppliance]:
        """A fresh appliance, whose every answer comes later by `latency_ms`."""
        data = self.new_folder("appliance") / "data"
        shutil.copytree(self._appliance_data(), data)
        with OwnAppliance(data, *options) as started:
            if latency_ms:
                self.slow_down(started, latency_ms)
            yield started

    @staticmethod
    def slow_down(appliance: OwnAppliance, latency_ms: int) -> None:
        """From now on, every answer comes later."""
        appliance.spoil({"seed": 1, "faults": [{"name": "latency", "do": {"latency_ms": latency_ms}}]})

    @contextmanager
    def ours(self, *options: str, latency_ms: int = 0, program: str = "", **config: object) -> Iterator[Stack]:
        """The repository's own program, or another one on its resources. `config` are keys of its stack file,
        `options` those of the appliance."""
        with self.appliance(*options, latency_ms=latency_ms) as started:
            yield Stack.ours(self._ground(), started, latency_ms=latency_ms, config=config, program=program)

    @contextmanager
    def naive(self, *, latency_ms: int = 0) -> Iterator[Stack]:
        with self.appliance(latency_ms=latency_ms) as started:
            yield Stack.naive(self._ground(), started, latency_ms=latency_ms)

    def floor(self, *, lean: bool = False, **config: object) -> Stack:
        """The floor, which has no appliance. With `createSeconds`, each creation takes that long."""
        return Stack.floor(self._ground(), config=config, lean=lean)

    def _ground(self) -> Ground:
        return Ground(self.new_folder("stack"), self.folder / "empty-stack", self.engine_bin)

    def _appliance_data(self) -> Path:
        data = self.folder / "appliance-data"
        if not data.exists():
            with OwnAppliance(data, "--spare-keys", str(self.size(SPARE_KEYS))):
                pass
        return data

    def new_folder(self, kind: str) -> Path:
        self._made += 1
        folder = self.folder / f"{kind}-{self._made}"
        folder.mkdir()
        return folder
