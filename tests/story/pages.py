"""Where the story's expected reports lie, and the page of the documentation that shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.engine.stack import ROOT
from tests.story.scenes import Scene

FOLDER = ROOT / "tests" / "golden" / "story"
PAGE = ROOT / "docs" / "gitops.md"
PICTURE = ROOT / "docs" / "images" / "review.png"
SHOWN_AS_HTML = "retirement"  # the scene of which the picture is
_REPORT = re.compile(r"(<!-- report: (?P<name>[a-z-]+) -->\n)(?P<text>.*?)(<!-- end of report -->)", re.DOTALL)


def expected(scenes: Mapping[str, Scene]) -> dict[str, str]:
    """The name of each file, and what it should hold."""
    reports = {f"{name}.md": scene.markdown for name, scene in scenes.items()}
    return reports | {f"{SHOWN_AS_HTML}.html": scenes[SHOWN_AS_HTML].html}


def on_disk() -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(FOLDER.iterdir())}


def shown() -> dict[str, str]:
    """The reports that the page shows, by scene."""
    return {found["name"]: found["text"] for found in _REPORT.finditer(PAGE.read_text(encoding="utf-8"))}


def in_page(report: str) -> str:
    """A report as it stands in the page: without the comments that find it again under a pull request."""
    return re.sub(r"<!-- psaas-review: .*? -->\n", "", report).strip() + "\n"


def write(scenes: Mapping[str, Scene]) -> None:
    """Write reports and page anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in FOLDER.iterdir():
        file.unlink()
    for name, text in expected(scenes).items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(
        _REPORT.sub(lambda found: f"{found[1]}{in_page(scenes[found['name']].markdown)}{found[4]}", page),
        encoding="utf-8",
    )
