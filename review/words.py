"""What the engine says, made fit for people: one line or a few, no tracebacks, nothing that moves a cursor. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

LONGEST = 800
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|<\{%.*?%\}>")
_CHECK = re.compile(r"resource '(?P<name>[^']*)': property (?P<key>\S+) value \{.*?\} has a problem: ", re.DOTALL)
_MISTAKES = re.compile(r"(?:one mistake|\d+ mistakes) in the configuration:\n")
_ECHOES = (
    "an unhandled error occurred: the program exited", "preview failed", "update failed", "refresh failed",
    "one or more ", "one mistake in the policy",
)  # fmt: skip
_PREFIX = re.compile(r"^(?:(?:error|warning|Preview failed): )+")


def one_line(text: str, most: int = LONGEST) -> str:
    """A stranger's text as one line that can't move a cursor or forge another line."""
    flat = "".join(c if c.isprintable() else " " for c in _ANSI.sub("", text[: most * 4]))
    flat = " ".join(flat.split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"


def lines(message: str) -> tuple[str, ...]:
    """What a message of the engine tells: a line a mistake for the program's own list, else one line, or none."""
    message = _ANSI.sub("", message).strip()
    found = _MISTAKES.search(message)
    if found:
        return tuple(one_line(line) for line in message[found.end() :].splitlines() if line.strip())
    if "Traceback (most recent call last)" in message:
        message = _last_of_traceback(message)
    if check := _CHECK.search(message):
        message = f"{check['key']}: {message[check.end() :]}"
    line = one_line(_PREFIX.sub("", message))
    return () if not line or line.startswith(_ECHOES) else (line,)


def _last_of_traceback(message: str) -> str:
    """The exception's own words, which come after the last indented line."""
    told = message.rpartition("Traceback (most recent call last)")[2].splitlines()
    frames = [number for number, line in enumerate(told) if line.startswith("  ")]
    rest = [line for line in told[(frames[-1] + 1 if frames else 1) :] if line.strip()]
    return f"the program failed: {rest[0] if rest else 'it told no reason'}"


def state(text: str) -> dict[str, Any]:
    """An exported state."""
    document = json.loads(text)
    return document if isinstance(document, dict) else {}
