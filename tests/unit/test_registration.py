"""How a program hands many resources to the engine, and what it and the provider process load for that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pulumi
import pytest
from pulumi.runtime import resource as sdk_resource
from pulumi.runtime import rpc_manager as sdk_rpc_manager

from psaas_resources import registration

ROOT = Path(__file__).parents[2]
KINDS = ("client_grant", "management_client", "provisioning_application", "tenant", "tenant_settings")


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What `of_many` changes is as the SDK has it after the test."""
    for module in (sdk_resource, sdk_rpc_manager):
        monkeypatch.setattr(module, "log", pulumi.log)
    monkeypatch.setattr(sdk_resource, "_get_stack_trace", sdk_resource._get_stack_trace)
    return monkeypatch


def loaded(statement: str) -> set[str]:
    """The modules that a new process has loaded after a statement."""
    code = f"{statement}\nimport sys; print(*sys.modules)"
    return set(subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).split())


def test_the_pinned_sdk_has_everything_that_a_program_of_many_resources_changes(sdk: pytest.MonkeyPatch) -> None:
    before = sdk_resource._get_stack_trace
    registration.of_many()
    assert sdk_resource._get_stack_trace is not before
    for module in (sdk_resource, sdk_rpc_manager):
        assert module.log is not pulumi.log
        assert module.log.warn is pulumi.log.warn
    assert callable(pulumi.run)


def test_an_sdk_that_looks_different_is_left_as_it_is(sdk: pytest.MonkeyPatch) -> None:
    other = SimpleNamespace(debug=print)
    sdk.setattr(sdk_resource, "log", other)
    sdk.delattr(sdk_resource, "_get_stack_trace")
    registration.of_many()
    assert sdk_resource.log is other
    assert not hasattr(sdk_resource, "_get_stack_trace")


def test_the_place_of_a_resource_is_the_one_line_that_declares_it() -> None:
    frames = registration._place().frames
    assert [frame.pc.uri for frame in frames] == [Path(__file__).as_uri()]


def test_a_program_loads_nothing_that_talks_to_an_appliance_or_seals_secrets() -> None:
    imports = ", ".join(f"psaas_resources.{kind}" for kind in KINDS)
    assert loaded(f"import psaas_resources.config, {imports}").isdisjoint(
        {"requests", "urllib3", "cryptography", "psaas_resources.management", "psaas_resources.transport"}
    )


def test_a_provider_process_loads_no_reader_of_stack_files_and_no_models() -> None:
    assert loaded("import psaas_resources.tenant, psaas_resources.management").isdisjoint(
        {"pydantic", "cryptography", "boto3", "psaas_resources.config", "psaas_resources.fleet"}
    )
