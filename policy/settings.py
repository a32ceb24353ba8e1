"""The settings of the rules: the file that the engine gets as --policy-pack-config, checked and typed.

Reads what the engine reads, and comes to the same levels: "all" first, then each rule's own. Knows no engine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .findings import Level
from .rule import Rule, RuleSettings, TenantRuleSettings
from .rules import ALL, BY_NAME
from .rules.limits import SettingsChangeSettings
from .waivers import Waiver
from .wording import printable, quoted

LEVEL = "enforcementLevel"
EVERY_RULE = "all"
# The engine's words. It calls a rule `remediate` that could mend by itself; one that can't is mandatory.
LEVELS: Mapping[str, Level] = {
    "mandatory": "mandatory",
    "advisory": "advisory",
    "disabled": "disabled",
    "remediate": "mandatory",
}


class SettingsError(Exception):
    """What is wrong with the settings: every mistake, each a line that begins with its place."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """Levels and settings that differ from the rules' own defaults. `Settings()` is what holds without a file."""

    levels: Mapping[str, Level] = field(default_factory=dict)
    own: Mapping[str, RuleSettings] = field(default_factory=dict)

    def level(self, rule: Rule) -> Level:
        return self.levels.get(rule.name, rule.level)

    def of(self, rule: Rule) -> RuleSettings:
        return self.own.get(rule.name) or rule.settings()

    @property
    def waivers(self) -> tuple[tuple[str, Waiver], ...]:
        """All waivers of rules that are not disabled, each with the name of its rule."""
        return tuple((r.name, w) for r in ALL if self.level(r) != "disabled" for w in waivers_of(self.of(r)))

    @property
    def approvers(self) -> tuple[str, ...]:
        """Who may approve a change of guarded settings."""
        own = self.of(BY_NAME["settings-change"])
        return own.approvers if isinstance(own, SettingsChangeSettings) else ()


def waivers_of(own: RuleSettings) -> tuple[Waiver, ...]:
    return own.waivers if isinstance(own, TenantRuleSettings) else ()


def load(path: Path) -> Settings:
    """The settings in a file. Raises SettingsError with every mistake, each with its place."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: can't be read: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    if not text.strip():
        return Settings()
    repeated: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        repeated.extend(f"{path}: {quoted(key)} stands there twice" for key in set(keys) if keys.count(key) > 1)
        return dict(pairs)

    try:
        document = json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        where = f"{path}:{error.lineno}" if isinstance(error, json.JSONDecodeError) else str(path)
        raise SettingsError(f"{where}: not JSON: {getattr(error, 'msg', 'nested too deeply')}") from None
    if repeated:
        raise SettingsError(*sorted(repeated))
    return parse(document, place=str(path))


def parse(document: object, *, place: str) -> Settings:
    """Settings from an object of rule names. Raises SettingsError with every mistake."""
    if not isinstance(document, dict):
        raise SettingsError(f"{place}: expected an object with the names of rules")
    problems: list[str] = []
    levels: dict[str, Level] = {}
    own: dict[str, RuleSettings] = {}
    for name, given in sorted(document.items(), key=lambda item: item[0] != EVERY_RULE):
        if name != EVERY_RULE and name not in BY_NAME:
            problems.append(f"{place}: there is no rule {quoted(name)}{near_miss(name, [EVERY_RULE, *BY_NAME])}")
            continue
        try:
            level, properties = _level_and_rest(given)
            if name == EVERY_RULE and properties:
                raise SettingsError(f"expected a level alone, found {quoted(next(iter(properties)))} too")
            if level:
                levels |= {rule.name: level for rule in ALL} if name == EVERY_RULE else {name: level}
            if name != EVERY_RULE:
                own[name] = of_rule(BY_NAME[name], properties)
        except SettingsError as error:
            problems += [f"{place}: {name}{'' if p.startswith(('.', '[')) else ': '}{p}" for p in error.problems]
    if problems:
        raise SettingsError(*problems)
    return Settings(levels, own)


def of_rule(rule: Rule, properties: Mapping[str, Any]) -> RuleSettings:
    """A rule's own settings. Raises SettingsError; each problem begins with `.path: `."""
    try:
        return rule.settings.model_validate_json(json.dumps(_whole(dict(properties))), strict=True)
    except ValidationError as error:
        raise SettingsError(*_problems(rule, error)) from None


def near_miss(word: str, known: list[str]) -> str:
    """`; did you mean "owners-minimum"?` where a known word is close, else nothing."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f'; did you mean "{close[0]}"?' if close else ""


def _level_and_rest(given: object) -> tuple[Level | None, dict[str, Any]]:
    if isinstance(given, str):
        given = {LEVEL: given}
    if not isinstance(given, dict):
        raise SettingsError("expected a level, or an object of settings")
    level = given.get(LEVEL)
    if LEVEL in given and (not isinstance(level, str) or level not in LEVELS):
        found = quoted(level) if isinstance(level, str) else "something else"
        raise SettingsError(f"expected one of {', '.join(LEVELS)}, found {found}")
    return LEVELS[level] if level else None, {key: value for key, value in given.items() if key != LEVEL}


def _whole(value: Any) -> Any:
    """The engine hands numbers on as floats."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _problems(rule: Rule, error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_url=False):
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{printable(part)}" for part in each["loc"])
        if each["type"] == "extra_forbidden":
            model = Waiver if each["loc"][0] == "waivers" and len(each["loc"]) > 1 else rule.settings
            known = [info.alias or name for name, info in model.model_fields.items()]
            yield f"{path}: unknown setting{near_miss(str(each['loc'][-1]), known) or f'; known: {_or_none(known)}'}"
        elif each["type"] == "missing":
            yield f"{path}: is missing"
        else:
            words = each["msg"].removeprefix("Value error, ")
            yield f"{path}: {printable(words[:1].lower() + words[1:], 200)}"


def _or_none(known: list[str]) -> str:
    return ", ".join([LEVEL, *known])
