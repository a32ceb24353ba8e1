"""Where a bound does not hold: the cause, and what was tried. Kept beside the bounds, by row and words of the bound."""

from __future__ import annotations

from collections.abc import Mapping

CAUSES: Mapping[tuple[str, str], str] = {
    ("naive", "`up` of 500 new tenants"): (
        "1/8 was set for 1,000 tenants. What is slow in the naive one grows with the square of their number (the state "
        "is written anew for each), so at 500 it is about half as much for each tenant; 1,000 take more minutes "
        "than a benchmark should."
    ),
    ("scripts", "200 tenants at 50 ms, without the CLI's start"): (
        "the likely one, by arithmetic and not by a profile: the script keeps no state and registers nothing. The "
        "floor's own rows at 100 and 300 tenants show what the engine takes for 200 beyond its start, which is most of "
        "what the bound allows. Many creations at once, one token and kept connections are in force already; nothing "
        "further was tried."
    ),
}
