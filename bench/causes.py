"""Where a bound does not hold: the cause, and what was tried. Kept beside the bounds, by row and words of the bound."""

from __future__ import annotations

from collections.abc import Mapping

CAUSES: Mapping[tuple[str, str], str] = {
    ("naive", "`up` of 500 new tenants"): (
        "1/8 was set for 1,000 tenants. What is slow in the naive one grows with the square of their number (the state "
        "is written anew for each), so at 500 it is about half as much for each tenant; 1,000 take more minutes "
        "than a benchmark should."
    ),
}
