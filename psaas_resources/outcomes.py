"""What a stack's outputs say of resources, also of those that an update could not finish. Knows the SDK, no kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import runtime
from pulumi.output import Unknown

NOT_DONE = (
    "the last update did not make it what is declared: it failed, waits for something that failed, or was left out; "
    "each update tries again"
)
_OTHERWISE: Mapping[str, Any] = {"ready": False, "problem": NOT_DONE, "invited": []}


def told(**outputs: pulumi.Output[Any]) -> dict[str, pulumi.Output[Any]]:
    """These outputs of one resource. What an update leaves unknown is told as not ready, with a problem, or is empty.

    With `--continue-on-error` the SDK would store its mark of an unknown value, a text that reads as true.
    """
    if runtime.is_dry_run():
        return outputs
    return {name: _settled(output, _OTHERWISE.get(name, "")) for name, output in outputs.items()}


def _settled(output: pulumi.Output[Any], otherwise: object) -> pulumi.Output[Any]:
    return output.apply(lambda value: otherwise if isinstance(value, Unknown) else value, run_with_unknowns=True)
