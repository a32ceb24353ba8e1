"""The documentation names everything that a stack file and the environment may say."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from psaas_resources import config, settings
from psaas_resources.config import Fleet, TenantEntry

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = (ROOT / "docs" / "stack-file.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", [field.alias for field in Fleet.model_fields.values()])
def test_every_key_of_a_stack_file_is_described(key: str) -> None:
    assert f"| `psaas:{key}` |" in REFERENCE


@pytest.mark.parametrize("field", [field.alias for field in TenantEntry.model_fields.values()])
def test_every_field_of_a_tenant_is_described(field: str) -> None:
    assert f"| `{field}` |" in REFERENCE


@pytest.mark.parametrize("key", settings.FROM_ENVIRONMENT)
def test_every_variable_is_described(key: str) -> None:
    assert f"`{settings.variable(key)}`" in REFERENCE


@pytest.mark.parametrize("stack", ["local", "example"])
def test_the_stack_files_that_come_along_are_in_order(stack: str) -> None:
    document = yaml.safe_load((ROOT / "stacks" / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))
    values = {key.removeprefix("psaas:"): value for key, value in document["config"].items()}

    fleet = config.read(values, environment={})

    assert len(fleet.tenants) >= (5 if stack == "local" else 2)
