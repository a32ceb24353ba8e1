"""`psaas doctor`: what stands between this machine and an update, each thing with the way to mend it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from psaas.arguments import Json, Stack
from psaas.exits import DONE, LOOK
from psaas.output import Output
from psaas_resources.errors import ConfigError

if TYPE_CHECKING:
    from psaas.doctor import Finding

STYLES = {"pass": "green", "warn": "yellow", "fail": "bold red", "skip": "dim"}
WIDTHS = (4, 15)
Report = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", help="Write an answer sheet without names or secrets there.")
]


def register(app: typer.Typer) -> None:
    app.command("doctor")(doctor)


def doctor(stack: Stack, report: Report = None, as_json: Json = False) -> int:
    """Look at everything that an update of a stack needs, on this machine and on the appliance, and say how to mend it.

    Stack file, settings, DNS, connection, certificate, clock, token, audience, scopes, optional calls, rate limits,
    escrow, the teams' sink, engine, backend, state. Nothing on the appliance or in the sink is changed; one entry is
    written to the escrow and removed. A check that fails doesn't stop those that don't need it.

    --report writes what was found as facts for a bug report: no host, tenant, owner or secret is in it. With --json it
    is JSON, else Markdown.

    **Examples**

    ```
    psaas doctor --stack prod
    psaas doctor --stack prod --report answers.md
    psaas doctor --stack prod --json | jq '.findings[] | select(.status == "fail")'
    ```

    Exit status: 0 nothing failed (warnings may be there), 1 a check failed.
    """
    from psaas.doctor import Subject, examine

    out = Output(as_json=as_json)
    found = []
    for finding in examine(Subject(stack, Path(), dict(os.environ))):
        found.append(finding)
        _tell(out, finding)
    counts = Counter[str](finding.status for finding in found)
    listed = [{"name": one.name, "status": one.status, "message": one.message, "mend": one.mend} for one in found]
    out.document({"stack": stack, "findings": listed, "counts": {status: counts[status] for status in STYLES}})
    words = {"pass": "fine", "warn": "to know", "fail": "to mend", "skip": "not looked at"}
    out.line("\n" + ", ".join(f"{counts[status]} {word}" for status, word in words.items() if counts[status]))
    if report:
        _write(report, found, as_json=as_json)
        out.say(f"wrote {report}; read it before you attach it to a bug report")
    return LOOK if counts["fail"] else DONE


def _tell(out: Output, finding: Finding) -> None:
    quiet = "dim" if finding.status == "skip" else ""
    out.row(finding.status, finding.name, finding.message, widths=WIDTHS, styles=[STYLES[finding.status], quiet, quiet])
    if finding.mend:
        out.row("", "", f"-> {finding.mend}", widths=WIDTHS, styles=["", "", "italic"])


def _write(report: Path, found: Sequence[Finding], *, as_json: bool) -> None:
    from psaas.doctor import sheet
    from psaas.version import version

    text = (sheet.as_json if as_json else sheet.as_markdown)(found, version=version())
    try:
        report.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{report} can't be written: {error.strerror}") from None
