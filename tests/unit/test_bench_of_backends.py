"""The table of places for the state: each beside the folder of the same round."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import backends, stack
from bench.backends import servers
from bench.backends.__main__ import BEGIN, END, PAGE, write
from bench.samples import Sample


def test_every_step_is_one_that_stacks_can_run() -> None:
    assert {step for steps in backends.STEPS.values() for step in steps} <= set(stack.STEPS)


def test_a_ratio_is_one_of_the_same_round() -> None:
    def sample(kind: str, pair: int, seconds: float, asked: int = 0) -> Sample:
        figures = {backends.REQUESTS: asked} if asked else {}
        return Sample(kind, "up", 300, pair, seconds, checkpoints=True, cpu_seconds=2 * seconds, figures=figures)

    head, _, row, *others = backends.table(
        [sample("file", 1, 10), sample("s3", 1, 20, 99), sample("file", 2, 100), sample("s3", 2, 200, 99)]
    )

    assert head == (
        "| step | checkpoints | file, s | file, CPU-s | s3, clock ratio | s3, CPU ratio | requests to the bucket |"
    )
    assert row == "| up | kept | 55 (10 to 100) | 110 (20 to 200) | 2 | 2 | 99 |"
    assert len(others) == sum(map(len, backends.STEPS.values())) - 1


def test_the_page_keeps_what_stands_around_its_table(tmp_path: Path) -> None:
    page = tmp_path / "scale.md"
    page.write_text(f"before\n{BEGIN}old\n{END}after\n")

    write(page, "new")

    assert page.read_text() == f"before\n{BEGIN}\nnew\n\n{END}after\n"
    assert PAGE.read_text(encoding="utf-8").count(BEGIN) == PAGE.read_text(encoding="utf-8").count(END) == 1


def test_a_machine_without_postgresql_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(servers, "DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(servers.NotHere, match="there is no PostgreSQL"), servers.postgres():
        pass
