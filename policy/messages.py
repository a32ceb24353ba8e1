"""A finding as the text of a policy event, and back. The engine hands on policy, level, text and resource only."""

from __future__ import annotations

from typing import Literal

from .findings import Finding
from .rules import BY_NAME
from .wording import printable

ADVICE = "advice"  # the policy that tells what stops nothing: waived violations, and warnings of mandatory rules
_STACK = "the stack"
_MEND = "To mend it: "
_WAIVED = "Waived by "
_UNTIL = ", until "


def write(finding: Finding, *, policy: str) -> str:
    """Lines, each of which begins with our words."""
    rule = f"{finding.rule}: " if policy != finding.rule else ""
    subject = printable(finding.subject).replace(": ", " ") or _STACK
    lines = [f"{rule}{subject}: {finding.message}", f"{_MEND}{finding.mend}"]
    if finding.waived_by:
        lines.append(f"{_WAIVED}{finding.waived_by}{_UNTIL}{finding.waived_until}")
    return "\n".join(lines)


def read(policy: str, level: Literal["mandatory", "advisory"], text: str) -> Finding | None:
    """The finding in a policy event's text, as the engine shows it: after the policy's description.

    None if it is not one of ours. The level is the event's; of a waived violation, it isn't known any more.
    """
    lines = [line.strip() for line in text.strip().splitlines()]
    at = next((i for i, line in enumerate(lines) if line.startswith(_MEND)), 0)
    if at == 0:
        return None
    said, waived = lines[at - 1], lines[at + 1] if len(lines) > at + 1 else ""
    rule = policy
    if policy == ADVICE:
        rule, _, said = said.partition(": ")
    if rule not in BY_NAME:
        return None
    subject, _, message = said.partition(": ")
    approver, _, until = waived.removeprefix(_WAIVED).rpartition(_UNTIL)
    return Finding(
        rule=rule,
        level=level,
        subject="" if subject == _STACK else subject,
        message=message,
        mend=lines[at].removeprefix(_MEND),
        waived_by=approver if waived.startswith(_WAIVED) else "",
        waived_until=until if waived.startswith(_WAIVED) else "",
    )
