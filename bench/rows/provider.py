"""What a provider process has to import before it can do anything."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from bench.ground import without_users_own
from bench.samples import Sample
from bench.site import Site
from chaos.own_appliance import ROOT

IMPORTS = {
    "ours": "pulumi.dynamic, psaas_resources.client_grant, psaas_resources.tenant",
    "floor": "requests, pulumi.dynamic",
}
TIMED = "import time; before = time.perf_counter(); import {}; print(time.perf_counter() - before)"


def imports(site: Site) -> Iterator[Sample]:
    """In new processes; the first time, when Python may write its caches, doesn't count."""
    for pair in range(len(site.pair_numbers(20)) + 1):
        for subject, modules in sorted(IMPORTS.items(), reverse=bool(pair % 2)):
            ran = subprocess.run(
                [sys.executable, "-c", TIMED.format(modules)], cwd=ROOT, env=without_users_own(),
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            if pair:
                yield Sample(subject, "import", 0, pair, float(ran.stdout))
