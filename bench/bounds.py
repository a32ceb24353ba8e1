"""What the speed of this project must be: each bound, and its measured value beside it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench import ratios
from bench.ratios import Spread
from bench.record import GRANT_POST, RTA_TOKEN, TENANT_POST, TENANT_TOKEN
from bench.samples import Results, Sample

AT_ONCE_OF_LATENCY = 64
Of = Callable[[Results], Sequence[float]]


@dataclass(frozen=True)
class Bound:
    """`what` is measured, as `unit` says; `limit` is the most that it may be, or the least."""

    row: str
    what: str
    limit: float
    unit: str
    of: Of
    at_least: bool = False

    def measured(self, results: Results) -> Spread | None:
        """None where its row was not measured."""
        return ratios.of(self.of(results.of(self.row)))

    def holds(self, value: Spread) -> bool:
        return value.median >= self.limit if self.at_least else value.median <= self.limit


def _against_floor(step: str, tenants: int = 1000) -> Of:
    def of(results: Results) -> Sequence[float]:
        ours, floor = (results.samples(subject, step, tenants=tenants) for subject in ("ours", "floor"))
        return ratios.ratios(ours, floor)

    return of


def _requests(step: str) -> Of:
    """All requests of a step at 1,000 tenants."""
    return lambda results: [sum(sample.requests.values()) for sample in results.samples("ours", step, tenants=1000)]


def _beyond_need(results: Results) -> list[float]:
    """Requests beyond a POST and a token for each tenant, a token for each RTA client, and the grant."""
    return [_beyond(sample) for sample in results.samples("ours", "up", tenants=1000)]


def _beyond(sample: Sample) -> float:
    needed = {TENANT_POST: sample.tenants, TENANT_TOKEN: sample.tenants, RTA_TOKEN: 2, GRANT_POST: 1}
    return sum(max(0, count - needed.get(kind, 0)) for kind, count in sample.requests.items())


def _naive(results: Results) -> list[float]:
    return ratios.ratios(results.samples("ours", "up", tenants=500), results.samples("naive", "up", tenants=500))


def _four_threads(results: Results) -> list[float]:
    """Four threads are measured once: nearly all of it is waiting."""
    four = results.samples("four threads", "up", tenants=500, latency_ms=250)
    ours = results.samples("ours", "up", tenants=500, latency_ms=250)
    return [sample.seconds / four[0].seconds for sample in ours] if four else []


def _latency_and_floor(results: Results) -> list[float]:
    """Ours by (latency × calls ÷ 64 + floor)."""
    ours = results.samples("ours", "up", tenants=500, latency_ms=250)
    waiting = {sample.pair: 0.25 * sum(sample.requests.values()) / AT_ONCE_OF_LATENCY for sample in ours}
    floors = {sample.pair: sample.seconds for sample in _last_floors(results, 500)}
    return [sample.seconds / (waiting[sample.pair] + floors[sample.pair]) for sample in ours if sample.pair in floors]


def _last_floors(results: Results, tenants: int) -> list[Sample]:
    """Of several floors in one pair, the one that came last: that of the last latency that was measured."""
    return list({sample.pair: sample for sample in results.samples("floor", "up", tenants=tenants)}.values())


def _grants(results: Results) -> list[float]:
    """Ours by the best peer's arithmetic: three requests a grant, ten at once, and the floor."""
    return ratios.combined(
        results.samples("ours", "up"),
        results.samples("floor", "up"),
        lambda ours, floor: ours / (200 / results.scale * 3 * 0.05 / 10 + floor),
    )


def _requests_a_grant(results: Results) -> list[float]:
    """Everything that is sent but one token, which belongs to the process."""
    return [
        (sum(sample.requests.values()) - min(1, sample.requests.get(RTA_TOKEN, 0))) / sample.tenants
        for sample in results.samples("ours", "up")
    ]


def _script(results: Results) -> list[float]:
    """What ours takes beyond the CLI's own start, by what the script takes."""
    starts = {sample.pair: sample.seconds for sample in results.samples("floor", "up", tenants=1)}
    beyond = [
        Sample("ours", "up", each.tenants, each.pair, each.seconds - starts[each.pair])
        for each in results.samples("ours", "up")
        if each.pair in starts
    ]
    return ratios.ratios(beyond, results.samples("script, 10 threads", "up"))


def _growth(results: Results) -> list[float]:
    return ratios.ratios(results.samples("ours", "up", tenants=3000), results.samples("ours", "up", tenants=300))


def _provider_peak(results: Results) -> list[float]:
    return [sample.peak_mb.get("provider", 0.0) for sample in results.samples("ours", "up", tenants=1000)]


def _imports(results: Results) -> list[float]:
    return ratios.ratios(results.samples("ours", "import"), results.samples("floor", "import"))


def _figure(name: str) -> Of:
    return lambda results: [100 * sample.figures[name] for sample in results.samples("ours", "up")]


BOUNDS = (
    Bound("thousand", "`up` of 1,000 new tenants", 1.6, "× floor", _against_floor("up")),
    Bound("naive", "`up` of 500 new tenants", 1 / 8, "× naive", _naive),
    Bound("latency", "`up` of 500 at 250 ms, `--parallel 64`", 1 / 6, "× four threads", _four_threads),
    Bound("latency", "the same", 1.5, "× (250 ms × calls ÷ 64 + floor)", _latency_and_floor),
    Bound("thousand", "no-change `preview` of 1,000", 1.25, "× floor", _against_floor("preview")),
    Bound("thousand", "requests of that preview", 0, "requests", _requests("preview")),
    Bound("thousand", "`refresh --run-program` of 1,000", 1.25, "× floor", _against_floor("refresh --run-program")),
    Bound("thousand", "requests of that refresh", 14, "requests", _requests("refresh --run-program")),
    Bound("thousand", "adding 1 tenant to 1,000", 1.25, "× floor's adding 1", _against_floor("add one")),
    Bound("thousand", "requests to make 1,000, beyond POSTs, tokens and the grant", 0, "requests", _beyond_need),
    Bound("grants", "200 client grants at 50 ms", 0.75, "× (200 × 3 × 50 ms ÷ 10 + floor)", _grants),
    Bound("grants", "requests a grant", 1, "requests", _requests_a_grant),
    Bound("scripts", "200 tenants at 50 ms, without the CLI's start", 0.7, "× auth0-python, 10 threads", _script),
    Bound("growth", "`up` of 3,000 new tenants", 10, "× `up` of 300", _growth),
    Bound("thousand", "provider process at 1,000, peak", 120, "MB", _provider_peak),
    Bound("imports", "imports of the provider process", 1.15, "× requests and pulumi.dynamic", _imports),
    Bound("rate-limit", "use of a limit of 25 requests a second", 90, "%", _figure("share used"), at_least=True),
    Bound("rate-limit", "requests that are told 429", 2, "%", _figure("share of 429")),
)
