"""`python -m review COMMAND`: what a change of tenants would do, for people and machines. Talks to people.

Exit status: 0 fine, 1 needs a person's decision, 2 forbidden or broken (told in the report or on stderr), 64 wrong use.
Of several stacks the highest counts.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from review import as_json, asked, change, markdown, page, verdict
from review.model import Review

FORBIDDEN, WRONG_USE = 2, 64


class Parser(argparse.ArgumentParser):
    """Argparse's own status for wrong use is the verdict "forbidden"."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_USE, f"error: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        return COMMANDS[options.command](options)
    except asked.Broken as error:
        for line in str(error).splitlines():
            print(f"error: {line}", file=sys.stderr)
        return FORBIDDEN


def parser() -> Parser:
    top = Parser(prog="python -m review", description="What a change of tenants would do.")
    commands = top.add_subparsers(dest="command", required=True, parser_class=Parser)
    preview = commands.add_parser("preview", help="by the engine's preview, with the state")
    files = commands.add_parser("files", help="by the stack files of two Git revisions; needs no credentials")
    drift = commands.add_parser("drift", help="what is different on the appliance")
    inventory = commands.add_parser("inventory", help="write what a deploy publishes of the state")
    same = commands.add_parser("same", help="whether two JSON reports would do the same")
    commands.add_parser("rules", help=f"whether {change.POLICY_SETTINGS} is in order")
    for command in (preview, drift, inventory):
        command.add_argument("--stack", required=True, help="the NAME of stacks/Pulumi.NAME.yaml")
    files.add_argument("--base", required=True, metavar="REV", help="the revision that the change goes into")
    files.add_argument("--head", required=True, metavar="REV", help="the revision that brings the change")
    files.add_argument("--stack", default="", help="this stack alone, whether it changes or not")
    files.add_argument("--inventory", type=Path, metavar="FOLDER", help="published inventories, STACK.json each")
    for command in (preview, files):
        command.add_argument("--approved-by", default="", metavar="NAMES", help="who approved it, apart by commas")
    inventory.add_argument("--output", type=Path, required=True, metavar="FILE")
    inventory.add_argument("--seconds-per-tenant", type=float, metavar="N", help="as the deploy has measured")
    same.add_argument("approved", type=Path, metavar="APPROVED.json")
    same.add_argument("current", type=Path, metavar="CURRENT.json")
    for command in (preview, files, drift):
        command.add_argument("--markdown", type=Path, metavar="FILE", help="default: standard output")
        command.add_argument("--json", type=Path, metavar="FILE")
        command.add_argument("--html", type=Path, metavar="FILE")
        command.add_argument("--most-bytes", type=int, default=markdown.MOST_BYTES, help="of the Markdown report")
    return top


def of_files(options: argparse.Namespace) -> int:
    names = asked.approvers(options.approved_by)
    found = asked.of_files(
        options.base, options.head, stack=options.stack, inventories=options.inventory, approved_by=names
    )
    return _report(options, found)


def of_preview(options: argparse.Namespace) -> int:
    return _report(options, asked.of_preview(options.stack, approved_by=asked.approvers(options.approved_by)))


def of_drift(options: argparse.Namespace) -> int:
    return _report(options, asked.of_drift(options.stack))


def write_inventory(options: argparse.Namespace) -> int:
    """Nothing is judged: 0 if it is written."""
    asked.write(options.output, asked.inventory(options.stack, seconds_per_tenant=options.seconds_per_tenant))
    return 0


def same(options: argparse.Namespace) -> int:
    """0 if both reports would do the same; 2 otherwise, with what differs."""
    found = asked.differences(options.approved, options.current)
    for line in found:
        print(line)
    return FORBIDDEN if found else 0


def of_rules(_: argparse.Namespace) -> int:
    """Settings of rules that a review would stumble over."""
    print(asked.rules())
    return 0


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "preview": of_preview,
    "files": of_files,
    "drift": of_drift,
    "inventory": write_inventory,
    "same": same,
    "rules": of_rules,
}


def _report(options: argparse.Namespace, reviews: Sequence[Review]) -> int:
    """Write what was asked for. The exit status is the highest verdict."""
    text = markdown.render(reviews, most_bytes=options.most_bytes)
    if options.markdown:
        asked.write(options.markdown, text)
    else:
        sys.stdout.write(text)
    if options.json:
        asked.write(options.json, as_json.render(reviews))
    if options.html:
        asked.write(options.html, page.render(reviews))
    return verdict.highest(reviews)


if __name__ == "__main__":
    sys.exit(main())
