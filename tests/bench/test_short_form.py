"""A hundred tenants through the real engine, beside the floor: requests exactly, work by ratios that leave room.

Other tests run beside it, so a ratio is of CPU, not of time, and a bound is what a gross mistake would break (work for
each tenant that grows with their number, a second process), not the speed that `make bench` measures. It is one test,
since all of it looks at the same runs.
"""

from __future__ import annotations

from pathlib import Path

from bench.record import GRANT_POST, RTA_TOKEN, TENANT_PAGE, TENANT_POST, TENANT_TOKEN
from bench.samples import Sample
from bench.site import Site

TENANTS = 100
STEPS = ("up", "preview", "refresh --run-program", "add one")
BESIDE_THE_FLOOR = ("up", "preview")


def test_a_hundred_tenants_cost_their_own_requests_and_little_more_work_than_a_provider_that_does_nothing(
    engine_bin: Path, tmp_path: Path
) -> None:
    site = Site(tmp_path, engine_bin)
    with site.ours() as ours:
        floor = site.floor()
        least = {step: floor.run(step, TENANTS, 1) for step in BESIDE_THE_FLOOR}
        found = {step: ours.run(step, TENANTS, 1) for step in STEPS}

    _check_requests(found)
    for step in BESIDE_THE_FLOOR:
        assert found[step].cpu_seconds < 3 * least[step].cpu_seconds, step
    assert found["up"].state_bytes < 1.25 * least["up"].state_bytes
    assert found["up"].peak_mb["provider"] < 120


def _check_requests(of: dict[str, Sample]) -> None:
    """A POST and a token for each tenant, and three requests in all."""
    made = {TENANT_POST: TENANTS, TENANT_TOKEN: TENANTS, RTA_TOKEN: 2, GRANT_POST: 1}
    assert of["up"].requests == made
    assert of["preview"].requests == {}
    assert of["refresh --run-program"].requests[TENANT_PAGE] == 1
    assert sum(of["refresh --run-program"].requests.values()) <= 5
    assert of["add one"].requests[TENANT_POST] == 1
    assert sum(of["add one"].requests.values()) <= 4
