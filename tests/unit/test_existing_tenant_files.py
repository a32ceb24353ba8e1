"""Files of tenants that exist already: named by the stack file alone, and never a way to make a tenant."""

from __future__ import annotations

import pytest
from jsonschema import Draft7Validator

from psaas_resources import schema, stack_files, validation
from psaas_resources.errors import ConfigError
from tests.unit.test_stack_files import HEAD, ONE, PROD

EXISTING = "stacks/existing/prod.yaml"
NAMES_IT = HEAD + "  psaas:existingTenantFiles: [existing/prod.yaml]\n"
TWO = "tenants:\n  - name: customer-7\n    adopt: true\n  - {name: old_one, adopt: inventory, owners: [me@email.com]}\n"


def mistakes(stack: str, **files: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        stack_files.read("prod", {PROD: stack, **{f"stacks/{name}/prod.yaml": text for name, text in files.items()}})
    return list(caught.value.problems)


def test_tenants_that_exist_may_stand_in_a_file_that_the_stack_file_names_for_them() -> None:
    fleet = stack_files.read("prod", {PROD: NAMES_IT, EXISTING: TWO})

    assert [(tenant.name, tenant.adopt, tenant.place) for tenant in fleet.tenants] == [
        ("customer-7", True, f"{EXISTING}:2"), ("old_one", "inventory", f"{EXISTING}:4"),
    ]  # fmt: skip
    assert stack_files.included_in("prod", {PROD: NAMES_IT, EXISTING: TWO}) == (EXISTING,)


@pytest.mark.parametrize("line", ["", "    adopt: false\n"])
def test_nothing_in_such_a_file_can_be_a_new_tenant(line: str) -> None:
    [problem] = mistakes(NAMES_IT, existing=ONE + line)
    assert problem.startswith(
        f"{EXISTING}:{4 if line else 2}: tenants[0].adopt: is missing; tenants of this file exist"
    )


def test_such_a_file_says_nothing_of_how_a_tenant_leaves() -> None:
    text = "tenants:\n  - name: customer-7\n    adopt: true\n    deletion: delete\n"
    [problem] = mistakes(NAMES_IT, existing=text)
    assert problem == f"{EXISTING}:4: tenants[0].deletion: only the stack file may say that"


def test_a_file_of_a_team_can_not_be_made_one_that_takes_over() -> None:
    both = NAMES_IT + "  psaas:tenantFiles: ['existing/*.yaml']\n"
    problems = mistakes(both, existing=ONE)
    words = f'"existing/prod.yaml" names {EXISTING}, and psaas:tenantFiles does so too; a file is of one of the two'
    assert f"{PROD}:4: psaas:existingTenantFiles[0]: {words}" in problems


def test_a_pattern_of_existing_tenants_that_matches_nothing_is_a_mistake() -> None:
    [problem] = mistakes(NAMES_IT)
    assert problem.startswith(f'{PROD}:4: psaas:existingTenantFiles[0]: "existing/prod.yaml" matches no file')


def test_a_file_of_existing_tenants_that_no_stack_names_is_a_warning_and_no_mistake() -> None:
    found = validation.judge({PROD: HEAD, EXISTING: TWO})
    assert found.mistakes == ()
    assert found.warnings == (f"{EXISTING}: no stack file includes it, so its tenants are nowhere",)


def test_editors_underline_an_entry_that_does_not_say_how_it_is_taken_over() -> None:
    judge = Draft7Validator(schema.existing_file())
    assert judge.is_valid(
        {"tenants": [{"name": "dev", "adopt": "inventory"}, {"name": "a", "adopt": True, "owners": []}]}
    )
    for entry in (
        {"name": "dev"},
        {"name": "dev", "adopt": False},
        {"name": "dev", "adopt": True, "deletion": "delete"},
    ):
        assert not judge.is_valid({"tenants": [entry]})
