"""The one comment of a change, which every review writes anew, and what it says to the deploy. Knows no HTTP.

Its first line is for machines: the head that was reviewed and the actions that people were shown. Only comments of our
own author are read or edited, so that nobody can plant one.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.forge import Comment, Forge, MergedChanges
from pipeline.reports import Action, Report, actions_of, as_json

MARK = "<!-- psaas-review head="
_LINE = re.compile(r"<!-- psaas-review head=(?P<head>[0-9a-f]{40,64}) actions=(?P<actions>[A-Za-z0-9_=-]*) -->")
LIMIT = 65_000  # characters; GitHub takes 65,536
MOST_FOR_MACHINES = 24_000
MOST_UNPACKED = 4_000_000
CUT = "\n\n**The report is cut here.** The whole of it is in the job's summary."


@dataclass(frozen=True)
class Shown:
    """What a comment showed to people: the head commit, and the actions of each stack."""

    head: str
    actions: Mapping[str, frozenset[Action]]


def body(markdown: str, reports: Mapping[str, Report], *, head: str) -> str:
    """The comment's text, never longer than the forge takes."""
    packed = _packed({name: as_json(report.actions) for name, report in reports.items()})
    if len(packed) > MOST_FOR_MACHINES:
        packed = ""  # a deploy then asks for a person
    first = f"{MARK}{head} actions={packed} -->\n"
    room = LIMIT - len(first)
    if len(markdown) > room:
        kept = markdown[: room - len(CUT) - 200].rpartition("\n")[0]
        markdown = kept + _closed(kept) + CUT
    return first + markdown


def shown(text: str) -> Shown | None:
    """What a comment of ours says to machines; None if it says nothing."""
    match = _LINE.match(text)
    if not match:
        return None
    if not match["actions"]:
        return Shown(match["head"], {})
    try:
        unpack = zlib.decompressobj()
        raw = unpack.decompress(base64.urlsafe_b64decode(match["actions"]), MOST_UNPACKED)
        if not unpack.eof:
            return None
        document = json.loads(raw)
        return Shown(match["head"], {str(stack): actions_of(actions) for stack, actions in document.items()})
    except (ValueError, AttributeError, zlib.error):
        return None


def write(forge: Forge, number: int, text: str) -> bool:
    """Put the text in place of our comment, or under the change if there is none yet; whether there was one."""
    found = _ours(forge, number)
    if found is None or found.body != text:
        forge.write_comment(number, text, over=found.id if found else None)
    return found is not None


def is_there(forge: Forge, number: int) -> bool:
    return _ours(forge, number) is not None


def shown_on(forge: MergedChanges, number: int) -> Shown | None:
    """What our comment on a change showed last."""
    found = _ours(forge, number)
    return shown(found.body) if found else None


def _ours(forge: MergedChanges, number: int) -> Comment | None:
    return next((c for c in forge.comments(number) if c.own and c.body.startswith(MARK)), None)


def _packed(document: object) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()


def _closed(kept: str) -> str:
    """Ends for what is still open at a cut, so that the words after it can be seen."""
    fence = "\n```" if kept.count("\n```") % 2 else ""
    return fence + "\n</details>" * max(0, kept.count("<details") - kept.count("</details>"))
