"""Everything that may be asked of the reviewer, for any command line: an answer, or Broken. Prints nothing.

The program, its rules and the stack files are those of the folder that it runs in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from policy import Settings, SettingsError
from psaas_resources import rules as field_rules
from review import as_json, change, judged, rule_file
from review.as_json import NotAReport
from review.comparison import Judgement
from review.model import Review
from review.revisions import Repository, RevisionError

Reviews = tuple[Review, ...]
RULES = Path("policy")  # what the engine runs as a policy pack


class Broken(Exception):
    """A review could not be made; the message says why, and what to do."""


def of_files(
    base: str, head: str, *, stack: str = "", inventories: Path | None = None, approved_by: Sequence[str] = ()
) -> Reviews:
    """Two revisions; program, rules and reviewer are those of this folder."""
    if inventories and not inventories.is_dir():
        raise Broken(f"{inventories}: is not a folder of inventories; leave --inventory out if there are none")
    with _explained():
        pair = Repository(Path()).pair(base, head)
        judgement = Judgement(_rule_settings(), _today(), list(approved_by))
        return tuple(change.reviews(pair, judgement=judgement, stack=stack, inventories=inventories))


def of_preview(stack: str, *, approved_by: Sequence[str] = ()) -> Reviews:
    """What the next update of a stack would do, by the engine's preview."""
    from review import preview
    from review.engine_run import EngineError

    config = Path(change.POLICY_SETTINGS)
    settings = _rule_settings()
    with _explained(EngineError):
        found = preview.preview(
            stack,
            root=Path(),
            policy_pack=RULES if has_rules() else None,
            policy_config=config if config.is_file() else None,
            approved_by=judged.approval(settings, list(approved_by)),
        )
    return (judged.with_counts(found, settings, today=_today()),)


def has_rules() -> bool:
    """Whether this folder has the rules by which an engine's preview is judged."""
    return RULES.is_dir()


def of_drift(stack: str) -> Reviews:
    """What is different on the appliance of a stack."""
    from review import drift
    from review.engine_run import EngineError

    with _explained(EngineError):
        return (drift.drift(stack, root=Path()),)


def inventory(stack: str, *, seconds_per_tenant: float | None = None) -> str:
    """What a deploy publishes of the state, as text. Nothing is judged."""
    from review import inventory as inventories
    from review.engine_run import Engine, EngineError

    engine = Engine(Path(), stack)
    with _explained(EngineError, inventories.InventoryError):
        engine.must_be_declared()
        try:
            text = engine.stack_file.read_text(encoding="utf-8")
        except OSError as error:
            raise Broken(f"{engine.stack_file}: {error.strerror}") from None
        document = inventories.of_state(
            engine.export(), stack=stack, stack_file=text, commit=_head(), seconds_per_tenant=seconds_per_tenant
        )
        return inventories.render(document)


def differences(approved: Path, current: Path) -> list[str]:
    """What two JSON reports would do differently, a line each."""
    return [field_rules.printable(line, 1000) for line in as_json.differences(_actions(approved), _actions(current))]


def rules() -> str:
    """A line about the settings of rules, which a review would stumble over."""
    with _explained():
        return rule_file.told(Path())


def approvers(text: str) -> list[str]:
    """Names, apart by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Broken(f"{file}: can't be written: {error.strerror}") from None


@contextmanager
def _explained(*more: type[Exception]) -> Iterator[None]:
    """Whatever is told to a person becomes Broken; `more` are errors of modules that not every question loads."""
    foreseen: tuple[type[Exception], ...] = (RevisionError, NotAReport, SettingsError, change.UnknownStack, *more)
    try:
        yield
    except foreseen as error:
        raise Broken(str(error)) from None


def _rule_settings() -> Settings:
    with _explained():
        return rule_file.read(Path())


def _actions(file: Path) -> as_json.Actions:
    try:
        return as_json.actions(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Broken(f"{file}: can't be read: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    except NotAReport as error:
        raise Broken(f"{file}: {error}") from None


def _head() -> str:
    """The commit that is deployed; "" outside of a repository."""
    try:
        return Repository(Path()).commit("HEAD")
    except RevisionError:
        return ""


def _today() -> date:
    return datetime.now(UTC).date()
