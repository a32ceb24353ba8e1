"""The command line: `python -m bench`. Measures rows, keeps them in bench/results.json, and prints the bounds.

Exit status: 0 measured, whatever the figures say; 1 a row could not be measured; 2 nothing could be tried.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import engine
from bench import deploy_cli, machine, measured, plots, report, samples, tables
from bench.rows import ROWS
from bench.samples import Results, Row
from bench.site import Site
from chaos.own_appliance import ROOT, NotOurs

RESULTS = ROOT / "bench" / "results.json"
QUICK = 10
GROUND = ROOT / ".psaas"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures what tenants cost.")
    parser.add_argument("--only", nargs="+", choices=ROWS, metavar="ROW", default=list(ROWS), help=", ".join(ROWS))
    parser.add_argument("--pairs", type=int, default=0, help="pairs of each measurement, instead of each row's own")
    parser.add_argument("--quick", action="store_true", help="a tenth of the tenants, one pair; nothing is kept")
    parser.add_argument("--render", action="store_true", help="measure nothing; write RESULTS.md and the plots anew")
    options = parser.parse_args()
    if options.render:
        return _render()
    found = engine.find()
    if found is None or sys.platform != "linux":
        what = "there is no engine; run `make engine`" if found is None else "finds processes in /proc: Linux only"
        print(f"bench: {what}", file=sys.stderr)
        return 2
    GROUND.mkdir(mode=0o700, exist_ok=True)  # beside the state of the local stack: not in a /tmp that may be memory
    with tempfile.TemporaryDirectory(prefix="bench-", dir=GROUND) as folder:
        pairs, scale = options.pairs or int(options.quick), QUICK if options.quick else 1
        site = Site(Path(folder), found.bin_folder, pairs=pairs, scale=scale)
        about = machine.described(found.version, site.folder)
        rows, failed = _measure(site, options.only, about)
    print()
    shown = Results(about, rows, QUICK) if options.quick else samples.read(RESULTS)
    print("\n".join(tables.aligned(tables.bounds(shown, only_measured=options.quick))))
    return 1 if failed else 0


def _render() -> int:
    results = samples.read(RESULTS)
    if not results.rows:
        print(f"bench: there is nothing in {RESULTS.relative_to(ROOT)} yet; run `make bench`", file=sys.stderr)
        return 2
    files = {ROOT / "bench" / "RESULTS.md": report.text(results)}
    files |= {ROOT / "docs" / "images" / name: text for name, text in plots.all_of(results).items()}
    for file, text in files.items():
        file.write_text(text, encoding="utf-8")
        print(f"wrote {file.relative_to(ROOT)}")
    return 0


def _measure(site: Site, names: Sequence[str], about: Mapping[str, str]) -> tuple[dict[str, Row], list[str]]:
    """Measure rows one after the other; each is kept at once, so that nothing is lost by an end before the last."""
    rows: dict[str, Row] = {}
    failed = []
    for name in names:
        began = time.monotonic()
        print(f"{name}: {ROWS[name].about}", flush=True)
        found, notes = [], _disturbances()
        try:
            for sample in ROWS[name].measure(site):
                found.append(sample)
                print(f"  {_said(sample)}", flush=True)
        except deploy_cli.NotHere as error:
            notes.append(f"Not measured: {error}.")
        except (measured.Failed, NotOurs, RuntimeError) as error:
            print(f"bench: {name}: {error}", file=sys.stderr)
            failed.append(name)
            continue
        rows[name] = Row(time.monotonic() - began, tuple(found), tuple(notes))
        print("\n".join([*(f"  {note}" for note in notes), f"  took {rows[name].took_seconds:.0f} s"]), flush=True)
        if site.scale == 1:
            samples.write(RESULTS, samples.read(RESULTS).merged(about, {name: rows[name]}))
    return rows, failed


def _disturbances() -> list[str]:
    """What a reader of the figures must know of the moment. The row before has left a load of two or three itself."""
    load, processors = os.getloadavg()[0], os.cpu_count() or 1
    return [f"The machine had other work (load {load:.0f})."] if load > processors + 2 else []


def _said(sample: samples.Sample) -> str:
    more = [f"{sample.latency_ms} ms"] if sample.latency_ms else []
    more += ["checkpoints kept"] if sample.checkpoints else []
    more += [f"{sum(sample.requests.values()):,} requests"] if sample.requests else []
    more += [f"{name} {value:.3f}" for name, value in sample.figures.items()]
    number = f" of {sample.tenants:,}" if sample.tenants else ""
    said = f"pair {sample.pair}: {sample.subject}, {sample.step}{number}: {sample.seconds:.2f} s"
    return ", ".join([said, *more])


if __name__ == "__main__":
    sys.exit(main())
