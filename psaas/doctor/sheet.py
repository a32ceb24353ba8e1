"""The redacted answer sheet: what a stranger's installation is like, for a bug report.

It is made of facts alone: numbers, yes and no, words of this program. No message is in it, so no host, no tenant, no
owner, no client ID and no secret can be; what is left to tell by hand is asked for.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from typing import Any

from . import questions
from .finding import Fact, Finding


def document(findings: Sequence[Finding], *, version: str) -> dict[str, Any]:
    """The sheet as data."""
    facts = {finding.name: dict(finding.facts) for finding in findings}
    return {
        "made_by": {
            "psaas": version, "python": platform.python_version(), "system": platform.system(),
        },
        "checks": [{"name": one.name, "status": one.status, "facts": facts[one.name]} for one in findings],
        "questions": [
            {
                "number": one.number, "question": one.text,
                "seen": {check: facts[check] for check in one.checks if facts.get(check)},
                "setting": one.setting, "by_hand": one.by_hand,
            }
            for one in questions.ALL
        ],
    }  # fmt: skip


def as_json(findings: Sequence[Finding], *, version: str) -> str:
    return json.dumps(document(findings, version=version), indent=2, ensure_ascii=False) + "\n"


def as_markdown(findings: Sequence[Finding], *, version: str) -> str:
    """The sheet for an issue, with blanks to fill in."""
    sheet = document(findings, version=version)
    made = sheet["made_by"]
    lines = [
        "# Answer sheet of `psaas doctor`",
        "",
        f"psaas {made['psaas']}, Python {made['python']}, {made['system']}. "
        "No host, tenant, owner, client ID or secret is in here; read it before you attach it.",
        "",
        "## What was looked at",
        "",
        "| Check | Result | Facts |",
        "| --- | --- | --- |",
        *(f"| {one['name']} | {one['status']} | {_told(one['facts'])} |" for one in sheet["checks"]),
        "",
        "## Questions that only a real installation answers",
    ]
    for one in sheet["questions"]:
        seen = [f"- {check}: {_told(facts)}" for check, facts in one["seen"].items()] or ["- nothing was seen here"]
        asked = [f"- by hand ({one['by_hand']}): …"] if one["by_hand"] else []
        lines += ["", f"### {one['number']}. {one['question']}", "", *seen, *asked, f"- setting: {one['setting']}"]
    return "\n".join(lines) + "\n"


def _told(facts: Mapping[str, Fact]) -> str:
    return "; ".join(f"{name.replace('_', ' ')}: {_word(value)}" for name, value in facts.items()) or "none"


def _word(value: Fact) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
