"""Where a bound does not hold: the cause, and what was tried. Kept beside the bounds, by row and words of the bound."""

from __future__ import annotations

from collections.abc import Mapping

CAUSES: Mapping[tuple[str, str], str] = {
    ("thousand", "requests to make 1,000, beyond POSTs, tokens and the grant"): (
        "the appliance's signing keys, asked once a run. They say which installation it is; a stack that knows another "
        "one makes no tenant. That is worth a request."
    ),
}
