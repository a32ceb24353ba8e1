"""`psaas rotate`: markers for a pull request, in waves, in whichever file a tenant stands."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psaas_resources import stack_files
from tests.command.operator_shell import psaas

PROD, BILLING = "stacks/Pulumi.prod.yaml", "stacks/tenants/billing.yaml"
STACK = """\
config:
  psaas:domain: rta.example.com
  psaas:clientId: provisioning
  psaas:adminClientId: admin
  psaas:tenantFiles: ["tenants/*.yaml"]
  psaas:managementClient: {scopes: [read:clients]}
  psaas:tenants:
    - name: customer-1   # the first
      owners: [me@email.com]
"""
TEAM = "tenants:\n  - name: customer-21\n    owners: [billing@example.com]\n"
TODAY = datetime.now(UTC).date().isoformat()


def known(name: str, since: str, team: str) -> dict[str, Any]:
    client = {"name": "Team", "scopes": "read:clients", "previousHours": "168"}
    return {
        "name": name, "held": True, "rotate": "", "ready": True, "credentialSince": since, "teamSince": team,
        "inside": {"managementClient": client},
    }  # fmt: skip


def project(folder: Path, stack: str = STACK) -> Path:
    tenants = [known("customer-1", "2024-01-01T00:00:00+00:00", "2024-03-01T00:00:00+00:00"),
               known("customer-21", "2024-02-01T00:00:00+00:00", datetime.now(UTC).isoformat())]  # fmt: skip
    inventory = {"version": 3, "stack": "prod", "rta": "rta.example.com", "tenants": tenants}
    for file, text in {PROD: stack, BILLING: TEAM, "published/prod.json": json.dumps(inventory)}.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text)
    return folder


def test_a_dry_run_shows_the_difference_and_writes_nothing(tmp_path: Path) -> None:
    ran = psaas(project(tmp_path), "rotate", "--stack", "prod", "--older-than", "90d", "--inventory", "published")

    assert ran.status == 0, ran.err
    assert ran.out == (
        f"--- a/{PROD}\n+++ b/{PROD}\n@@ -7,3 +7,5 @@\n   psaas:tenants:\n     - name: customer-1   # the first\n"
        f'       owners: [me@email.com]\n+      managementClient: {{rotate: "{TODAY}"}}\n+      rotate: "{TODAY}"\n'
        f"--- a/{BILLING}\n+++ b/{BILLING}\n@@ -1,3 +1,4 @@\n tenants:\n   - name: customer-21\n"
        f'     owners: [billing@example.com]\n+    rotate: "{TODAY}"\n'
    )
    assert "would mark the credential of tenant customer-1: " in ran.err
    assert "3 of 3 older than 90d would be marked; 0 wait for another wave, 1 are younger" in ran.err
    assert "nothing was written; --write does" in ran.err
    assert ((tmp_path / PROD).read_text(), (tmp_path / BILLING).read_text()) == (STACK, TEAM)


def test_waves_are_written_one_after_the_other_oldest_first_until_none_is_due(tmp_path: Path) -> None:
    folder = project(tmp_path)
    command = ("rotate", "--stack", "prod", "--older-than", "90d", "--inventory", "published", "--waves", "4")

    marked = []
    for _ in range(4):
        ran = psaas(folder, *command, "--write", "--json")
        assert ran.status == 0, ran.err
        document = json.loads(ran.out)
        marked.append([(one["kind"], one["tenant"]) for one in document["marked"]])

    assert marked == [[("tenant", "customer-1")], [("tenant", "customer-21")], [("client", "customer-1")], []]
    assert len(document["pending"]) == 3
    fleet = stack_files.read("prod", stack_files.from_disk(folder))
    assert [(entry.name, entry.rotate) for entry in fleet.tenants] == [("customer-1", TODAY), ("customer-21", TODAY)]
    assert fleet.management_client_of(fleet.tenants[0]) == {"scopes": ["read:clients"], "rotate": TODAY}
    assert "# the first\n" in (folder / PROD).read_text()


def test_a_stack_whose_ages_nobody_can_tell_and_a_wrong_use_are_told(tmp_path: Path) -> None:
    folder = project(tmp_path)
    ran = psaas(folder, "rotate", "--stack", "prod", "--older-than", "90d", "--inventory", "stacks")
    assert ran.status == 1
    assert "how old the credentials of prod are can't be told: inventory: stacks/prod.json is not there" in ran.err

    both = ("--waves", "2", "--at-most", "1")
    assert psaas(folder, "rotate", "--stack", "prod", "--older-than", "90d", *both).status == 64
    assert psaas(folder, "rotate", "--stack", "prod", "--older-than", "90d", "--kind", "tenat").status == 64
    ran = psaas(folder, "rotate", "--stack", "prod", "--older-than", "soon", "--inventory", "published")
    assert (ran.status, ran.err) == (64, 'error: "soon" is no age; write for example 90d, 12w or 36h\n')


def test_an_included_file_may_say_markers_and_nothing_else_of_an_application(tmp_path: Path) -> None:
    marker = '    managementClient: {rotate: "2026-11", scopes: [read:users]}\n'
    folder = project(tmp_path)
    (folder / BILLING).write_text(TEAM + marker)

    ran = psaas(folder, "validate")

    assert ran.status == 1
    assert f"{BILLING}:4: tenants[0].managementClient.scopes: only the stack file may say that" in ran.err
    (folder / BILLING).write_text(TEAM + marker.replace(", scopes: [read:users]", ""))
    assert psaas(folder, "validate").status == 0
