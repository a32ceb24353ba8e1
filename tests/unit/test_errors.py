"""The error tree is drawn where people look for it, and it is drawn as it is."""

from __future__ import annotations

import inspect

import pytest

from psaas_resources import errors
from psaas_resources.errors import ConfigError, PsaasError, ToldNo

PUBLIC = {name: kind for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, Exception)}


def drawn() -> dict[str, str]:
    """Each error of the drawing with its parent."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in inspect.getdoc(errors).splitlines():  # type: ignore[union-attr]
        words = line.replace("\u2502", " ").replace("\u251c\u2500\u2500", "   ").replace("\u2514\u2500\u2500", "   ")
        depth, first = len(words) - len(words.lstrip()), (words.split() or [""])[0]
        if depth >= 4 and first[:1].isupper():
            above = [(d, name) for d, name in above if d < depth]
            parents[first] = above[-1][1] if above else ""
            above.append((depth, first))
    return parents


def test_every_error_is_drawn_under_its_parent_and_nothing_else_is_drawn() -> None:
    assert drawn() == {name: "" if kind is PsaasError else kind.__bases__[0].__name__ for name, kind in PUBLIC.items()}


@pytest.mark.parametrize("kind", [kind for kind in PUBLIC.values() if not issubclass(kind, ToldNo)])
def test_an_error_shows_its_message_alone(kind: type[PsaasError]) -> None:
    assert str(kind("can't create tenant customer-1")) == "can't create tenant customer-1"


@pytest.mark.parametrize("kind", [kind for kind in PUBLIC.values() if issubclass(kind, ToldNo)])
def test_a_refusal_shows_its_message_alone_and_knows_status_and_code(kind: type[ToldNo]) -> None:
    error = kind("can't create tenant customer-1", status=409, code="taken")
    assert (str(error), error.status, error.code) == ("can't create tenant customer-1", 409, "taken")
    assert kind("x", status=400).code == ""


def test_every_mistake_of_a_configuration_has_a_line_of_its_own() -> None:
    error = ConfigError("psaas:domain: is missing", "psaas:clientId: is missing")
    assert error.problems == ("psaas:domain: is missing", "psaas:clientId: is missing")
    assert str(error).splitlines() == list(error.problems)


def test_every_error_says_what_it_means() -> None:
    assert all(kind.__doc__ for kind in PUBLIC.values())
