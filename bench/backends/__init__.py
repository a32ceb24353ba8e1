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
STEPS = ("up", "no-change up", "preview", "refresh with the program", "add one")
REQUESTS = "requests to the bucket"


def measure(site: Site, servers: Mapping[str, StateServer], *, tenants: int) -> Iterator[Sample]:
    """In each round every kind of backend, with checkpoints kept and skipped; each with a fresh stack and appliance."""
    for pair in site.pair_numbers(3):
        for kind in (FOLDER, *servers):
            for kept in (True, False):
                place = f"{kind}-{pair}-{'kept' if kept else 'skipped'}".replace("-", "")
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
    for step in STEPS:
        before = server.requests() if server else 0
        sample = stack.run(step, tenants, pair)
        asked = server.requests() - before if server else 0
        yield replace(sample, figures={REQUESTS: asked} if asked else {})


def table(samples: Sequence[Sample]) -> list[str]:
    """Each backend beside the folder of the same round: seconds there, then ratios."""
    rows = []
    for step in STEPS:
        for kept in (True, False):
            of = {kind: _of(samples, kind, step, kept) for kind in dict.fromkeys(s.subject for s in samples)}
            cells = [_text([sample.seconds for sample in of[FOLDER]], " s")]
            for kind in [kind for kind in of if kind != FOLDER]:
                cells.append(_text(ratios.ratios(of[kind], of[FOLDER]), " ×"))
                if counts := [sample.figures[REQUESTS] for sample in of[kind] if REQUESTS in sample.figures]:
                    cells.append(_text(counts, ""))
            rows.append((step, "kept" if kept else "skipped", *cells))
    others = [kind for kind in dict.fromkeys(s.subject for s in samples) if kind != FOLDER]
    columns = [column for kind in others for column in ((kind, REQUESTS) if kind == "s3" else (kind,))]
    return tables.table(("step", "checkpoints", FOLDER, *columns), rows)


def _of(samples: Sequence[Sample], kind: str, step: str, kept: bool) -> list[Sample]:
    return [s for s in samples if (s.subject, s.step, s.checkpoints) == (kind, step, kept)]


def _text(values: Sequence[float], unit: str) -> str:
    spread = ratios.of(values)
    return spread.text(unit) if spread else ""
