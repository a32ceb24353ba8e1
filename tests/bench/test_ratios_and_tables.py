"""The arithmetic of the benchmarks, and what is made of their results."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import charts, measured, plots, ratios, record, report, samples, tables
from bench.bounds import BOUNDS, Bound
from bench.causes import CAUSES
from bench.record import GRANT_POST, RTA_TOKEN, TENANT_POST, TENANT_TOKEN
from bench.rows import ROWS
from bench.rows.network import use_of_limit
from bench.samples import Results, Row, Sample

ROOT = Path(__file__).resolve().parents[2]
NEEDED = {TENANT_POST: 1000, TENANT_TOKEN: 1000, RTA_TOKEN: 2, GRANT_POST: 1}


def sample(subject: str, seconds: float, *, pair: int = 1, step: str = "up", tenants: int = 1000) -> Sample:
    return Sample(subject, step, tenants, pair, seconds)


def thousand(*found: Sample) -> Results:
    return Results({"processors": "2"}, {"thousand": Row(60.0, found)})


def bound(what: str) -> Bound:
    return next(each for each in BOUNDS if each.what == what)


def test_a_ratio_compares_what_ran_in_the_same_pair_and_nothing_else() -> None:
    ours = [sample("ours", 12, pair=1), sample("ours", 30, pair=2), sample("ours", 99, pair=3)]
    floor = [sample("floor", 10, pair=2), sample("floor", 6, pair=1)]

    assert ratios.ratios(ours, floor) == [2.0, 3.0]


def test_a_spread_is_the_median_between_the_least_and_the_most() -> None:
    found = ratios.of([1.3, 1.1, 2.9, 1.2, 1.25])

    assert found == ratios.Spread(1.25, 1.1, 2.9, 5)
    assert found.text(" s") == "1.25 s (1.10 to 2.90)"
    assert ratios.of([]) is None


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (14.0, "14"), (1.256, "1.26"), (12.34, "12.3"), (150.4, "150"), (1e7 + 0.5, "10000000")],
)
def test_figures_have_no_more_digits_than_they_are_worth(value: float, said: str) -> None:
    assert ratios.figure(value) == said


@pytest.mark.parametrize(("seconds", "verdict"), [(16.0, "holds"), (16.1, "**does not hold**")])
def test_a_bound_holds_up_to_its_limit(seconds: float, verdict: str) -> None:
    results = thousand(sample("ours", seconds), sample("floor", 10))

    line = next(line for line in tables.bounds(results) if "`up` of 1,000 new tenants" in line)

    assert line.endswith(f"| {verdict} |")
    assert "≤ 1.60 × floor" in line


def test_a_bound_that_was_not_measured_says_so() -> None:
    lines = [line for line in tables.bounds(Results({}, {})) if line.startswith("|")][2:]

    assert len(lines) == len(BOUNDS)
    assert all("not measured" in line for line in lines)


def test_a_share_must_be_at_least_its_limit() -> None:
    used = bound("use of a limit of 25 requests a second")

    assert used.holds(ratios.Spread(90, 90, 90, 1))
    assert not used.holds(ratios.Spread(89, 89, 99, 2))


def test_requests_beyond_need_are_counted_and_savings_are_not_held_against_them() -> None:
    kinds = {**NEEDED, TENANT_TOKEN: 900, RTA_TOKEN: 3, "GET /api/v2/tenants": 2}
    results = thousand(Sample("ours", "up", 1000, 1, 10.0, requests=kinds))

    assert bound("requests to make 1,000, beyond POSTs, tokens and the grant").of(results) == [3]


def test_a_token_for_each_grant_would_be_seen() -> None:
    kinds = {GRANT_POST: 200, RTA_TOKEN: 101}
    results = Results({}, {"grants": Row(1.0, (Sample("ours", "up", 200, 1, 4.0, requests=kinds),))})

    assert bound("requests a grant").of(results) == [1.5]


def test_every_bound_is_of_a_row_that_can_be_measured() -> None:
    assert {each.row for each in BOUNDS} <= set(ROWS)


def test_every_cause_is_of_a_bound() -> None:
    assert set(CAUSES) <= {(each.row, each.what) for each in BOUNDS}


def test_a_smaller_form_of_a_row_is_judged_by_the_same_bounds() -> None:
    small = Results({}, {"growth": Row(1, (sample("ours", 40, tenants=300), sample("ours", 8, tenants=30)))}, scale=10)

    assert bound("`up` of 3,000 new tenants").of(small) == [5.0]


def test_requests_are_counted_by_kind_and_without_those_of_the_bench() -> None:
    def call(method: str, path: str, host: str = "rta.appliance.test") -> dict[str, object]:
        return {"method": method, "path": path, "host": host}

    calls = [
        call("POST", "/oauth/token"), call("POST", "/api/v2/tenants"), call("GET", "/__appliance/requests"),
        call("POST", "/oauth/token", "customer-1.appliance.test"), call("GET", "/api/v2/tenants?page=2"),
        call("GET", "/api/v2/client-grants/cgr_1"),
    ]  # fmt: skip

    assert record.counted(calls, rta="rta.appliance.test") == {
        "GET /api/v2/client-grants": 1, "RTA token": 1, "page of tenants": 1, "tenant POST": 1, "tenant token": 1,
    }  # fmt: skip


def test_use_of_a_limit_counts_what_was_carried_out_while_it_lasted() -> None:
    def post(second: int, status: int) -> dict[str, object]:
        at = f"2026-01-01T00:00:{second:02}.000Z"
        return {"method": "POST", "path": "/api/v2/tenants", "host": "rta", "status": status, "at": at}

    calls = [post(0, 201), post(1, 201), post(2, 429), post(4, 201)]

    used = use_of_limit(calls, rta="rta", per_second=1, burst=2)

    assert used == {"share used": 3 / 6, "share of 429": 1 / 4}


@pytest.mark.parametrize(
    ("command_line", "kind"),
    [
        ("/home/me/.cache/bin/pulumi up --yes", "CLI"),
        (".venv/bin/python bin/pulumi-language-python-exec --monitor 127.0.0.1:1", "program"),
        ("/bin/sh bin/pulumi-resource-pulumi-python 127.0.0.1:1", "provider"),
        ("python3 bin/pulumi-language-python 127.0.0.1:1", "language host"),
        ("git rev-parse HEAD", "other"),
    ],
)
def test_the_parts_of_pulumi_are_told_apart(command_line: str, kind: str) -> None:
    assert measured.kind_of(command_line) == kind


def test_what_a_command_costs_is_measured_and_a_failed_one_is_no_figure(tmp_path: Path) -> None:
    cost = measured.run(["sh", "-c", "echo done"], folder=tmp_path, environment={"PATH": "/usr/bin:/bin"})

    assert (cost.output, cost.seconds > 0) == ("done\n", True)
    with pytest.raises(measured.Failed, match="ended with 3; it said:\nno"):
        measured.run(["sh", "-c", "echo no; exit 3"], folder=tmp_path, environment={"PATH": "/usr/bin:/bin"})


def test_a_measurement_that_is_broken_off_leaves_no_process(tmp_path: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    command = ["sh", "-c", "echo $$ > pid; sleep 60 & wait"]
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 2.0)
    try:
        with pytest.raises(KeyboardInterrupt):
            measured.run(command, folder=tmp_path, environment={"PATH": "/usr/bin:/bin"})
    finally:
        signal.signal(signal.SIGALRM, before)

    session = (tmp_path / "pid").read_text().strip()
    give_up_at = time.monotonic() + 20
    while (alive := _alive_in(session)) and time.monotonic() < give_up_at:
        time.sleep(0.1)
    assert alive == []


def _alive_in(session: str) -> list[str]:
    """The states of the processes of a session that have not ended."""
    listed = subprocess.run(["ps", "-o", "stat=", "-s", session], capture_output=True, text=True, check=False)
    return [state for state in listed.stdout.split() if not state.startswith("Z")]


def test_results_are_kept_row_by_row_and_read_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    first = Row(3.0, (Sample("ours", "up", 10, 1, 2.5, cpu={"CLI": 0.5}, requests={TENANT_POST: 10}),), ("a note",))
    samples.write(file, samples.read(file).merged({"Python": "3.11"}, {"sizes": first}))
    second = Row(4.0, (sample("ours", 3.0), Sample("floor", "import", 0, 1, 0.0)))

    samples.write(file, samples.read(file).merged({"Python": "3.12"}, {"thousand": second}))

    assert samples.read(file) == Results({"Python": "3.12"}, {"sizes": first, "thousand": second})
    json.loads(file.read_text())


def test_charts_are_whole_svg_and_the_same_for_the_same_numbers() -> None:
    drawn = charts.lines("A & B", {"ours": [(1, 2.0), (1000, 11.5)], "none": []}, across="tenants", up="seconds")

    assert drawn == charts.lines("A & B", {"ours": [(1, 2.0), (1000, 11.5)]}, across="tenants", up="seconds")
    assert ElementTree.fromstring(drawn).attrib["aria-label"] == "A & B"  # noqa: S314 - our own text
    bars = ElementTree.fromstring(charts.bars("Bars", [("up", {"ours": 4.0, "floor": 2.0})], unit=" s"))  # noqa: S314
    widths = [float(rect.attrib["width"]) for rect in bars if rect.tag.endswith("rect")][1:]
    assert widths[0] == pytest.approx(2 * widths[1], rel=0.01)


def test_results_and_plots_of_the_repository_are_made_from_its_measured_figures() -> None:
    results = samples.read(ROOT / "bench" / "results.json")

    assert (ROOT / "bench" / "RESULTS.md").read_text(encoding="utf-8") == report.text(results)
    for name, drawn in plots.all_of(results).items():
        assert (ROOT / "docs" / "images" / name).read_text(encoding="utf-8") == drawn


def test_a_report_names_no_path_of_the_machine() -> None:
    said = report.text(samples.read(ROOT / "bench" / "results.json"))

    assert not {word for word in said.split() if word.startswith(("/home", "/root", "/work", "/tmp"))}  # noqa: S108
