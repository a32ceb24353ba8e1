"""`psaas review …` and `psaas drift`: what a change would do, and what is different on the appliance, judged."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from psaas.arguments import Json, Stack, stack_names
from psaas.exits import DONE, FORBIDDEN
from psaas.output import Output

if TYPE_CHECKING:
    from review.asked import Reviews

Markdown = Annotated[Path | None, typer.Option("--markdown", metavar="FILE", help="Write the Markdown report there.")]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the report as one page there.")]
Approved = Annotated[str, typer.Option("--approved-by", metavar="NAMES", help="Who approved it, apart by commas.")]
Base = Annotated[str, typer.Option("--base", metavar="REV", help="The revision that the change goes into.")]
Head = Annotated[str, typer.Option("--head", metavar="REV", help="The revision that brings the change.")]
Only = Annotated[
    str, typer.Option("--stack", metavar="NAME", help="This stack alone, changed or not.", autocompletion=stack_names)
]
Folder = Annotated[
    Path | None, typer.Option("--inventory", metavar="FOLDER", help="Published inventories, STACK.json each.")
]
File = Annotated[Path, typer.Option("--output", metavar="FILE", help="Where to write it.")]
Pace = Annotated[float | None, typer.Option("--seconds-per-tenant", metavar="N", help="As the deploy has measured.")]
Report = Annotated[Path, typer.Argument(metavar="REPORT.json", help="A report, as --json gives it.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="What a change of tenants would do, judged.")
    for name, command in (
        ("preview", preview), ("files", files), ("inventory", inventory), ("same", same), ("rules", rules),
    ):  # fmt: skip
        group.command(name)(command)
    app.add_typer(group, name="review")
    app.command("drift")(drift)


def preview(
    stack: Stack, approved_by: Approved = "", markdown: Markdown = None, html: Html = None, as_json: Json = False
) -> int:
    """Show what the next `pulumi up` would do, by the engine's own preview, with verdict and reasons.

    Needs the state (its backend and passphrase), and no credential of the appliance.

    **Examples**

    ```
    psaas review preview --stack prod
    psaas review preview --stack prod --html review.html --json > review.json
    ```

    Exit status: 0 fine, 1 a person must decide, 2 forbidden or broken.
    """
    from review import asked

    out = Output(as_json=as_json)
    if not asked.has_rules():
        out.warning("there is no folder policy/ here, so the rules are not judged by; a clone of this project has it")

    def ask() -> Reviews:
        return asked.of_preview(stack, approved_by=asked.approvers(approved_by))

    return _report(out, ask, markdown, html)


def files(
    base: Base, head: Head, stack: Only = "", inventories: Folder = None, approved_by: Approved = "",
    markdown: Markdown = None, html: Html = None, as_json: Json = False,
) -> int:  # fmt: skip
    """Review the stack files of two Git revisions against each other: no engine, no state, no secret.

    **Examples**

    ```
    psaas review files --base main --head HEAD
    psaas review files --base origin/main --head my-branch --stack prod --markdown comment.md
    ```

    Exit status: 0 fine, 1 a person must decide, 2 forbidden or broken; of several stacks the highest counts.
    """
    from review import asked

    def ask() -> Reviews:
        names = asked.approvers(approved_by)
        return asked.of_files(base, head, stack=stack, inventories=inventories, approved_by=names)

    return _report(Output(as_json=as_json), ask, markdown, html)


def inventory(stack: Stack, output: File, seconds_per_tenant: Pace = None, as_json: Json = False) -> int:
    """Write what a deploy publishes of the state, without secrets, for reviews that must not see the state.

    **Example**

    ```
    psaas review inventory --stack prod --output inventory/prod.json
    ```

    Exit status: 0 it is written, 2 broken. Nothing is judged.
    """
    from review import asked

    out = Output(as_json=as_json)

    def ask() -> int:
        asked.write(output, asked.inventory(stack, seconds_per_tenant=seconds_per_tenant))
        out.document({"wrote": str(output)})
        out.line(f"wrote {output}")
        return DONE

    return _told(out, ask)


def same(approved: Report, current: Report, as_json: Json = False) -> int:
    """Tell whether two JSON reports would do the same: the one that was approved, and the one of right now.

    **Example**

    ```
    psaas review same approved.json current.json && pulumi up --yes
    ```

    Exit status: 0 they would, 2 they would not, with what differs.
    """
    from review import asked

    out = Output(as_json=as_json)

    def ask() -> int:
        found = asked.differences(approved, current)
        out.document({"same": not found, "differences": found})
        for line in found:
            out.line(line)
        return FORBIDDEN if found else DONE

    return _told(out, ask)


def rules(as_json: Json = False) -> int:
    """Look whether stacks/policy.json, the settings of the rules, is in order.

    **Example**

    ```
    psaas review rules
    ```

    Exit status: 0 it is, 2 it isn't.
    """
    from review import asked

    out = Output(as_json=as_json)

    def ask() -> int:
        told = asked.rules()
        out.document({"rules": told})
        out.line(told)
        return DONE

    return _told(out, ask)


def drift(stack: Stack, markdown: Markdown = None, html: Html = None, as_json: Json = False) -> int:
    """Look whether the appliance is what the state says, and judge what is different. Changes nothing anywhere.

    Needs what an update needs: the state, and the credentials of the appliance. `pulumi up --refresh` mends what it
    finds.

    **Examples**

    ```
    psaas drift --stack prod
    psaas drift --stack prod --json | jq -r '.reviews[].verdict.word'
    ```

    Exit status: 0 no drift, 1 a person must decide, 2 forbidden or broken.
    """
    from review import asked

    return _report(Output(as_json=as_json), lambda: asked.of_drift(stack), markdown, html)


def _report(out: Output, ask: Callable[[], Reviews], markdown_file: Path | None, html: Path | None) -> int:
    """The report where it was asked for; the exit status is the highest verdict."""
    from rich.markdown import Markdown as Rendered

    from review import as_json, asked, markdown, page, verdict

    def write() -> int:
        reviews = ask()
        text = markdown.render(reviews)
        if markdown_file:
            asked.write(markdown_file, text)
        if html:
            asked.write(html, page.render(reviews))
        if out.as_json:
            out.text(as_json.render(reviews))
        elif not markdown_file:
            out.rendered(Rendered(_for_terminals(text)), text)
        return verdict.highest(reviews)

    return _told(out, write)


def _told(out: Output, ask: Callable[[], int]) -> int:
    from review.asked import Broken

    try:
        return ask()
    except Broken as error:
        out.error(str(error))
        return FORBIDDEN


def _for_terminals(text: str) -> str:
    """The report without the HTML that forges understand: marks for machines go, folded parts stand open."""
    text = re.sub(r"<!--.*?-->\n?", "", text)
    text = re.sub(r"<details><summary><b>(.*?)</b>(.*?)</summary>", r"#### \1\2", text)
    return text.replace("</details>", "")
