"""What is different in a request or an answer that is otherwise honest. Any number of them combine; values only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DropFields:
    names: frozenset[str]


@dataclass(frozen=True)
class OtherTenant:
    name: str


@dataclass(frozen=True)
class Reshape:
    nested: str | None
    camel_case: bool
    status: int | None


@dataclass(frozen=True)
class TokenScope:
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class TokenLife:
    claimed_seconds: int | None
    real_seconds: int


@dataclass(frozen=True)
class DropValues:
    """A list in a request's body, `scope` or `owners`, is not stored whole."""

    field: str
    values: frozenset[str]


@dataclass(frozen=True)
class DuplicateItems:
    count: int


@dataclass(frozen=True)
class DropItems:
    """So many items, chosen by chance, or those of the given names."""

    count: int
    names: frozenset[str]


@dataclass(frozen=True)
class ReorderItems:
    pass


@dataclass(frozen=True)
class RepeatPage:
    pass


@dataclass(frozen=True)
class CapPage:
    """A page has at most so many items, whatever was asked for."""

    most: int


Edit = (
    DropFields | OtherTenant | Reshape | TokenScope | TokenLife | DropValues
    | DuplicateItems | DropItems | ReorderItems | RepeatPage | CapPage
)  # fmt: skip
