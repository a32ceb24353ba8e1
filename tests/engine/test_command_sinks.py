"""Credentials behind a sink that fails, on the real engine: told, tried again, and nothing else stopped."""

from __future__ import annotations

import json
import shlex
import sys
from typing import Any

import pytest

from tests.engine.stack import Ran, Stack

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # the SDK's mark of a value that isn't known
TENANTS = [{"name": f"customer-{number}", "owners": ["me@email.com"]} for number in (1, 2)]
FAILS = """
import os, sys
said = sys.stdin.read()
if os.path.exists(sys.argv[1]):
    sys.exit("no room left")
"""


def declared(stack: Stack, **client: str) -> Stack:
    full = str(stack.project / "full")
    stack.environment["PSAAS_SINK_COMMAND"] = shlex.join((sys.executable, "-c", FAILS, full))
    sink = {"kind": "command", "path": "teams/{tenant}"}
    return stack.declare(*TENANTS, managementClient={"scopes": ["read:clients"], **client}, sink=sink)


def outputs(stack: Stack) -> dict[str, Any]:
    return dict(json.loads(stack.pulumi("stack", "output", "--json").ok().output))


def said_of_a_failure(stack: Stack, ran: Ran) -> None:
    """The run went through with a warning, and the outputs tell of both sinks what is wrong."""
    for name, told in outputs(stack)["sinks"].items():
        assert told["ready"] is False
        words = (
            f"could not write teams/{name} of the sink's command: {sys.executable} ended with status 1: no room left"
        )
        assert words in told["problem"]
        assert f"warning: the credential of tenant {name} is not in its sink, each update tries again" in ran.output
    assert UNKNOWN not in json.dumps(outputs(stack))


@pytest.mark.long
def test_a_command_that_fails_stops_nothing_and_is_a_problem_until_an_update_has_written(stack: Stack) -> None:
    full = stack.project / "full"
    full.touch()
    said_of_a_failure(stack, declared(stack).up().ok())
    full.unlink()
    stack.up().ok()
    assert [(told["ready"], told["problem"]) for told in outputs(stack)["sinks"].values()] == [(True, "")] * 2

    full.touch()
    said_of_a_failure(stack, declared(stack, rotate="2026-11").up().ok())
    full.unlink()
    stack.up().ok()
    assert [told["ready"] for told in outputs(stack)["sinks"].values()] == [True, True]
    assert stack.up().ok().summary.startswith("8 unchanged")


def test_what_an_update_could_not_finish_is_told_as_not_ready_in_the_outputs(stack: Stack) -> None:
    declared(stack)
    stack.environment.pop("PSAAS_SINK_COMMAND")
    stack.up("--continue-on-error").failed("set PSAAS_SINK_COMMAND")

    assert [told["ready"] for told in outputs(stack)["tenants"].values()] == [True, True]
    for told in outputs(stack)["sinks"].values():
        assert (told["ready"], told["writtenAt"]) == (False, "")
        assert "the last update did not make it what is declared" in told["problem"]
    assert UNKNOWN not in json.dumps(outputs(stack))
