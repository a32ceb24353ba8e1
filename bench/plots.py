"""Which charts are made of the results, and what they are called in docs/images. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Mapping

from bench import charts
from bench.charts import Points
from bench.samples import Results, Sample

STEPS = {
    "up": "up", "preview": "preview", "no-change up": "up, no change", "refresh --run-program": "refresh",
    "add one": "add one", "forget all": "forget all",
}  # fmt: skip


def all_of(results: Results) -> Mapping[str, str]:
    """The text of each SVG by the name of its file."""
    return {
        "speed-growth.svg": growth(results),
        "speed-thousand.svg": thousand(results),
        "speed-network.svg": network(results),
    }


def growth(results: Results) -> str:
    kept = results.of("checkpoints")
    series = {
        "ours": _by_size(results, "ours"),
        "floor": _by_size(results, "floor"),
        "ours, checkpoints kept": _points(kept.samples("ours", "up")),
        "naive": _points(results.of("naive").samples("naive", "up")),
        "API alone, 8 threads": _points(results.of("raw").samples("raw", "up")),
    }
    return charts.lines("pulumi up of new tenants, without latency", series, across="tenants", up="seconds")


def thousand(results: Results) -> str:
    found = results.of("thousand")
    rows = []
    for step, words in STEPS.items():
        values = {
            subject: _median(samples) for subject in ("ours", "floor") if (samples := found.samples(subject, step))
        }
        if values:
            rows.append((words, values))
    return charts.bars("1,000 tenants: each step beside the engine's floor", rows, unit=" s")


def network(results: Results) -> str:
    latency, scripts = results.of("latency"), results.of("scripts")
    late = [
        ("ours", latency.samples("ours", "up", tenants=500, latency_ms=250)),
        ("four threads", latency.samples("four threads", "up", tenants=500, latency_ms=250)),
    ]
    two_hundred = [
        ("ours", scripts.samples("ours", "up")),
        ("script, 10 threads", scripts.samples("script, 10 threads", "up")),
        ("script, one by one", scripts.samples("script, one by one", "up")),
    ]
    groups = (("500 tenants at 250 ms", late), ("200 tenants at 50 ms", two_hundred))
    rows = [(words, {name: _median(samples) for name, samples in found if samples}) for words, found in groups]
    title = "where the network counts: pulumi up beside others"
    return charts.bars(title, [row for row in rows if row[1]], unit=" s")


def _by_size(results: Results, subject: str) -> Points:
    """One row for each size, so that a point is the median of one measurement."""
    samples = results.of("sizes").samples(subject, "up") + results.of("thousand").samples(subject, "up")
    return _points(samples + results.of("growth").samples(subject, "up", tenants=3000))


def _points(samples: list[Sample]) -> Points:
    sizes = sorted({sample.tenants for sample in samples})
    return [(size, _median([sample for sample in samples if sample.tenants == size])) for size in sizes]


def _median(samples: list[Sample]) -> float:
    return statistics.median(sample.seconds for sample in samples)
