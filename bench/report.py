"""bench/RESULTS.md: the bounds, everything else that was measured, the machine, the commands. Pure."""

from __future__ import annotations

from bench import tables
from bench.samples import Results

HEAD = """# Results

Written by `python -m bench --render` from `bench/results.json`, which `make bench` measures. What the rows and their
settings are: [docs/speed.md](../docs/speed.md). A ratio is that of two runs in the same pair, one after the other on
the same machine; where several pairs were run, it is their median, with the least and the most.
"""
COMMANDS = """```console
$ make bench                                  # everything, then this page
$ make bench ROWS="thousand growth"           # these rows; the others stay as they were measured before
$ .venv/bin/python -m bench --only naive --pairs 5
$ .venv/bin/python -m bench --quick           # a tenth of the tenants, one pair each; keeps nothing
```"""


def text(results: Results) -> str:
    machine = [f"- {name}: {value}" for name, value in results.machine.items()]
    parts = [
        HEAD,
        "## Bounds\n",
        *tables.bounds(results),
        "\n## Steps beside the floor\n",
        "Checkpoints skipped, no latency; seconds as median (least to most).\n",
        *tables.steps(results),
        "\n## Processes, `up` of 1,000 new tenants\n",
        *tables.processes(results),
        "\n## Requests, 1,000 tenants\n",
        *tables.requests(results),
        "\n## Everything else\n",
        *tables.others(results),
        "\n## Machine\n",
        *machine,
        "\n## Commands, and what each row took\n",
        COMMANDS,
        "",
        *tables.took(results),
    ]
    return "\n".join(parts) + "\n"
