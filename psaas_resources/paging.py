"""Lists of the Management API, page by page. Knows every paging that a release may have; knows no noun."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import answers
from .errors import AnswerUnusable
from .transport import Answer

PAGE = 100
MOST_PAGES = 10_000


def pages(get: Callable[..., Answer], path: str, noun: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every thing of a list, once, whatever shape and paging the appliance's release has."""
    seen: set[str] = set()
    followed = {""}
    page, following = 0, ""
    while page < MOST_PAGES:
        paging = {"take": PAGE, "from": following} if following else {"page": page, "per_page": PAGE}
        document = answers.check(get("GET", path, query={**query, **paging}), f"list {noun}").json()
        rows = answers.items(document, noun)
        new = {str(row.get("id") or row.get("client_id") or row.get("name")): row for row in rows}
        yield from (row for identity, row in new.items() if identity not in seen)
        grew = not seen.issuperset(new)
        seen |= set(new)
        following = str(document.get("next") or "") if isinstance(document, dict) else ""
        page += 1
        if not following and (len(rows) < PAGE or (len(rows) > PAGE and not grew)):
            return
        if following in followed if following else not grew:
            break
        followed.add(following)
    raise AnswerUnusable(f"the appliance's list of {noun} repeats itself instead of ending; nothing follows from it")
