"""`psaas rotate`: markers of credentials that have become old, into stack files, a wave at a time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from psaas.arguments import Json, Stack
from psaas.exits import DONE, LOOK
from psaas.output import Output

if TYPE_CHECKING:
    from psaas_resources.rotating import Plan

OlderThan = Annotated[str, typer.Option("--older-than", metavar="AGE", help="As 90d, 12w or 36h.")]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind", metavar="KIND", help="tenant (its own credential), client (its team's application) or "
        "application (the provisioning application); repeatable. Default: all of them.",
    ),
]  # fmt: skip
Waves = Annotated[
    int | None, typer.Option("--waves", metavar="N", min=1, help="Mark at most an N-th of all, the oldest first.")
]
AtMost = Annotated[
    int | None, typer.Option("--at-most", metavar="N", min=1, help="Mark at most N credentials, the oldest first.")
]
Inventory = Annotated[
    Path | None,
    typer.Option(
        "--inventory", metavar="FOLDER", help="Take ages from published inventories, and open no state.", exists=True
    ),
]
Write = Annotated[bool, typer.Option("--write", help="Write the markers; without it only the difference is shown.")]


def register(app: typer.Typer) -> None:
    app.command("rotate")(rotate)


def rotate(
    stack: Stack, older_than: OlderThan, kind: Kinds = None, waves: Waves = None, at_most: AtMost = None,
    inventory: Inventory = None, write: Write = False, as_json: Json = False,
) -> int:  # fmt: skip
    """Mark credentials that are older than an age for rotation, in the stack files, for a pull request.

    Nothing is rotated here: the difference is shown, or written with --write, and the update that follows its review
    rotates. Only markers change; comments, order and quotes stay. Ages come from the state, or from a published
    inventory.

    **Examples**

    ```
    psaas rotate --stack prod --older-than 90d
    psaas rotate --stack prod --older-than 90d --kind client --waves 4 --write
    psaas rotate --stack prod --older-than 12w --at-most 20 --inventory inventories/
    ```

    Exit status: 0 done, or nothing is due; 1 there are some whose age isn't known.
    """
    from psaas_resources import rotating
    from psaas_resources.rotating import choice

    if waves and at_most:
        raise typer.BadParameter("say either --waves or --at-most")
    if wrong := [one for one in kind or () if one not in rotating.KINDS]:
        raise typer.BadParameter(f'"{wrong[0]}" is not one of {", ".join(rotating.KINDS)}', param_hint="--kind")
    out, now = Output(as_json=as_json), datetime.now(UTC)
    kinds: Any = tuple(kind or rotating.KINDS)
    age = choice.age(older_than)
    plan = rotating.plan(
        rotating.Request(stack, age, _ages(stack, inventory), now, kinds, waves=waves or 0, at_most=at_most or 0)
    )  # fmt: skip
    if write:
        plan.write()
    out.document(_document(plan, now, written=write))
    _tell(plan, out, now, older_than=older_than, written=write)
    return LOOK if plan.choice.unknown else DONE


def _ages(stack: str, folder: Path | None) -> Any:
    """The checked inventory of a stack: the published one, or that of its state."""
    from psaas_resources.errors import ConfigError
    from review.fleet import sources

    [found] = sources.read(sources.Wanted(Path(), (stack,), states=folder is None, inventories=folder))
    if found.state is None:
        why = "; ".join(found.gaps) or "there is none"
        raise ConfigError(f"how old the credentials of {stack} are can't be told: {why}")
    return found.state


def _document(plan: Plan, now: datetime, *, written: bool) -> dict[str, Any]:
    def row(one: Any) -> dict[str, Any]:
        return {"kind": one.kind, "tenant": one.tenant, "days": one.days(now), "atLeast": one.at_least}

    return {
        "marked": [row(one) | {"marker": marker} for one, marker in plan.new_markers.items()],
        "later": [row(one) for one in plan.choice.later],
        "pending": [row(one) for one in plan.choice.pending],
        "unknown": [row(one) for one in plan.choice.unknown],
        "young": plan.choice.young,
        "diff": plan.diff,
        "written": written,
    }


def _tell(plan: Plan, out: Output, now: datetime, *, older_than: str, written: bool) -> None:
    for line in plan.diff.splitlines() if not written else ():
        out.line(line)
    for one in plan.new_markers:
        least = "at least " if one.at_least else ""
        out.say(f"{'marked' if written else 'would mark'} {one}: {least}{one.days(now)} days old")
    for one in plan.choice.pending:
        out.say(f"{one} is marked already; an update rotates it")
    for one in plan.choice.unknown:
        out.warning(f"{one} is not marked: its age isn't known; set its marker by hand once")
    marked, later = len(plan.new_markers), len(plan.choice.later)
    told = f"{marked} of {marked + later} older than {older_than} {'are' if written else 'would be'} marked"
    out.say(f"{told}; {later} wait for another wave, {plan.choice.young} are younger")
    if written and marked:
        out.say(f"wrote {', '.join(plan.after)}; review and merge it, then update: that rotates them")
    elif marked:
        out.say("nothing was written; --write does")
