"""As many calls at once as the engine makes, in the SDK's own provider process; and what is no executor stays."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from psaas_resources import worker_pool

from .waiting_provider import AT_ONCE, WaitingProvider

ROOT = Path(__file__).parents[2]


def struct(values: dict[str, str]) -> Struct:
    made = Struct()
    made.update(values)
    return made


@pytest.fixture
def provider_process() -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    """The SDK's provider process, as the engine starts it."""
    command = [sys.executable, "-u", "-m", "pulumi.dynamic", "127.0.0.1:1"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
                yield provider_pb2_grpc.ResourceProviderStub(channel)
        finally:
            process.terminate()


def test_the_pinned_sdks_provider_process_answers_more_calls_at_once_than_its_four(
    provider_process: provider_pb2_grpc.ResourceProviderStub,
) -> None:
    provider_process.Configure(provider_pb2.ConfigureRequest(args=Struct()))
    provider = {"__provider": serialize_provider(WaitingProvider())}
    made: list[str] = []

    def create(number: int) -> None:
        properties = struct({**provider, "name": f"customer-{number}"})
        made.append(provider_process.Create(provider_pb2.CreateRequest(properties=properties), timeout=60).id)

    # The engine checks a resource before it makes any; with that call the process gets its settings.
    provider_process.Check(provider_pb2.CheckRequest(olds=Struct(), news=struct(provider)), timeout=60)
    threads = [threading.Thread(target=create, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == AT_ONCE


def test_a_pool_is_never_made_narrower() -> None:
    with ThreadPoolExecutor(max_workers=100) as executor:
        assert executor.submit(worker_pool.widen).result()
        assert executor._max_workers == 100


def test_on_a_thread_of_something_else_nothing_is_changed() -> None:
    said: list[bool] = []
    thread = threading.Thread(target=lambda *_: said.append(worker_pool.widen()), args=("not an executor",))
    thread.start()
    thread.join()
    assert said == [False]
    assert worker_pool.widen() is False
