"""The JSON schemas that editors use: as the models say, accepting what is in order and underlining what is not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from psaas_resources import schema, stack_files
from psaas_resources.entries import TenantEntry
from psaas_resources.errors import ConfigError
from psaas_resources.fleet import Fleet
from tests.unit.test_stack_files import BILLING, HEAD, INCLUDES, ONE, PROD, TWO

ROOT = Path(__file__).parents[2]
STACK, TENANTS = Draft7Validator(schema.stack_file()), Draft7Validator(schema.included_file())
CASES = sorted((ROOT / "tests" / "cases").glob("*.yaml"))
# What needs more than a look at shapes: two values together, or what a domain means.
BEYOND_SHAPE = {"local-only-settings-on-a-real-appliance", "names-listed-twice"}


def loaded(text: str) -> Any:
    """As an editor loads it: by YAML 1.2, so without dates and without `yes` for true."""
    return stack_files.documents.parse("x.yaml", text).root.plain()


def underlined(text: str, validator: Draft7Validator = STACK) -> list[str]:
    """The paths of everything that an editor would underline."""
    return sorted({error.json_path for error in validator.iter_errors(loaded(text))})


def mistakes(text: str) -> tuple[str, ...]:
    try:
        stack_files.read("prod", {PROD: text, BILLING: ONE})
    except ConfigError as error:
        return error.problems
    return ()


def test_the_schemas_that_are_checked_in_are_those_of_the_models() -> None:
    for name, text in schema.files().items():
        assert (ROOT / name).read_text(encoding="utf-8") == text, "run `make schema`"
        Draft7Validator.check_schema(json.loads(text))


def test_every_key_and_every_field_is_offered_with_a_description_worth_reading() -> None:
    config = schema.stack_file()["properties"]["config"]["properties"]
    fields = schema.stack_file()["definitions"]["tenant"]["properties"]
    assert set(config) == {f"psaas:{field.alias}" for field in Fleet.model_fields.values()}
    assert set(fields) == {field.alias for field in TenantEntry.model_fields.values()}
    assert all(len(part["description"]) > 30 for part in [*config.values(), *fields.values()])
    included = schema.included_file()["definitions"]
    assert set(included["tenant"]["properties"]) == {"name", "owners", "labels", "rotate", "managementClient"}
    assert set(included["managementClient"]["properties"]) == {"rotate"}


@pytest.mark.parametrize("file", sorted((ROOT / "stacks").glob("Pulumi.*.yaml")), ids=lambda file: file.stem)
def test_the_stack_files_of_this_project_are_accepted_and_name_their_schema(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert underlined(text) == []
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named
    assert (file.parent / named[1]).is_file()


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_what_validate_accepts_is_accepted_and_what_has_a_wrong_shape_is_underlined(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert bool(underlined(text)) == (bool(mistakes(text)) and file.stem not in BEYOND_SHAPE)


def test_mistakes_are_underlined_where_they_are() -> None:
    case = (ROOT / "tests" / "cases" / "many_mistakes.yaml").read_text(encoding="utf-8")
    tenants = "$.config['psaas:tenants']"
    assert underlined(case) == [
        "$.config",  # domian
        "$.config['psaas:clientSecret']",
        "$.config['psaas:deletion']",
        f"{tenants}[0]",  # owner; no owners
        f"{tenants}[1].owners[0]",
    ]


@pytest.mark.parametrize(
    "line",
    ["psaas:clientSecret: {secure: v1:abc}", "psaas:escrowDir: {secure: v1:abc}", "psaas:tenants: '[]'",
     "psaas:credentials: {customer-1: {clientId: abc, clientSecret: {secure: v1:abc}}}", "aws:region: eu-central-1",
     "psaas:credentials: {secure: v1:abc}", "psaas:timeoutSeconds: '45'", "psaas:readyWithinHours: 1.5",
     "psaas:manageGrant: YES", "psaas:caBundle:", "psaas:clientSecret: ''", "psaas:escrowDurable: false",
     "psaas:retired: [{name: old_one, deletion: delete}]\n  psaas:manageGrant: false",
     "psaas:tenantFiles: ['tenants/*.yaml']",
     "psaas:tenants: [{name: dev, adopt: inventory}, {name: customer-1, owners: [me@email.com], deletion: null}]"],
)  # fmt: skip
def test_whatever_form_a_value_may_have_is_accepted(line: str) -> None:
    text = f"{HEAD}  {line}\nencryptionsalt: v1:x\nenvironment: [common]\n"
    assert mistakes(text) == ()
    assert underlined(text) == []


@pytest.mark.parametrize(
    "line",
    ["psaas:clientSecret: hunter2", "psaas:tenants: {secure: v1:abc}", "psaas:tenants: customer-1", "other: 1",
     "psaas:credentials: {customer-1: {clientId: {secure: v1:a}, clientSecret: hunter2}}", "psaas:tennants: []",
     "psaas:timeoutSeconds: 5000", "psaas:manageGrant: perhaps", "psaas:tenantFiles: tenants/x.yaml",
     "psaas:retired: [{name: customer-1, deletion: refuse}]", "psaas:tenants: [{name: customer-1}]",
     "psaas:tenants: [{name: docs, owners: [me@email.com]}]", "psaas:tenants: [{owners: [me@email.com]}]",
     "psaas:tenants: [{name: customer-1, owners: [me@email.com], labels: {ticket: 3}}]"],
)  # fmt: skip
def test_a_wrong_form_is_underlined(line: str) -> None:
    text = f"{HEAD}  {line}\n"
    assert mistakes(text)
    assert underlined(text)


@pytest.mark.parametrize("text", [ONE, TWO, "tenants: []"])
def test_included_files_that_are_in_order_are_accepted(text: str) -> None:
    assert underlined(text, TENANTS) == []


@pytest.mark.parametrize(
    "text",
    ["", "tenants: x", "tenant: []", ONE + "retired: []", ONE + "    deletion: forget\n", ONE + "    adopt: true\n",
     "tenants: [{name: customer-1}]", "tenants: [{name: dev, owners: [me@email.com]}]",
     ONE + "    labels: {x: {secure: v1:abc}}\n"],
)  # fmt: skip
def test_what_an_included_file_may_not_say_is_underlined(text: str) -> None:
    assert underlined(text, TENANTS)


ODD = st.sampled_from(
    [None, True, False, 0, 1, 4, -1, 1.5, "", " ", "yes", "5", "5.5", "customer-1", "docs", "me@email.com", "forget",
     "inventory", "true", [], {}, ["create:tenants"], [{"name": "customer-9", "adopt": True}], {"secure": "v1:abc"},
     "[]", "rta.appliance.test", "x y"]
)  # fmt: skip
FIELDS = st.sampled_from(sorted(TenantEntry.model_fields))
KEYS = sorted(schema.stack_file()["properties"]["config"]["properties"])


@given(st.dictionaries(st.sampled_from(KEYS), ODD, max_size=3), st.dictionaries(FIELDS, ODD, max_size=2))
@settings(max_examples=300)
def test_no_stack_file_that_validate_accepts_is_underlined(keys: dict[str, Any], fields: dict[str, Any]) -> None:
    entry = {"name": "customer-1", "owners": ["me@email.com"]} | fields
    config = {"psaas:domain": "rta.appliance.test", "psaas:clientId": "abc", "psaas:tenants": [entry]} | keys
    text = yaml.safe_dump({"config": config})
    assert mistakes(text) or underlined(text) == []


def test_the_included_file_of_the_reference_is_in_order_and_names_its_schema() -> None:
    reference = (ROOT / "docs" / "stack-file.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"```yaml\n(# stacks/tenants/billing\.yaml\n.*?)```", reference, re.DOTALL)
    assert "# yaml-language-server: $schema=../schema/tenants.json\n" in shown
    assert underlined(shown, TENANTS) == []
    assert stack_files.read("prod", {PROD: INCLUDES, BILLING: shown}).tenants[0].place == f"{BILLING}:4"
