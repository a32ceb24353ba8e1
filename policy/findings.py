"""What judging ends with. Pure data."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from .wording import quoted

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

    def concerns(self, names: Collection[str]) -> bool:
        """Whether it is told of one of these, or of the whole stack, or quotes one beside the one it is told of."""
        return not self.subject or self.subject in names or any(quoted(name) in self.message for name in names)
