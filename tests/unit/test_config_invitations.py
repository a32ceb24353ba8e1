"""Whose owners are invited, as stack files say it."""

from __future__ import annotations

from typing import Any

import pytest

from psaas_resources import stack_files
from psaas_resources.errors import ConfigError
from psaas_resources.fleet import Fleet

PROD = "stacks/Pulumi.prod.yaml"
HEAD = "config:\n  psaas:domain: rta.example.com\n  psaas:clientId: provisioning\n%s  psaas:tenants:\n"
ON = "  psaas:inviteOwners: true\n"
ENTRY = "    - {name: customer-1, owners: [me@example.com]%s}\n"


def read(stack: str = "", entry: str = "") -> Fleet:
    return stack_files.read("prod", {PROD: HEAD % stack + ENTRY % entry})


@pytest.mark.parametrize(
    ("stack", "entry", "invited"),
    [
        ("", "", False),
        (ON, "", True),
        (ON, ", inviteOwners: false", False),
        ("", ", inviteOwners: true", True),
        (ON, ", adopt: true", False),
        (ON, ", adopt: inventory", False),
        ("", ", adopt: true, inviteOwners: true", True),
    ],
)
def test_owners_are_invited_where_the_stack_or_the_entry_says_so_and_not_those_of_tenants_that_exist(
    stack: str, entry: str, invited: bool
) -> None:
    fleet = read(stack, entry)
    assert fleet.invitations_of(fleet.tenants[0]) == (("me@example.com",) if invited else ())


@pytest.mark.parametrize(
    ("stack", "entry", "mistake"),
    [
        ("", ", adopt: inventory, inviteOwners: true", "tenants[0].inviteOwners: nobody holds the credential"),
        ("", ", inviteOwners: maybe", 'tenants[0].inviteOwners: expected true or false, found "maybe"'),
        ("", ", inviteOwner: true", 'unknown field "inviteOwner"; did you mean "inviteOwners"?'),
        ("  psaas:inviteOwners: {secure: AAA}\n", "", "psaas:inviteOwners: holds an encrypted value"),
    ],
)
def test_what_is_wrong_about_invitations_is_told_with_its_place(stack: str, entry: str, mistake: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        read(stack, entry)
    [problem] = caught.value.problems
    assert problem.startswith(f"{PROD}:")
    assert mistake in problem
