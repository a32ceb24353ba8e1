"""A program of many resources costs the engine, the state and itself no more than it must."""

from __future__ import annotations

import json
from pathlib import Path

from tests.engine.stack import ROOT, Stack

TENANTS = 8
# The real program, which notes how many outputs the SDK's own wait looks through at a time.
COUNTED = """
import asyncio, atexit, json, pathlib
counted, sdks_own = [0], asyncio.wait
def wait(outputs, **options):
    counted.append(len(outputs))
    return sdks_own(outputs, **options)
asyncio.wait = wait
atexit.register(lambda: pathlib.Path("counted.json").write_text(json.dumps(counted)))
"""


def test_the_state_names_the_line_that_declares_a_resource_and_no_call_that_led_to_it(stack_of_two: Stack) -> None:
    stack_of_two.declare("customer-1", "customer-2", "customer-3").up().ok()
    for resource in stack_of_two.resources().values():
        assert [frame["sourcePosition"].partition("#")[0] for frame in resource["stackTrace"]] == [
            "project:///__main__.py"
        ], resource["urn"]


def test_while_tenants_are_made_nothing_looks_through_the_outputs_of_all_of_them(stack: Stack) -> None:
    program = stack.project / "__main__.py"
    program.unlink()
    program.write_text(COUNTED + (ROOT / "__main__.py").read_text(encoding="utf-8"))
    stack.declare(*(f"customer-{number}" for number in range(1, TENANTS + 1))).up().ok()
    counted: list[int] = json.loads(Path(stack.project / "counted.json").read_bytes())
    assert max(counted) < TENANTS * 10  # each has some twenty outputs
