"""Where a bound does not hold: the cause, and what was tried. Kept beside the bounds, by row and words of the bound."""

from __future__ import annotations

from collections.abc import Mapping

CAUSES: Mapping[tuple[str, str], str] = {}
