"""What is measured, row by row. Each module makes the samples of rows that belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bench.rows import fleets, network, other_tools, provider
from bench.samples import Sample
from bench.site import Site


@dataclass(frozen=True)
class Kind:
    """A row: what it is about, and how it is measured."""

    about: str
    measure: Callable[[Site], Iterator[Sample]]


ROWS: Mapping[str, Kind] = {
    "imports": Kind("import time of what the provider process loads", provider.imports),
    "sizes": Kind("each step at 1, 10, 100 and 300 tenants, beside the floor", fleets.sizes),
    "thousand": Kind("each step at 1,000 tenants, beside the floor", fleets.thousand),
    "growth": Kind("up of 300 and of 3,000 tenants", fleets.growth),
    "checkpoints": Kind("up of 100 and 300 tenants with checkpoints kept", fleets.checkpoints),
    "naive": Kind("up of 100 and 500 tenants beside a provider as public examples write it", fleets.naive),
    "latency": Kind("up of 100 and 500 tenants at 50 and 250 ms", network.latency),
    "grants": Kind("200 client grants at 50 ms", network.grants),
    "rate-limit": Kind("up of 250 tenants where 25 requests a second are allowed", network.rate_limit),
    "scripts": Kind("200 tenants at 50 ms beside scripts on auth0-python", other_tools.scripts),
    "raw": Kind("1,000 tenants by requests from 8 threads, the limit of the API itself", other_tools.raw),
    "deploy-cli": Kind("client grants imported by auth0-deploy-cli", other_tools.deploy_cli),
}
