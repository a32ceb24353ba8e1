"""What judging ends with. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["mandatory", "advisory", "disabled"]


@dataclass(frozen=True)
class Finding:
    """A rule that isn't kept. `subject` is the tenant or grant, "" for the whole stack.

    `mend` says how it is mended. `waived_by` names who approved the waiver in force, and `waived_until` its last day
    (ISO 8601): such a finding stops nothing, and is shown all the same. `message` is one line, whatever it quotes.
    """

    rule: str
    level: Literal["mandatory", "advisory"]
    subject: str
    message: str
    mend: str = ""
    waived_by: str = ""
    waived_until: str = ""
