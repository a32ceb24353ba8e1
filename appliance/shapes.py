"""What a body or a query may look like. Knows shapes and the wording of a mismatch; knows no noun of the API.

The first mismatch is reported, as the API does, with the property it was found on: `'Expected type array but found
type string' on property scope`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from appliance.errors import invalid_body, invalid_query

EMAIL = re.compile(r"[^@\s<>()\[\],;:\"\\]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")


class ShapeError(Exception):
    def __init__(self, reason: str, at: str) -> None:
        super().__init__(f"'{reason}'" + (f" on property {at}." if at else "."))


class Shape(Protocol):
    def check(self, value: object, at: str) -> None: ...


@dataclass(frozen=True)
class Anything:
    def check(self, value: object, at: str) -> None:
        """Whatever JSON can say."""


@dataclass(frozen=True)
class Text:
    minimum: int = 0
    maximum: int | None = None
    pattern: re.Pattern[str] | None = None
    choices: tuple[str, ...] = ()
    form: Callable[[str], bool] | None = None

    def check(self, value: object, at: str) -> None:
        if not isinstance(value, str):
            raise ShapeError(f"Expected type string but found type {kind(value)}", at)
        if self.choices and value not in self.choices:
            raise ShapeError(f"No enum match for: {value[:80]}", at)
        if len(value) < self.minimum:
            raise ShapeError(f"String is too short ({len(value)} chars), minimum {self.minimum}", at)
        if self.maximum is not None and len(value) > self.maximum:
            raise ShapeError(f"String is too long ({len(value)} chars), maximum {self.maximum}", at)
        if self.pattern is not None and not self.pattern.fullmatch(value):
            raise ShapeError(f"String does not match pattern: {self.pattern.pattern}", at)
        if self.form is not None and not self.form(value):
            raise ShapeError(f"Object didn't pass validation for format {self.form.__name__}: {value[:80]}", at)


@dataclass(frozen=True)
class Flag:
    def check(self, value: object, at: str) -> None:
        if not isinstance(value, bool):
            raise ShapeError(f"Expected type boolean but found type {kind(value)}", at)


@dataclass(frozen=True)
class Whole:
    minimum: int = 0
    maximum: int = 2**53

    def check(self, value: object, at: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ShapeError(f"Expected type integer but found type {kind(value)}", at)
        if value < self.minimum:
            raise ShapeError(f"Value {value} is less than minimum {self.minimum}", at)
        if value > self.maximum:
            raise ShapeError(f"Value is greater than maximum {self.maximum}", at)


@dataclass(frozen=True)
class Nullable:
    shape: Shape

    def check(self, value: object, at: str) -> None:
        if value is not None:
            self.shape.check(value, at)


@dataclass(frozen=True)
class Many:
    item: Shape
    minimum: int = 0
    maximum: int | None = None

    def check(self, value: object, at: str) -> None:
        if not isinstance(value, list):
            raise ShapeError(f"Expected type array but found type {kind(value)}", at)
        if len(value) < self.minimum:
            raise ShapeError(f"Array is too short ({len(value)}), minimum {self.minimum}", at)
        if self.maximum is not None and len(value) > self.maximum:
            raise ShapeError(f"Array is too long ({len(value)}), maximum {self.maximum}", at)
        for index, item in enumerate(value):
            self.item.check(item, f"{at}[{index}]")


@dataclass(frozen=True)
class Record:
    properties: Mapping[str, Shape]
    required: tuple[str, ...] = ()
    minimum: int = 0
    others: Shape | None = field(default=None)
    maximum: int | None = None

    def check(self, value: object, at: str) -> None:
        if not isinstance(value, dict):
            raise ShapeError(f"Expected type object but found type {kind(value)}", at)
        for name in self.required:
            if name not in value:
                raise ShapeError(f"Missing required property: {name}", at)
        if len(value) < self.minimum:
            raise ShapeError(f"Too few properties defined ({len(value)}), minimum {self.minimum}", at)
        if self.maximum is not None and len(value) > self.maximum:
            raise ShapeError(f"Too many properties defined ({len(value)}), maximum {self.maximum}", at)
        for name, item in value.items():
            shape = self.properties.get(name, self.others)
            if shape is None:
                raise ShapeError(f"Additional properties not allowed: {name[:80]}", at)
            shape.check(item, f"{at}.{name}" if at else name)


# An object that is looked at no further.
ANY_OBJECT = Record({}, others=Anything())


def each(names: str, shape: Shape) -> dict[str, Shape]:
    """The same shape for each of several properties, named in one string."""
    return dict.fromkeys(names.split(), shape)


def check_body(value: object, shape: Record) -> dict[str, object]:
    """The body, once it fits; raises the 400 that names the first property that doesn't."""
    try:
        shape.check(value, "")
    except ShapeError as mismatch:
        raise invalid_body(str(mismatch)) from None
    assert isinstance(value, dict)
    return value


def check_list(value: object, shape: Many) -> list[dict[str, object]]:
    try:
        shape.check(value, "")
    except ShapeError as mismatch:
        raise invalid_body(str(mismatch)) from None
    assert isinstance(value, list)
    return value


def check_query(query: Iterable[tuple[str, str]], properties: Mapping[str, Shape]) -> dict[str, object]:
    """The query with its numbers and flags read, once it fits; raises the 400 that names what doesn't."""
    read: dict[str, object] = {}
    try:
        for name, text in query:
            shape = properties.get(name)
            if isinstance(shape, Many):
                earlier = read.setdefault(name, [])
                assert isinstance(earlier, list)
                earlier.append(text)
                continue
            if name in read:
                raise ShapeError("Expected type string but found type array", name)
            read[name] = _read(text, shape)
        Record(properties).check(read, "")
    except ShapeError as mismatch:
        raise invalid_query(str(mismatch)) from None
    return read


def _read(text: str, shape: Shape | None) -> object:
    if isinstance(shape, Flag) and text in ("true", "false"):
        return text == "true"
    if isinstance(shape, Whole) and re.fullmatch(r"-?[0-9]{1,15}", text):
        return int(text)
    return text


def kind(value: object) -> str:
    """The JSON name of a value's type."""
    if value is None:
        return "null"
    names = ((bool, "boolean"), (str, "string"), (int, "integer"), (float, "number"), (list, "array"))
    return next((name for type_, name in names if isinstance(value, type_)), "object")


def email(text: str) -> bool:
    return len(text) <= 254 and EMAIL.fullmatch(text) is not None


def email_or_empty(text: str) -> bool:
    return text == "" or email(text)


def absolute_uri_or_empty(text: str) -> bool:
    if text == "":
        return True
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        return False


def absolute_https_uri_or_empty(text: str) -> bool:
    return text == "" or (text.startswith("https://") and absolute_uri_or_empty(text))


# The API's own names of the formats, which its messages carry.
email_or_empty.__name__ = "email-or-empty"
absolute_uri_or_empty.__name__ = "absolute-uri-or-empty"
absolute_https_uri_or_empty.__name__ = "absolute-https-uri-or-empty"
