"""Lists of the Management API, page by page. Knows every paging that a release may have; knows no noun.

An appliance may give fewer things a page than it is asked for. So a short page is the last one only where the list
says so, by its total or by having no next checkpoint; a bare array says nothing, and is asked for its next page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import answers
from .errors import AnswerUnusable
from .transport import Answer

PAGE = 100
MOST_PAGES = 10_000


def pages(get: Callable[..., Answer], path: str, noun: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every thing of a list, once, whatever shape and paging the appliance's release has.

    Raises AnswerUnusable where the list does not end, or ends before its own total.
    """
    seen: set[str] = set()
    followed: set[str] = set()
    following = ""
    for page in range(MOST_PAGES):
        numbered = {"page": page, "per_page": PAGE, "include_totals": "true"}
        paging = {"take": PAGE, "from": following} if following else numbered
        document = answers.check(get("GET", path, query={**query, **paging}), f"list {noun}").json()
        rows = answers.items(document, noun)
        new = {str(row.get("id") or row.get("client_id") or row.get("name")): row for row in rows}
        yield from (row for identity, row in new.items() if identity not in seen)
        grew = not seen.issuperset(new)
        seen |= set(new)
        following = str(document.get("next") or "") if isinstance(document, dict) else ""
        if following and following not in followed:
            followed.add(following)
        elif not following and (followed or _is_the_last(document, rows, grew=grew, seen=len(seen))):
            return
        elif following or not grew:
            break
    raise AnswerUnusable(f"the appliance's list of {noun} repeats itself instead of ending; nothing follows from it")


def _is_the_last(document: Any, rows: list[dict[str, Any]], *, grew: bool, seen: int) -> bool:
    """Whether a numbered page ends its list."""
    total = document.get("total") if isinstance(document, dict) else None
    if isinstance(total, int):
        return seen >= total
    if isinstance(document, dict):
        return len(rows) < PAGE  # a page of checkpoints, without a next one
    return not rows or (not grew and len(rows) != PAGE)  # what ignores our paging gives the same again
