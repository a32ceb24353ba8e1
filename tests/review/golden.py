"""The expected reports below tests/golden/review. To write them anew: `.venv/bin/python -m tests.review.golden`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from review import as_json, markdown, page
from review.model import Review
from tests.review.changes import reports

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "review"
PAGES = ("owners-and-labels", "several-stacks")
PRINTERS: Mapping[str, Callable[[Sequence[Review]], str]] = {
    "md": markdown.render,
    "json": as_json.render,
    "html": page.render,
}


def expected() -> dict[str, str]:
    """The name of each file, and what it should hold."""
    return {
        f"{name}.{kind}": printer(reviews)
        for name, reviews in reports().items()
        for kind, printer in PRINTERS.items()
        if kind == "md" or name in PAGES
    }


def write() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in FOLDER.iterdir():
        file.unlink()
    for name, text in expected().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
