"""The HTML report as a real browser shows it. Chromium where there is one; served on loopback, to itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
SECONDS = 60
# A page around the report, of the width of a telephone, that says how wide the report would like to be.
_MEASURE = """<!doctype html><title>measure</title><iframe src="report.html" style="width:{width}px;height:800px"
onload="const d = this.contentDocument.documentElement; document.title = d.scrollWidth + '/' + d.clientWidth;">
</iframe>"""


# A page around another one that uses it as a person would, and tells what it saw then.
_PLAY = """<!doctype html><title></title><iframe src="report.html" style="width:{width}px;height:800px"
onload="document.title = JSON.stringify(play(this.contentDocument, this.contentWindow));">
</iframe><script>function play(page, view) {{ {script} }}</script>"""


def find() -> str | None:
    """The browser's command, or None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def screenshot(browser: str, report: Path, picture: Path, *, width: int, height: int, dark: bool = False) -> None:
    """A picture of the top of a report."""
    size = [f"--screenshot={picture}", f"--window-size={width},{height}"]
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    _run(browser, picture.parent, *size, *scheme, report.as_uri())


def overflow(browser: str, report: Path, folder: Path, *, width: int) -> tuple[int, int]:
    """How wide a report is, and how wide its window, in pixels. Equal unless it has to be moved sideways."""
    (folder / "report.html").write_bytes(report.read_bytes())
    (folder / "measure.html").write_text(_MEASURE.format(width=width), encoding="utf-8")
    with _served(folder) as address:
        page = _run(browser, folder, "--dump-dom", "--virtual-time-budget=4000", f"{address}/measure.html")
    wanted, _, had = unescape(page).partition("<title>")[2].partition("</title>")[0].partition("/")
    return int(wanted), int(had)


def played(browser: str, page: Path, folder: Path, script: str, *, width: int) -> Any:
    """What a script returns that uses a page of such a width; it has `page`, the document, and `view`, its window."""
    (folder / "report.html").write_bytes(page.read_bytes())
    (folder / "play.html").write_text(_PLAY.format(width=width, script=script), encoding="utf-8")
    with _served(folder) as address:
        shown = _run(browser, folder, "--dump-dom", "--virtual-time-budget=4000", f"{address}/play.html")
    return json.loads(unescape(shown.partition("<title>")[2].partition("</title>")[0]))


def _run(browser: str, folder: Path, *options: str) -> str:
    home = f"--user-data-dir={folder / 'browser'}"
    ran = subprocess.run(
        [browser, *OPTIONS, home, *options], capture_output=True, text=True, timeout=SECONDS, check=True
    )
    return ran.stdout


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
