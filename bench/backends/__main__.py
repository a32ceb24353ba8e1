"""The command line: `python -m bench.backends`. With its usual 300 tenants it writes the table of docs/scale.md.

Exit status: 0 measured; 1 a run failed; 2 nothing could be tried.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import engine
from bench import backends, machine, measured
from bench.__main__ import GROUND
from bench.backends import servers
from bench.samples import Sample
from bench.site import Site
from chaos.own_appliance import ROOT

TENANTS = 300
PAGE = ROOT / "docs" / "scale.md"
BEGIN, END = "<!-- python -m bench.backends -->\n", "<!-- until here -->\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.backends", description="Measures places for the state.")
    parser.add_argument("--tenants", type=int, default=TENANTS, help="another number prints only")
    parser.add_argument("--pairs", type=int, default=0, help="rounds, instead of 3")
    options = parser.parse_args()
    found = engine.find()
    if found is None or sys.platform != "linux":
        what = "there is no engine; run `make engine`" if found is None else "finds processes in /proc: Linux only"
        print(f"bench: {what}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers end too
    GROUND.mkdir(mode=0o700, exist_ok=True)
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory(prefix="bench-", dir=GROUND) as folder, ExitStack() as until_the_end:
        try:
            places = {
                "s3": until_the_end.enter_context(servers.bucket(Path(folder))),
                "postgres": until_the_end.enter_context(servers.postgres()),
            }
        except servers.NotHere as missing:
            print(f"bench: {missing}", file=sys.stderr)
            return 2
        site = Site(Path(folder), found.bin_folder, pairs=options.pairs)
        about = machine.described(found.version, site.folder)
        try:
            for pair in site.pair_numbers(3):
                for sample in backends.measure(site, places, tenants=options.tenants, pair=pair):
                    samples.append(sample)
                    kept = "kept" if sample.checkpoints else "skipped"
                    said = f"round {pair}: {sample.subject}, checkpoints {kept}, {sample.step}"
                    print(f"{said}: {sample.seconds:.1f} s, {sample.cpu_seconds:.1f} CPU-s", flush=True)
                words = _words(samples, about, rounds=pair, tenants=options.tenants)
                print(f"\n{words}\n", flush=True)
                if options.tenants == TENANTS:
                    write(PAGE, words)
        except measured.Failed as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
    return 0


def _words(samples: Sequence[Sample], about: Mapping[str, str], *, rounds: int, tenants: int) -> str:
    on = f"{about['processors']}, {about['disk']}, {about['Pulumi']}"
    size = f"The state has {backends.state_kb(samples):.0f} KB."
    return "\n".join([f"{tenants} tenants, rounds: {rounds}, on {on}. {size}", "", *backends.table(samples)])


def write(page: Path, words: str) -> None:
    """Put the words between the page's marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    page.write_text(f"{before}{BEGIN}\n{words}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
