"""`psaas validate`: every mistake of stack files, included files and the rules' settings, without engine or network."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from psaas.arguments import Json
from psaas.exits import DONE, LOOK
from psaas.output import Output

Files = Annotated[
    list[Path] | None, typer.Argument(metavar="[FILES]...", help="Stack files or included files; default: all of them.")
]


def register(app: typer.Typer) -> None:
    app.command("validate")(validate)


def validate(files: Files = None, as_json: Json = False) -> int:
    """Find every mistake of stack files and of the files that they include, with file and line, in about a second.

    Needs no engine, no network and no secret: encrypted values stay closed. stacks/policy.json is looked at too.

    **Examples**

    ```
    psaas validate
    psaas validate stacks/Pulumi.prod.yaml
    psaas validate --json | jq -r '.mistakes[]'
    ```

    Exit status: 0 all are in order, 1 there are mistakes.
    """
    from psaas_resources import validation

    out = Output(as_json=as_json)
    found = validation.of_folder(Path(), files or [])
    rules_line, rules_mistakes = ("", ()) if files else _rules(Path())
    fine, mistakes = [*found.fine, *filter(None, [rules_line])], [*found.mistakes, *rules_mistakes]
    out.document({"fine": fine, "mistakes": mistakes, "warnings": found.warnings})
    for line in fine:
        out.line(line)
    for warning in found.warnings:
        out.warning(warning)
    for mistake in mistakes:
        out.say(mistake)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for mark in validation.marks(found):
            out.line(mark)
    if found.nothing:
        out.error(validation.nothing_below(Path()))
    return DONE if found.good and not rules_mistakes else LOOK


def _rules(root: Path) -> tuple[str, tuple[str, ...]]:
    """A line about stacks/policy.json where there is one, or what is wrong with it."""
    from policy import SettingsError
    from review import rule_file

    try:
        return (rule_file.told(root), ()) if rule_file.is_there(root) else ("", ())
    except SettingsError as error:
        return "", tuple(error.problems)
