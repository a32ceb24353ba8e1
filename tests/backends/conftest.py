"""What these tests stand on: real servers for a state, and two operators, each with a clone of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from bench.backends import servers as state_servers
from bench.backends.servers import NotHere, StateServer
from tests.crash.conftest import pytest_runtest_setup, start  # noqa: F401
from tests.crash.fleet import NAMES, Fleet
from tests.engine.conftest import engine_bin, stack  # noqa: F401
from tests.engine.stack import ROOT, Stack

Begin = Callable[[int], Fleet]
KINDS = ("s3", "postgres")


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], StateServer]]:
    """Starts each server when it is first asked for; the test that asks for one that isn't here is skipped."""
    started: dict[str, StateServer] = {}
    with ExitStack() as until_the_end:

        def server(kind: str) -> StateServer:
            if kind not in started:
                folder = tmp_path_factory.mktemp(kind)
                context = state_servers.postgres() if kind == "postgres" else state_servers.bucket(folder)
                try:
                    started[kind] = until_the_end.enter_context(context)
                except NotHere as missing:
                    pytest.skip(str(missing))
            return started[kind]

        yield server


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, servers: Callable[[str], StateServer]) -> StateServer:
    return servers(request.param)


@pytest.fixture
def fleet(stack: Stack, server: StateServer, tmp_path: Path) -> Fleet:  # noqa: F811
    """Five tenants, declared and not made, whose state and escrow lie on servers where there is a bucket."""
    return on_server(stack, server, f"state{os.urandom(4).hex()}", NAMES)


def on_server(stack: Stack, server: StateServer, place: str, names: tuple[str, ...]) -> Fleet:  # noqa: F811
    stack.environment = server.within(stack.environment) | {"PULUMI_BACKEND_URL": server.place(place)}
    if server.kind == "s3":
        server.place(f"{place}-escrow")
        stack.environment["PSAAS_ESCROW"] = f"s3://{place}-escrow/psaas"
        del stack.environment["PSAAS_ESCROW_DIR"], stack.environment["PSAAS_ESCROW_DURABLE"]
    stack.pulumi("stack", "init").ok()
    fleet = Fleet(stack, names)
    fleet.declare()
    return fleet


def another_operator(stack: Stack, project: Path) -> Stack:  # noqa: F811
    """Somebody else's clone on another machine: the same stack file, backend, escrow and secrets, nothing else."""
    (project / "stacks").mkdir(parents=True)
    for name in ("Pulumi.yaml", "psaas_resources", ".venv", "__main__.py"):
        (project / name).symlink_to(ROOT / name)
    (project / "home").mkdir()
    clone = replace(
        stack, project=project, said=[], environment=stack.environment | {"PULUMI_HOME": str(project / "home")}
    )
    clone.file.write_bytes(stack.file.read_bytes())
    return clone
