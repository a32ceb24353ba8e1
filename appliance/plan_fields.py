"""Reads the fields of a hand-written document and tells every mistake with its place. Knows no fault.

Every reader method answers None, or what stands for absent, where the value is wrong, and has then noted why.
"""

import difflib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

MOST = 10**9


class PlanError(Exception):
    """A fault plan that can't be carried out: every mistake, one line each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True)
class Fields:
    """One mapping of the document, and where it stands; `mistakes` is shared by the whole document."""

    values: Mapping[str, object]
    at: str
    mistakes: list[str] = field(default_factory=list)

    def wrong(self, name: str, reason: str) -> None:
        place = ".".join(part for part in (self.at, name) if part)
        self.mistakes.append(f"{place}: {reason}" if place else reason)

    def known(self, names: Collection[str]) -> None:
        for name in self.values:
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                hint = f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(names)}"
                self.wrong("", f'unknown field "{name[:80]}"{hint}')

    def below(self, name: str, reason: str = "must be a mapping") -> "Fields":
        """The mapping under a name; an empty one where there is none."""
        value = self.values.get(name)
        place = ".".join(part for part in (self.at, name) if part)
        if value is None or (isinstance(value, dict) and all(isinstance(key, str) for key in value)):
            return Fields(value or {}, place, self.mistakes)
        self.wrong(name, f"{shown(value)} {reason}")
        return Fields({}, place, self.mistakes)

    def number(self, name: str, *, minimum: float = 0, maximum: float = MOST) -> float | None:
        value = self.values.get(name)
        if value is None or in_range(value, minimum, maximum):
            return value
        self.wrong(name, f"{shown(value)} is not a number from {minimum:g} to {maximum:g}")
        return None

    def whole(self, name: str, *, minimum: int = 0, maximum: int = MOST) -> int | None:
        value = self.values.get(name)
        if value is None or (isinstance(value, int) and in_range(value, minimum, maximum)):
            return value  # type: ignore[return-value]
        self.wrong(name, f"{shown(value)} is not a whole number from {minimum} to {maximum}")
        return None

    def text(self, name: str, *, choices: Collection[str] = ()) -> str | None:
        value = self.values.get(name)
        if value is None or (is_text(value) and (not choices or value in choices)):
            return value
        self.wrong(name, f"{shown(value)} is not {'one of ' + ', '.join(choices) if choices else 'a text'}")
        return None

    def whole_or_text(self, name: str) -> int | str | None:
        return self.text(name) if isinstance(self.values.get(name), str) else self.whole(name, minimum=-MOST)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.values.get(name, default)
        if isinstance(value, bool):
            return value
        self.wrong(name, f"{shown(value)} is neither true nor false")
        return default

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.values.get(name, [])
        if isinstance(value, list) and all(is_text(item) for item in value):
            return tuple(value)
        self.wrong(name, f"{shown(value)} is not a list of texts")
        return ()


def in_range(value: object, minimum: float, maximum: float) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and minimum <= value <= maximum


def is_text(value: object) -> TypeGuard[str]:
    """A text of one line, which may stand in a header."""
    return isinstance(value, str) and 0 < len(value) <= 1000 and value.isprintable() and value.isascii()


def shown(value: object) -> str:
    """A wrong value as a message may quote it; what is no single value is not unfolded."""
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return json.dumps(value, ensure_ascii=False)[:80]
