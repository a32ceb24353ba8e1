"""Measures one stack with its state in a folder, in a bucket and in PostgreSQL: `python -m bench.backends`.

The servers are started for it, on loopback: what a network between runner and server adds is arithmetic, by the number
of requests that a bucket got; docs/scale.md does it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from bench import measured, ratios, tables
from bench.backends.servers import StateServer
from bench.ground import NAME
from bench.samples import Sample
from bench.site import Site
from bench.stack import Stack

FOLDER = "file"
# A preview writes nothing, whatever becomes of checkpoints.
KEPT = ("up", "refresh --run-program", "add one")
SKIPPED = ("up", "preview", "refresh --run-program", "add one")
STEPS = {True: KEPT, False: SKIPPED}
REQUESTS = "requests to the bucket"


def measure(site: Site, servers: Mapping[str, StateServer], *, tenants: int, pair: int) -> Iterator[Sample]:
    """One round: every kind of backend, with checkpoints kept and skipped; each with a fresh stack and appliance."""
    for kind in (FOLDER, *servers):
        for kept in STEPS:
            place = f"{kind}{pair}{'kept' if kept else 'skipped'}"
            with _stack(site, servers.get(kind), place) as stack:
                yield from _steps(replace(stack, subject=kind, checkpoints=kept), servers.get(kind), tenants, pair)


@contextmanager
def _stack(site: Site, server: StateServer | None, place: str) -> Iterator[Stack]:
    with site.ours() as stack:
        if server:
            stack.environment = server.within(stack.environment) | {"PULUMI_BACKEND_URL": server.place(place)}
            init = ["pulumi", "stack", "init", NAME, "--non-interactive"]
            measured.run(init, folder=stack.folder, environment=stack.environment)
        yield stack


def _steps(stack: Stack, server: StateServer | None, tenants: int, pair: int) -> Iterator[Sample]:
    for step in STEPS[stack.checkpoints]:
        before = server.requests() if server else 0
        sample = stack.run(step, tenants, pair)
        asked = server.requests() - before if server else 0
        yield replace(sample, figures={REQUESTS: asked} if asked else {})


def table(samples: Sequence[Sample]) -> list[str]:
    """Each backend beside the folder of the same round: by the clock, by the CPU of the run, by requests."""
    others = [kind for kind in dict.fromkeys(s.subject for s in samples) if kind != FOLDER]
    rows = []
    for kept, steps in STEPS.items():
        for step in steps:
            of = {kind: _of(samples, kind, step, kept) for kind in (FOLDER, *others)}
            cpu = {kind: [replace(s, seconds=s.cpu_seconds) for s in found] for kind, found in of.items()}
            counts = [s.figures[REQUESTS] for found in of.values() for s in found if REQUESTS in s.figures]
            cells = [_text([s.seconds for s in of[FOLDER]]), _text([s.seconds for s in cpu[FOLDER]])]
            for kind in others:
                cells += [_text(ratios.ratios(found[kind], found[FOLDER])) for found in (of, cpu)]
            rows.append((step, "kept" if kept else "skipped", *cells, _text(counts)))
    columns = [f"{kind}, {what} ratio" for kind in others for what in ("clock", "CPU")]
    return tables.table(("step", "checkpoints", f"{FOLDER}, s", f"{FOLDER}, CPU-s", *columns, REQUESTS), rows)


def state_kb(samples: Sequence[Sample]) -> float:
    """The state after the update that made the tenants, in KB (10^3 bytes), as a folder has it."""
    return max(sample.state_bytes for sample in samples if (sample.subject, sample.step) == (FOLDER, "up")) / 1000


def _of(samples: Sequence[Sample], kind: str, step: str, kept: bool) -> list[Sample]:
    return [s for s in samples if (s.subject, s.step, s.checkpoints) == (kind, step, kept)]


def _text(values: Sequence[float]) -> str:
    spread = ratios.of(values)
    return spread.text() if spread else ""
