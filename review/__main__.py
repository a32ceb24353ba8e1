"""`python -m review COMMAND`: what a change of tenants would do, for people and machines. Talks to people.

Exit status: 0 fine, 1 needs a person's decision, 2 forbidden or broken (told in the report or on stderr), 64 wrong use.
Of several stacks the highest counts.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn

from policy import Settings, SettingsError
from psaas_resources import rules
from review import as_json, change, judged, markdown, page, rule_file, verdict
from review.as_json import NotAReport
from review.comparison import Judgement
from review.model import Review
from review.revisions import Repository, RevisionError

FORBIDDEN, WRONG_USE = 2, 64


class Broken(Exception):
    """A review could not be made; the message says why, and what to do."""


class Parser(argparse.ArgumentParser):
    """Argparse's own status for wrong use is the verdict "forbidden"."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_USE, f"error: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        return COMMANDS[options.command](options)
    except (Broken, RevisionError, NotAReport) as error:
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
    """Two revisions; program, rules and reviewer are those of this folder."""
    if options.inventory and not options.inventory.is_dir():
        raise Broken(f"{options.inventory}: is not a folder of inventories; leave --inventory out if there are none")
    pair = Repository(Path()).pair(options.base, options.head)
    judgement = Judgement(_rule_settings(), _today(), _approvers(options))
    try:
        found = change.reviews(pair, judgement=judgement, stack=options.stack, inventories=options.inventory)
    except change.UnknownStack as error:
        raise Broken(str(error)) from None
    return _report(options, found)


def of_preview(options: argparse.Namespace) -> int:
    from review import preview

    config, pack = Path(change.POLICY_SETTINGS), Path("policy")
    settings = _rule_settings()
    try:
        found = preview.preview(
            options.stack,
            root=Path(),
            policy_pack=pack if pack.is_dir() else None,
            policy_config=config if config.is_file() else None,
            approved_by=judged.approval(settings, _approvers(options)),
        )
    except preview.EngineError as error:
        raise Broken(str(error)) from None
    return _report(options, (judged.with_counts(found, settings, today=_today()),))


def of_drift(options: argparse.Namespace) -> int:
    from review import drift
    from review.engine_run import EngineError

    try:
        return _report(options, (drift.drift(options.stack, root=Path()),))
    except EngineError as error:
        raise Broken(str(error)) from None


def write_inventory(options: argparse.Namespace) -> int:
    """Nothing is judged: 0 if it is written."""
    from review import inventory
    from review.engine_run import Engine, EngineError

    engine = Engine(Path(), options.stack)
    try:
        text = engine.stack_file.read_text(encoding="utf-8")
        document = inventory.of_state(
            engine.export(),
            stack=options.stack,
            stack_file=text,
            commit=_head(),
            seconds_per_tenant=options.seconds_per_tenant,
        )
    except (EngineError, inventory.InventoryError) as error:
        raise Broken(str(error)) from None
    except OSError as error:
        raise Broken(f"{engine.stack_file}: {error.strerror}") from None
    _write(options.output, inventory.render(document))
    return 0


def same(options: argparse.Namespace) -> int:
    """0 if both reports would do the same; 2 otherwise, with what differs."""
    approved, current = (_actions(file) for file in (options.approved, options.current))
    found = list(as_json.differences(approved, current))
    for line in found:
        print(rules.printable(line, 1000))
    return FORBIDDEN if found else 0


def of_rules(_: argparse.Namespace) -> int:
    """Settings of rules that a review would stumble over."""
    try:
        print(rule_file.told(Path()))
    except SettingsError as error:
        raise Broken(str(error)) from None
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
        _write(options.markdown, text)
    else:
        sys.stdout.write(text)
    if options.json:
        _write(options.json, as_json.render(reviews))
    if options.html:
        _write(options.html, page.render(reviews))
    return verdict.highest(reviews)


def _approvers(options: argparse.Namespace) -> list[str]:
    return [name.strip() for name in options.approved_by.split(",") if name.strip()]


def _rule_settings() -> Settings:
    try:
        return rule_file.read(Path())
    except SettingsError as error:
        raise Broken(str(error)) from None


def _actions(file: Path) -> as_json.Actions:
    try:
        return as_json.actions(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Broken(f"{file}: can't be read: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    except NotAReport as error:
        raise Broken(f"{file}: {error}") from None


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Broken(f"{file}: can't be written: {error.strerror}") from None


def _head() -> str:
    """The commit that is deployed; "" outside of a repository."""
    try:
        return Repository(Path()).commit("HEAD")
    except RevisionError:
        return ""


def _today() -> date:
    return datetime.now(UTC).date()


if __name__ == "__main__":
    sys.exit(main())
