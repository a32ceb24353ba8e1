"""What changes in texts of files, as a unified diff. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping


def unified(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """The difference of each file of `after`; one that was not there before comes from /dev/null."""
    lines: list[str] = []
    for file, text in after.items():
        old = before.get(file)
        names = ("/dev/null" if old is None else f"a/{file}", f"b/{file}")
        lines += difflib.unified_diff((old or "").splitlines(True), text.splitlines(True), *names)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
