"""What providers need from the engine's process: settings that may be wrong in a preview, and plain messages."""

from __future__ import annotations

import sys
import traceback
from types import ModuleType
from typing import Any

import pytest
from pulumi.dynamic import Config, ConfigureRequest
from pulumi.runtime import rpc

from psaas_resources import dynamic
from psaas_resources.client_grant import ClientGrantProvider
from psaas_resources.errors import ConfigError
from psaas_resources.tenant import TenantProvider

RTA = "rta.appliance.test"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLIENT_SECRET", "EXPECTED_RTA", "CONNECT_TO", "TIMEOUT_SECONDS", "CREDENTIALS", "ESCROW_KEY"):
        monkeypatch.delenv(f"PSAAS_{name}", raising=False)


def configured(**config: str) -> dynamic.Provider:
    provider = TenantProvider()
    provider.configure(ConfigureRequest(Config({f"psaas:{key}": value for key, value in config.items()}, "psaas")))
    return provider


def test_a_provider_reads_its_settings_from_the_stacks_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSAAS_CLIENT_SECRET", "hunter2")
    found = configured(domain=RTA, clientId="abc").settings({"rta": RTA})
    assert found.rta == RTA
    assert found.require_provisioning().client_secret == "hunter2"


def test_wrong_settings_stop_no_preview_and_are_told_by_the_first_call_that_needs_them() -> None:
    provider = configured(domain=RTA, timeoutSeconds="soon")
    assert provider.settings_or_none() is None
    with pytest.raises(ConfigError, match="psaas:timeoutSeconds"):
        provider.settings({"rta": RTA})


def test_missing_settings_stop_no_preview_either() -> None:
    assert configured().settings_or_none() is not None


def test_an_unexpected_appliance_stops_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSAAS_EXPECTED_RTA", "rta.other.test")
    with pytest.raises(ConfigError, match="PSAAS_EXPECTED_RTA"):
        configured(domain=RTA).settings({"rta": RTA})


@pytest.mark.parametrize("config", [{"domain": "rta.other.test"}, {}])
def test_a_resource_of_another_appliance_is_not_touched(config: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"rta\.appliance\.test"):
        configured(**config).settings({"rta": RTA})


def test_both_providers_check_in_a_preview_without_credentials() -> None:
    tenant: dict[str, Any] = {"rta": RTA, "name": "Customer-1", "owners": ["me@"], "__provider": "x"}
    failures = configured(domain=RTA).check({}, tenant).failures
    assert {failure.property for failure in failures} == {"name", "owners"}
    provider = ClientGrantProvider()
    provider.configure(ConfigureRequest(Config({"psaas:domain": RTA}, "psaas")))
    result = provider.check({}, {"rta": RTA, "client_id": "", "scopes": ["b", "a"], "audience": "x"})
    assert [failure.property for failure in result.failures] == ["client_id"]
    assert result.inputs["scopes"] == ["a", "b"]


def test_values_that_are_not_known_yet_and_the_stored_provider_are_left_out() -> None:
    assert dynamic.known({"a": 1, "b": rpc.UNKNOWN, "__provider": "x", "c": None, "d": ""}) == {
        "a": 1,
        "c": None,
        "d": "",
    }


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The SDK's provider process, as far as its way of telling errors goes."""
    module = ModuleType("__main__")
    vars(module).update(traceback=traceback, _abort_with_traceback=lambda: None)
    monkeypatch.setitem(sys.modules, "__main__", module)
    return module


def told(process: ModuleType, error: Exception) -> str:
    try:
        raise error
    except Exception:
        return str(process.traceback.format_exc())


def test_people_see_our_messages_without_a_traceback(process: ModuleType) -> None:
    dynamic.messages_without_traceback()
    dynamic.messages_without_traceback()
    assert told(process, ConfigError("psaas:domain: is missing")) == "psaas:domain: is missing"


def test_a_defect_is_still_told_with_its_traceback(process: ModuleType) -> None:
    dynamic.messages_without_traceback()
    assert "Traceback" in told(process, KeyError("x"))


def test_a_process_that_looks_different_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("__main__")
    vars(module)["traceback"] = traceback
    monkeypatch.setitem(sys.modules, "__main__", module)
    dynamic.messages_without_traceback()
    assert module.traceback is traceback
    monkeypatch.delitem(sys.modules, "__main__")
    dynamic.messages_without_traceback()
