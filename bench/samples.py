"""What was measured: one Sample for each run of a command, and the rows of samples as a JSON file. Knows no engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

ALWAYS = ("subject", "step", "tenants", "pair", "seconds")


@dataclass(frozen=True)
class Sample:
    """One run: of what (`subject`, `step`, how many `tenants`), in which pair, and what it took.

    `cpu` (seconds) and `peak_mb` are by kind of process, `requests` by kind of request. `figures` are numbers of one
    row alone.
    """

    subject: str
    step: str
    tenants: int
    pair: int
    seconds: float
    latency_ms: int = 0
    checkpoints: bool = False
    cpu_seconds: float = 0.0
    cpu: Mapping[str, float] = field(default_factory=dict)
    peak_mb: Mapping[str, float] = field(default_factory=dict)
    requests: Mapping[str, int] = field(default_factory=dict)
    state_bytes: int = 0
    figures: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return cls(**document)


@dataclass(frozen=True)
class Row:
    """The samples of a row, how long it took in all, and what is to be said about it."""

    took_seconds: float
    samples: tuple[Sample, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Results:
    """All rows that were measured, by name; the machine of the last one. `scale` divides numbers of tenants."""

    machine: Mapping[str, str]
    rows: Mapping[str, Row]
    scale: int = 1

    def samples(self, subject: str, step: str, **wanted: Any) -> list[Sample]:
        """The samples of all rows that are this, in the order of their pairs."""
        if "tenants" in wanted:
            wanted["tenants"] = scaled(wanted["tenants"], self.scale)
        found = [
            sample
            for row in self.rows.values()
            for sample in row.samples
            if (sample.subject, sample.step) == (subject, step)
            and all(getattr(sample, name) == value for name, value in wanted.items())
        ]
        return sorted(found, key=lambda sample: sample.pair)

    def of(self, row: str) -> Results:
        """These results with one row alone, or with none where it was not measured."""
        return replace(self, rows={row: self.rows[row]} if row in self.rows else {})

    def merged(self, machine: Mapping[str, str], rows: Mapping[str, Row]) -> Results:
        """Rows that were measured anew take the place of the old ones."""
        return Results(machine, {**self.rows, **rows})


def read(file: Path) -> Results:
    """The results of a file; none where there is no such file."""
    if not file.exists():
        return Results({}, {})
    document = json.loads(file.read_text(encoding="utf-8"))
    rows = {
        name: Row(row["took_seconds"], tuple(map(Sample.of, row["samples"])), tuple(row["notes"]))
        for name, row in document["rows"].items()
    }
    return Results(document["machine"], rows)


def write(file: Path, results: Results) -> None:
    """A line for each sample, so that a difference can be read."""
    rows = ",\n".join(f" {json.dumps(name)}: {_row(row)}" for name, row in sorted(results.rows.items()))
    machine = json.dumps(dict(results.machine))
    file.write_text(f'{{"machine": {machine},\n"rows": {{\n{rows}\n}}}}\n', encoding="utf-8")


def _row(row: Row) -> str:
    return (
        f'{{"took_seconds": {row.took_seconds:.0f}, "notes": {json.dumps(row.notes)}, "samples": [\n'
        + ",\n".join("  " + json.dumps(_without_defaults(sample)) for sample in row.samples)
        + "\n ]}"
    )


def _without_defaults(sample: Sample) -> dict[str, Any]:
    return {name: _rounded(value) for name, value in asdict(sample).items() if value or name in ALWAYS}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    return value


def scaled(tenants: int, scale: int) -> int:
    """A number of tenants in a smaller form of a row."""
    return max(1, tenants // scale)
