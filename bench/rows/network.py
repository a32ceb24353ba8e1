"""Where the network counts: an appliance that answers late, or only so often."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from typing import Any

from bench import record
from bench.samples import Sample
from bench.site import Site
from bench.stack import AT_ONCE, Stack

AT_MOST = 64
CALLS_OF_A_TENANT = 2  # the POST, and the token that shows that its credential works
PARALLEL = ("--parallel", str(AT_MOST))
PER_SECOND, BURST = 25, 25


def latency(site: Site) -> Iterator[Sample]:
    """Ours, and the floor without latency; four threads are the SDK's own, each waiting for all calls of a tenant."""
    for tenants, milliseconds, pairs in ((100, 50, 1), (100, 250, 1), (500, 50, 1), (500, 250, 3)):
        seconds = CALLS_OF_A_TENANT * milliseconds / 1000
        for pair in site.pair_numbers(pairs):
            with site.ours(latency_ms=milliseconds, maxConcurrentCreates=AT_MOST) as ours:
                yield ours.run("up", site.size(tenants), pair, *PARALLEL)
            yield site.floor().run("up", site.size(tenants), pair, *PARALLEL)
            if pair == 1 and tenants == 500:  # once: nearly all of it is waiting, which varies little
                four = replace(site.floor(createSeconds=str(seconds)), subject="four threads", latency_ms=milliseconds)
                yield four.run("up", site.size(tenants), pair, *PARALLEL)


def grants(site: Site) -> Iterator[Sample]:
    """The applications are there already; `tenants` is the number of grants."""
    count = site.size(200)
    for pair in site.pair_numbers(5):
        with ExitStack() as until_the_end:
            ours = until_the_end.enter_context(site.ours(program="grants"))
            assert ours.appliance
            clients = [_application(ours.appliance.api, number) for number in range(count)]
            (ours.folder / "grants.json").write_text(json.dumps(clients), encoding="utf-8")
            site.slow_down(ours.appliance, 50)
            yield replace(ours, latency_ms=50).run("up", count, pair, *PARALLEL)
        yield site.floor().run("up", count, pair, *PARALLEL)


def _application(api: Any, number: int) -> str:
    made = api("POST", "clients", {"name": f"Application {number}", "app_type": "non_interactive"})
    return str(made["client_id"])


def rate_limit(site: Site) -> Iterator[Sample]:
    """How much of the limit was used from the first tenant POST to the last, and how often it was run into."""
    tenants = site.size(250)
    for pair in site.pair_numbers(2):
        with site.ours("--rate-limit", f"{PER_SECOND}:{BURST}", maxConcurrentCreates=AT_ONCE) as ours:
            sample = ours.run("up", tenants, pair)
            yield replace(sample, figures=use_of_limit(ours.calls, rta=_rta(ours)))


def _rta(stack: Stack) -> str:
    assert stack.appliance
    return stack.appliance.rta


def use_of_limit(
    calls: Sequence[Mapping[str, Any]], *, rta: str, per_second: float = PER_SECOND, burst: int = BURST
) -> dict[str, float]:
    """Of what the RTA's limit allowed while tenants were made: the share that was used; and the share of 429."""
    own = [call for call in calls if call["host"] == rta and not str(call["path"]).startswith("/__appliance/")]
    posts = [call for call in own if record.counted([call], rta=rta).get(record.TENANT_POST)]
    moments = [datetime.fromisoformat(str(call["at"])) for call in posts]
    seconds = (max(moments) - min(moments)).total_seconds()
    refused = sum(1 for call in own if call["status"] == 429)
    carried_out = sum(1 for call in posts if call["status"] != 429)
    return {"share used": carried_out / (burst + per_second * seconds), "share of 429": refused / len(own)}
