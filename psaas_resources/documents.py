"""A YAML file as data, with the line of every value. Knows YAML as the engine reads it; no stack file, no disk.

Stricter than YAML where a person would be misled (a key said twice, a date that isn't meant as one) or a machine
harmed (size, depth, aliases that multiply). Scalars mean what they mean to the engine (goyaml 3), not to PyYAML:
`yes` is a text there, `010` is eight.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from . import rules
from .errors import ConfigError

MOST_BYTES = 4 * 1024 * 1024
MOST_VALUES = 400_000  # after aliases are followed
DEEPEST = 30

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = ("", "~", "null", "Null", "NULL")
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"([-+]?)(?:0b([01]{1,64})|0o?([0-7]{1,22})|0x([0-9a-fA-F]{1,16})|(0|[1-9][0-9]{0,18}))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"(?i)[-+]?\.(?:inf|nan)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?")


class Node(NamedTuple):
    """A value and its line: a scalar, a list of nodes, or a mapping of texts to nodes (then the line of the key)."""

    line: int
    value: Any

    @property
    def encrypted(self) -> bool:
        """Whether the engine would decrypt it: a mapping with the one key `secure`, and a text there."""
        inner = self.value.get("secure") if isinstance(self.value, dict) and len(self.value) == 1 else None
        return inner is not None and isinstance(inner.value, str)

    def plain(self) -> Any:
        """The value without lines."""
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        return self.value

    def line_of(self, path: str) -> int:
        """The line of `tenants[1].owners[0]`, or of the part of that path which is there."""
        node: Node = self
        while path := path.removeprefix("."):
            step = node._step(path)
            if step is None:
                break
            node, path = step
        return node.line

    def _step(self, path: str) -> tuple[Node, str] | None:
        index = re.match(r"\[([0-9]{1,9})\]", path)
        if isinstance(self.value, list) and index and int(index[1]) < len(self.value):
            return self.value[int(index[1])], path[index.end() :]
        if isinstance(self.value, dict):
            keys = [key for key in self.value if path.startswith(key) and path[len(key) :][:1] in ("", ".", "[")]
            if keys:
                key = max(keys, key=len)
                return self.value[key], path[len(key) :]
        return None


@dataclass(frozen=True)
class Document:
    """What a file says, and the mistakes in it that don't keep the rest from being read: line, path, words."""

    root: Node
    problems: tuple[tuple[int, str, str], ...] = ()


def composed(text: str) -> yaml.Node | None:
    """YAML's own nodes of a text that `parse` accepts, which know their columns."""
    node: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    return node


def parse(path: str, text: str) -> Document:
    """The document in the text of the file `path`. Raises ConfigError, with the line, for what can't be read."""
    builder = _Builder()
    try:
        if len(text.encode("utf-8")) > MOST_BYTES:
            raise ConfigError(f"{path}: is larger than {MOST_BYTES // 1024**2} MiB")
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: is not text in UTF-8") from None
    except _Unreadable as error:
        raise ConfigError(f"{path}:{error.line}: {error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", 0)) + 1
        words = getattr(error, "problem", None) or getattr(error, "reason", None) or "it can't be read"
        raise ConfigError(f"{path}:{line}: is not YAML: {rules.printable(str(words))}") from None
    return Document(builder.root or Node(1, None), tuple(builder.problems))


class _Unreadable(Exception):
    def __init__(self, line: int, words: str) -> None:
        self.line = line
        super().__init__(words)


class _Open:
    """A list or a mapping of which the end has not come yet."""

    def __init__(self, line: int, value: Any, *, anchor: str | None, count: int) -> None:
        self.line, self.value, self.anchor, self.count = line, value, anchor, count
        self.key: tuple[int, str] | None = None

    @property
    def wants_key(self) -> bool:
        return isinstance(self.value, dict) and self.key is None


class _Builder:
    """Makes nodes of the parser's events, one after the other, so that nothing is larger or deeper than allowed."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.problems: list[tuple[int, str, str]] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._count = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._begin(event, line)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            done = self._open.pop()
            self._put(Node(done.line, done.value), done.anchor, self._count - done.count)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event, line)
        elif isinstance(event, yaml.DocumentStartEvent) and self.root:
            raise _Unreadable(line, "holds a second document, which nothing would read")

    def _begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent, line: int) -> None:
        self._counted(line)
        self._refuse_tag(event, line)
        if self._open and self._open[-1].wants_key:
            raise _Unreadable(line, "a key is a text")
        if len(self._open) >= DEEPEST:
            raise _Unreadable(line, f"is nested deeper than {DEEPEST} levels")
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._open.append(_Open(line, value, anchor=event.anchor, count=self._count - 1))

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        self._counted(line)
        self._refuse_tag(event, line)
        plain = bool(event.implicit[0]) and event.style in (None, "")
        if self._open and self._open[-1].wants_key:
            self._key(event.value, line, merges=plain and event.value == "<<")
            return
        value = self._resolved(event.value, line) if plain else event.value
        self._put(Node(line, value), event.anchor, 1)

    def _key(self, key: str, line: int, *, merges: bool) -> None:
        mapping = self._open[-1]
        mapping.key = (line, key)
        if merges:
            self._problem(line, "merge keys are not read here; write the fields out")
        elif key in mapping.value:
            self._problem(line, f"is said twice; the first one is in line {mapping.value[key].line}")

    def _alias(self, event: yaml.AliasEvent, line: int) -> None:
        if self._open and self._open[-1].wants_key:
            raise _Unreadable(line, "a key is a text")
        anchor = event.anchor or ""
        if anchor not in self._anchors:
            raise _Unreadable(line, f'"*{rules.printable(anchor)}" is an alias of nothing before it')
        node, size = self._anchors[anchor]
        self._counted(line, size)
        self._put(Node(line, node.value), None, size)

    def _put(self, node: Node, anchor: str | None, size: int) -> None:
        if anchor:
            self._anchors[anchor] = (node, size)
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif parent.key is not None:
            line, key = parent.key
            parent.key = None
            if key != "<<":
                parent.value.setdefault(key, Node(line, node.value))

    def _resolved(self, text: str, line: int) -> Any:
        """A plain scalar as the engine takes it."""
        if text in _NULLS:
            return None
        if text in _BOOLS:
            return _BOOLS[text]
        if _DATE.fullmatch(text) or _NO_NUMBER.fullmatch(text):
            self._problem(line, f"{rules.printable(text)} is not read as the text that it looks like; put it in quotes")
            return text
        return _number(text)

    def _counted(self, line: int, values: int = 1) -> None:
        self._count += values
        if self._count > MOST_VALUES:
            raise _Unreadable(line, f"holds more than {MOST_VALUES:,} values")

    def _refuse_tag(self, event: yaml.NodeEvent, line: int) -> None:
        if tag := getattr(event, "tag", None):
            raise _Unreadable(line, f'"{rules.printable(tag)}" is a tag, which is not read here; leave it out')

    def _problem(self, line: int, words: str) -> None:
        path = ""
        for part in self._open:
            inside = f".{part.key[1]}" if part.key else ""
            path += f"[{len(part.value)}]" if isinstance(part.value, list) else inside
        self.problems.append((line, path.removeprefix("."), words))


def _number(text: str) -> Any:
    """A number, where the engine sees one; else the text."""
    digits = text.replace("_", "")
    if text[:1] != "_" and (found := _INTEGER.fullmatch(digits)):
        sign, *by_base = found.groups()
        number = next(int(part, base) for part, base in zip(by_base, (2, 8, 16, 10), strict=True) if part is not None)
        return -number if sign == "-" else number
    if len(text) < 400 and _FLOAT.fullmatch(text) and abs(float(text)) != float("inf"):
        return float(text)
    return text
