"""How a program hands its resources to the engine, a thousand of them too. Knows the SDK's program process; no rules.

The SDK does for each resource what is the same for all: it makes the stored form of the provider, notes every frame of
the call in the state, and tells the engine four times, waiting each time, that it registers. Above all it looks
through all outputs whenever a few of them are known, which is quadratic in their number.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

import pulumi
from pulumi import runtime
from pulumi.dynamic import Resource, ResourceProvider
from pulumi.dynamic.dynamic import PROVIDER_KEY, serialize_provider
from pulumi.runtime import resource as sdk_resource
from pulumi.runtime import rpc_manager as sdk_rpc_manager
from pulumi.runtime.proto import source_pb2

from .progress import Progress

_declared: list[pulumi.Output[str]] = []
_stored: dict[type[ResourceProvider], str] = {}
_NOT_THE_USERS = (str(Path(__file__).parent), str(Path(pulumi.__file__).parent))


class Declared(Resource):
    """A dynamic resource whose provider holds nothing, so that all of a kind have one stored form, made once."""

    def __init__(
        self,
        provider: type[ResourceProvider],
        resource_name: str,
        properties: dict[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        if provider not in _stored:
            _stored[provider] = str(serialize_provider(provider()))
        whole, kind = {**properties, PROVIDER_KEY: _stored[provider]}, f"pulumi-python:{self._resource_type_name}"
        # Not through dynamic.Resource, whose constructor makes that form anew.
        pulumi.CustomResource.__init__(self, kind, resource_name, whole, opts)
        _declared.append(self.urn)


def of_many() -> None:
    """For a program that declares hundreds of resources: call it first.

    Where the SDK looks different, that part of it stays as it is.
    """
    if hasattr(pulumi, "run") and runtime.get_root_resource() is not None:
        pulumi.run(_until_all_are_registered)
    for module in (sdk_resource, sdk_rpc_manager):
        if getattr(module, "log", None) is pulumi.log:
            vars(module)["log"] = SimpleNamespace(**vars(pulumi.log) | {"debug": _say_nothing})
    if hasattr(sdk_resource, "_get_stack_trace"):
        sdk_resource._get_stack_trace = _place


async def _until_all_are_registered() -> None:
    """The SDK's own wait begins when there is nearly nothing left to wait for. Tells people how far an update is."""
    progress = Progress(len(_declared))

    async def until(urn: pulumi.Output[str]) -> None:
        await urn.future()
        line = progress.done()
        if line and not runtime.is_dry_run():
            pulumi.log.info(line)

    await asyncio.gather(*map(until, _declared))


def _say_nothing(*_: Any, **__: Any) -> None:
    """The engine is not told of each step of a registration."""


def _place() -> source_pb2.StackTrace:
    """The line of the program that declares a resource, without those that have led to it."""
    frame: FrameType | None = sys._getframe(1)
    while frame and frame.f_code.co_filename.startswith(_NOT_THE_USERS):
        frame = frame.f_back
    if frame is None:
        return source_pb2.StackTrace()
    uri = Path(frame.f_code.co_filename).absolute().as_uri()
    return source_pb2.StackTrace(
        frames=[source_pb2.StackFrame(pc=source_pb2.SourcePosition(uri=uri, line=frame.f_lineno))]
    )
