"""`psaas urns`: what of another stack's state belongs to the tenants of a stack file."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.command.operator_shell import command, psaas_in_a_terminal, variables
from tests.command.test_the_command import GOOD, project
from tests.unit.test_moving import export, tenant

LISTED = GOOD + "  psaas:tenants:\n    - {name: customer-1, owners: [me@email.com]}\n"


def urns(folder: Path, standard_input: str, *options: str) -> tuple[int, str, str]:
    ran = subprocess.run(
        command("urns", "--stack", "prod", *options), cwd=folder, env=variables({}), input=standard_input,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout, ran.stderr


def test_a_line_is_a_urn_for_pulumi_state_move(tmp_path: Path) -> None:
    state = json.dumps(export(tenant("customer-1"), tenant("customer-2")))

    assert urns(project(tmp_path, LISTED), state) == (0, "urn::Tenant::customer-1\n", "")
    assert json.loads(urns(tmp_path, state, "--json")[1]) == {
        "urns": ["urn::Tenant::customer-1"], "missing": [], "shared": []
    }  # fmt: skip


def test_nothing_is_to_be_moved_while_a_tenant_is_not_in_that_state(tmp_path: Path) -> None:
    status, out, err = urns(project(tmp_path, LISTED), json.dumps(export(tenant("customer-2"))))

    assert (status, out) == (1, "")
    assert err.startswith("error: that state has no tenant customer-1 of rta.example.com")


def test_without_a_state_it_says_where_to_get_one(tmp_path: Path) -> None:
    assert "pulumi stack export" in urns(project(tmp_path, LISTED), "no JSON")[2]
    assert "pulumi stack export" in psaas_in_a_terminal(tmp_path, "urns", "--stack", "prod").out
