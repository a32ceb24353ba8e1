"""The commands of jobs that look at a change before it is merged. They hold no secret of a stack."""

from __future__ import annotations

from pathlib import Path

from pipeline import change, comment, inventory_branch, reports
from pipeline.deploy import files_review
from pipeline.errors import PipelineError
from pipeline.here import Here


def find_change(here: Here) -> int:
    """Find and fetch the change that this job is about."""
    found = change.find(here.job, lambda: here.forge, here.git)
    change.save(here.folder, found)
    here.tell(f"change {found.number}: {found.head[:12]} into {found.base[:12]}")
    return 0


def fetch_inventory(here: Here) -> int:
    """Write the published inventories into a folder."""
    target = Path(here.get("FOLDER") or here.folder.inventories)
    found = inventory_branch.fetch(here.git, target)
    here.tell(f"inventories of {', '.join(found) or 'no stack'} in {target}")
    return 0


def review_change(here: Here) -> int:
    """Review two revisions of the stack files: those of BASE and HEAD, or those of `make change`."""
    by_hand = here.get("BASE") or here.get("HEAD")
    found = _named(here) if by_hand or not here.job.forge else change.load(here.folder)
    approved = here.get("APPROVED_BY") or _approved_by(here, found.number)
    status = files_review(here, found.base, found.merged, stack=here.get("STACK"), approved_by=approved)
    reports.read(here.folder.report("json"))  # a reviewer that broke ends with 1 too, and writes none
    markdown = here.folder.report("md").read_text(encoding="utf-8")
    here.summary(markdown)
    if not here.get("GITHUB_STEP_SUMMARY"):
        here.show(f"{markdown}\n")
    if status:
        words = "a person must decide; see the report" if status == 1 else "forbidden or broken; the report says why"
        kind = "warning" if status == 1 else "error"
        here.show(f"::{kind} title=Review::{words}\n" if here.job.forge == "github" else f"review: {words}\n")
    return status if status == 2 else 0


def _named(here: Here) -> change.Revisions:
    """The two revisions that somebody says by hand; nothing of an earlier review counts then."""
    if not (here.get("BASE") and here.get("HEAD")):
        raise PipelineError("say both revisions: make review-change BASE=main HEAD=my-branch")
    git = here.git
    return change.merge(git, number=0, base=git.commit(here.get("BASE")), head=git.commit(here.get("HEAD")))


def write_comment(here: Here) -> int:
    """Put the report under the change, over our last one."""
    found = change.load(here.folder)
    stacks_differ = change.touches(here.git, found, "stacks")
    if not stacks_differ and not comment.is_there(here.forge, found.number):
        here.tell(f"change {found.number}: it touches no stack, so there is nothing to say")
        return 0
    shown = reports.read(here.folder.report("json"))
    text = comment.body(here.folder.report("md").read_text(encoding="utf-8"), shown, head=found.head)
    there = comment.write(here.forge, found.number, text)
    here.tell(f"change {found.number}: the comment is {'up to date' if there else 'written'}")
    return 0


def approvals(here: Here) -> int:
    """Print who approves of exactly the change's head, as a list for --approved-by."""
    number = here.get("NUMBER") or str(change.load(here.folder).number)
    if not number.isdigit():
        raise PipelineError("NUMBER is no number of a change: say it like make approvals NUMBER=12")
    here.show(",".join(here.forge.approvers(here.forge.change(int(number)))) + "\n")
    return 0


def _approved_by(here: Here, number: int) -> str:
    """Who approves of the change already, where somebody can be asked."""
    if not (number and here.job.forge and here.job.token):
        return ""
    return ",".join(here.forge.approvers(here.forge.change(number)))
