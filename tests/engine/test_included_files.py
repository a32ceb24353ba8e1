"""Tenants in files of their own, through the real engine: merged by the program, seen by nobody else."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.engine.stack import Stack


def include(stack: Stack, name: str, *tenants: dict[str, Any]) -> None:
    folder = stack.file.parent / "tenants"
    folder.mkdir(exist_ok=True)
    entries = [{"owners": ["me@email.com"]} | tenant for tenant in tenants]
    (folder / name).write_text(yaml.safe_dump({"tenants": entries}, sort_keys=False), encoding="utf-8")


def test_tenants_of_included_files_are_made_and_then_left_alone(stack: Stack) -> None:
    stack.declare("customer-1", tenantFiles=["tenants/*.yaml"])
    include(stack, "billing.yaml", {"name": "customer-21", "labels": {"team": "billing"}}, {"name": "customer-22"})
    include(stack, "search.yaml", {"name": "customer-31"})

    assert "+ 6 to create" in stack.preview().ok().summary
    stack.up().ok()

    assert set(stack.outputs()) == {"customer-1", "customer-21", "customer-22", "customer-31"}
    assert stack.resources()["customer-21"]["outputs"]["labels"] == {"team": "billing"}
    stack.appliance.forget_calls()
    assert stack.up().ok().summary == "6 unchanged"
    assert stack.posts() == []

    include(stack, "search.yaml", {"name": "customer-31"}, {"name": "customer-32"})
    assert stack.up().ok().summary == "+ 1 created 6 unchanged"
    stack.refresh().ok()
    assert stack.up().ok().summary == "7 unchanged"


def test_a_mistake_in_an_included_file_is_told_with_its_line_and_changes_nothing(stack: Stack) -> None:
    stack.declare("customer-1", tenantFiles=["tenants/*.yaml", "nothing/*.yaml"])
    include(stack, "billing.yaml", {"name": "customer-21", "deletion": "delete"}, {"name": "customer-1"})

    stack.preview().failed(
        "stacks/tenants/billing.yaml:5: tenants[0].deletion: only the stack file may say that",
        'stacks/tenants/billing.yaml:8: tenants[1].name: "customer-1" is listed already, in psaas:tenants[0] '
        "(stacks/Pulumi.test.yaml:",
        'psaas:tenantFiles[1]: "nothing/*.yaml" matches no file',
    )
    stack.up().failed("3 mistakes in the configuration")

    assert stack.resources() == {}
    assert stack.posts() == []


@pytest.mark.long
def test_pulumi_keeps_the_line_that_names_the_schema_to_an_editor(stack: Stack) -> None:
    line = "# yaml-language-server: $schema=schema/stack.json\n"
    stack.file.write_text(line + stack.file.read_text(encoding="utf-8"), encoding="utf-8")

    stack.pulumi("config", "set", "psaas:deletion", "forget").ok()
    stack.pulumi("config", "set", "--secret", "--path", 'psaas:credentials["customer-7"].clientId', "abc").ok()

    text = stack.file.read_text(encoding="utf-8")
    assert text.startswith(line)
    assert "secure:" in text
