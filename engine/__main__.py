"""`python -m engine`: gets an engine if need be, and prints the folder to put on PATH, then the version.

All talk is on stderr, so that a script can read stdout. Exit status: 0 an engine is there, 1 there is none and none
could be had, 2 wrong use, 130 interrupted.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from typing import TextIO

from engine.errors import NoEngineError
from engine.progress import at_most_every
from engine.routes import ROUTES, obtain


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m engine", description="Finds, installs or builds `pulumi`.")
    parser.add_argument("--no-path", action="store_true", help="leave out a `pulumi` that is on PATH")
    parser.add_argument(
        "--routes", type=_routes, default=ROUTES, help=f"which ways to try, of {','.join(ROUTES)} (default: all)"
    )
    options = parser.parse_args(arguments)
    routes = [route for route in options.routes if not (options.no_path and route == "path")]
    signal.signal(signal.SIGTERM, _interrupt)
    terminal = Terminal(sys.stderr)
    try:
        engine = obtain(terminal.report, terminal.progress(), routes)
    except NoEngineError as error:
        terminal.clear()
        print(f"engine: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        terminal.clear()
        print("engine: interrupted; what was half made is removed", file=sys.stderr)
        return 130
    print(engine.bin_folder)
    print(engine.version)
    return 0


def _routes(text: str) -> list[str]:
    routes = [route.strip() for route in text.split(",") if route.strip()]
    unknown = [route for route in routes if route not in ROUTES]
    if unknown or not routes:
        raise argparse.ArgumentTypeError(f"unknown route {', '.join(unknown)!r}; the routes are {', '.join(ROUTES)}")
    return routes


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


class Terminal:
    """Steps as lines; progress as one line that is written over, where there is a terminal to do that on."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.can_write_over = stream.isatty()

    def report(self, text: str) -> None:
        self.clear()
        print(f"engine: {text}", file=self.stream, flush=True)

    def progress(self) -> Callable[[str], None] | None:
        """None where lines stay: then the steps carry a line every 15 seconds."""
        return at_most_every(0.3, self._write_over) if self.can_write_over else None

    def clear(self) -> None:
        if self.can_write_over:
            print("\r\x1b[K", end="", file=self.stream, flush=True)

    def _write_over(self, text: str) -> None:
        print(f"\r\x1b[Kengine: {text}", end="", file=self.stream, flush=True)


if __name__ == "__main__":
    sys.exit(main())
