"""Where the values of a stack stand: in which file, in which line. Knows paths; no rules.

A path is the one of the whole configuration, `psaas:tenants[7].owners[0]`. Where tenant 7 came from an included
file, its place is there, under the index that it has there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .documents import Node

_TENANT = re.compile(r"psaas:tenants\[([0-9]+)\]")


@dataclass(frozen=True)
class Origin:
    """An included file, and the number and node of one tenant in its list."""

    file: str
    index: int
    node: Node


@dataclass(frozen=True)
class Places:
    """`config` is what the stack file holds under `config:`, None where only values are known and no file.

    `included` says, for indices of the list of all tenants, that they came from an included file.
    """

    file: str
    config: Node | None = None
    included: Mapping[int, Origin] = field(default_factory=dict)

    def of(self, path: str) -> str:
        """`stacks/Pulumi.prod.yaml:12: psaas:tenants[1].owners[0]`"""
        origin, inside = self._origin(path)
        if origin:
            return f"{origin.file}:{origin.node.line_of(inside)}: tenants[{origin.index}]{inside}"
        return f"{self._stack(path)}: {path}"

    def beside(self, path: str) -> str:
        """The same for the middle of a sentence: `psaas:tenants[1] (stacks/Pulumi.prod.yaml:12)`."""
        origin, inside = self._origin(path)
        if origin:
            return f"tenants[{origin.index}]{inside} ({origin.file}:{origin.node.line_of(inside)})"
        return f"{path} ({self._stack(path)})" if self.config else path

    def file_and_line(self, path: str) -> str:
        """`stacks/Pulumi.prod.yaml:12`, or "" where no file is known."""
        origin, inside = self._origin(path)
        if origin:
            return f"{origin.file}:{origin.node.line_of(inside)}"
        return self._stack(path) if self.config else ""

    def _stack(self, path: str) -> str:
        return f"{self.file}:{self.config.line_of(path)}" if self.config else self.file

    def _origin(self, path: str) -> tuple[Origin | None, str]:
        found = _TENANT.match(path)
        origin = self.included.get(int(found[1])) if found else None
        return origin, path[found.end() :] if found else ""
