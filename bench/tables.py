"""Results as tables: the bounds with what was measured, and everything else for orientation. Pure; makes Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bench import ratios
from bench.bounds import BOUNDS, Bound
from bench.causes import CAUSES
from bench.samples import Results, Sample

STEPS = ("up", "preview", "no-change up", "refresh", "refresh --run-program", "add one", "forget all")


def bounds(results: Results, *, only_measured: bool = False) -> list[str]:
    """The table of bounds, and below it what is to be said where one does not hold."""
    rows, failed = [], []
    for bound in BOUNDS:
        value = bound.measured(results)
        if value is None and only_measured:
            continue
        verdict = "not measured" if value is None else "holds" if bound.holds(value) else "**does not hold**"
        shown = "" if value is None else value.text()
        way = "≥" if bound.at_least else "≤"
        limit = f"{way} {_limit(bound)} {bound.unit}"
        rows.append((bound.what, limit, shown, "" if value is None else str(value.count), verdict))
        if value is not None and not bound.holds(value):
            failed.append(
                f"- {bound.what} ({bound.unit}): {CAUSES.get((bound.row, bound.what), 'no cause known yet.')}"
            )
    lines = table(("what", "bound", "median (least to most)", "pairs", ""), rows)
    return [*lines, "", *failed] if failed else lines


def _limit(bound: Bound) -> str:
    return f"1/{round(1 / bound.limit)}" if 0 < bound.limit < 0.5 else ratios.figure(bound.limit)


def steps(results: Results) -> list[str]:
    """Seconds of each step, ours and the floor's, by number of tenants, and their ratio."""
    rows = []
    for step in STEPS:
        for tenants in _sizes(results, step):
            ours, floor = (
                _plain(results, subject, step, tenants) for subject in ("ours", "floor")
            )  # fmt: skip
            ratio = ratios.of(ratios.ratios(ours, floor))
            rows.append(
                (step, f"{tenants:,}", _seconds(ours), _seconds(floor), ratio.text() if ratio else "", _kb(ours))
            )
    return table(("step", "tenants", "ours, s", "floor, s", "ratio", "state, KB"), rows)


def _sizes(results: Results, step: str) -> list[int]:
    rows = ("sizes", "thousand", "growth")
    found = {s.tenants for row in rows for s in results.of(row).samples("ours", step)}
    return sorted(found)


def _plain(results: Results, subject: str, step: str, tenants: int) -> list[Sample]:
    """Of the row that is about this size, so that what is compared ran in the same pair."""
    row = "thousand" if tenants == 1000 else "growth" if tenants > 1000 else "sizes"
    return results.of(row).samples(subject, step, tenants=tenants)


def processes(results: Results) -> list[str]:
    """CPU and memory by kind of process, for a new thousand."""
    rows = []
    for subject in ("ours", "floor"):
        samples = results.of("thousand").samples(subject, "up", tenants=1000)
        for kind in ("CLI", "program", "provider", "language host"):
            cpu = ratios.of([sample.cpu.get(kind, 0.0) for sample in samples])
            peak = ratios.of([sample.peak_mb.get(kind, 0.0) for sample in samples])
            if cpu and peak:
                rows.append((subject, kind, cpu.text(), peak.text()))
    return table(("subject", "process", "CPU, s", "peak memory, MB"), rows)


def requests(results: Results) -> list[str]:
    """Requests by kind, of every step of a thousand."""
    rows = []
    for step in STEPS:
        for sample in results.of("thousand").samples("ours", step)[:1]:
            kinds = ", ".join(f"{count:,} × {kind}" for kind, count in sample.requests.items())
            rows.append((step, f"{sum(sample.requests.values()):,}", kinds or "none"))
    return table(("step", "requests", "of which"), rows)


def others(results: Results) -> list[str]:
    """Everything that is not at the floor's settings, for orientation."""
    seen: dict[tuple[str, str, str, int, int, bool], list[Sample]] = {}
    for name in ("thousand", "naive", "checkpoints", "latency", "grants", "scripts", "raw", "deploy-cli", "rate-limit"):
        for sample in results.rows[name].samples if name in results.rows else ():
            if name == "thousand" and sample.subject in ("ours", "floor"):
                continue
            key = (name, sample.subject, sample.step, sample.tenants, sample.latency_ms, sample.checkpoints)
            seen.setdefault(key, []).append(sample)
    return table(
        ("row", "subject", "step", "number", "latency, ms", "checkpoints", "seconds", "requests"),
        [
            (row, subject, step, f"{number:,}", str(latency), _kept(subject, kept), _seconds(samples),
             f"{sum(samples[0].requests.values()):,}")
            for (row, subject, step, number, latency, kept), samples in seen.items()
        ],
    )  # fmt: skip


def took(results: Results) -> list[str]:
    """What measuring took: a row's name and its time."""
    rows = [(f"`{name}`", f"{row.took_seconds:.0f}", " ".join(row.notes)) for name, row in sorted(results.rows.items())]
    total = sum(row.took_seconds for row in results.rows.values())
    return table(("row", "seconds", "to be said"), [*rows, ("all", f"{total:.0f}", "")])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [_line(head), _line(["---"] * len(head)), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _kept(subject: str, kept: bool) -> str:
    if subject in ("ours", "floor", "lean floor", "naive", "four threads"):
        return "kept" if kept else "skipped"
    return ""


def _seconds(samples: Sequence[Sample]) -> str:
    spread = ratios.of([sample.seconds for sample in samples])
    return spread.text() if spread else ""


def _kb(samples: Sequence[Sample]) -> str:
    sizes = [sample.state_bytes / 1000 for sample in samples if sample.state_bytes]
    return f"{max(sizes):,.0f}" if sizes else ""


def aligned(lines: Sequence[str]) -> Iterator[str]:
    """A Markdown table with columns of even width, for a terminal."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))] if cells else []
    for line in lines:
        if not line.startswith("|"):
            yield line
        elif not line.startswith("| ---"):
            row = [cell.strip() for cell in line.strip("|").split("|")]
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
