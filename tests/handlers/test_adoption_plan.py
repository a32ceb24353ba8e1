"""Existing tenants on their way into stack files and escrow, with a real appliance's list and a real escrow."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from psaas_resources import adoption, stack_files
from psaas_resources.adoption import Wanted, sealing
from psaas_resources.errors import ConfigError, EscrowError, PsaasError
from psaas_resources.settings import Credential
from tests.handlers.adopting import STACK, Project


def test_what_the_appliance_lists_is_taken_into_the_inventory_and_only_read(project: Project) -> None:
    project.exist("customer-7", "customer-8", "other-1")

    plan = project.plan(Wanted(only=("customer-*",), without=("*-8",)))
    plan.carry_out()

    assert project.text().endswith(
        "  psaas:tenants:\n    - name: customer-7\n      adopt: inventory\n      owners: [me@email.com]\n"
    )
    assert plan.unknown == ("customer-8", "other-1")
    calls = [c for m in ("POST", "PATCH", "PUT", "DELETE") for c in project.operator.appliance.calls(m, "/api/")]
    assert calls == []


def test_a_plan_writes_nothing_before_it_is_carried_out(project: Project) -> None:
    given = project.exist("customer-7")
    before = project.text()

    plan = project.plan(source=given)

    assert f"--- a/{STACK}\n+++ b/{STACK}\n" in plan.diff
    assert "+    - name: customer-7\n+      adopt: true\n" in plan.diff
    assert project.text() == before
    assert not project.operator.directory.joinpath(project.operator.appliance.rta, "customer-7.json").exists()
    assert given["customer-7"]["clientSecret"] not in plan.diff + repr(plan)


def test_a_credential_goes_into_the_escrow_and_into_no_file(project: Project) -> None:
    given = project.exist("customer-7")
    project.plan(source=given).carry_out()

    entry = project.escrow().find("customer-7")
    assert entry
    assert entry.reason == "given"
    assert entry.credential == Credential(given["customer-7"]["clientId"], given["customer-7"]["clientSecret"])
    files = [file for file in project.root.rglob("*") if file.is_file()]
    assert not any(given["customer-7"]["clientSecret"] in file.read_text(encoding="utf-8") for file in files)


def test_many_go_into_a_file_of_their_own_which_the_stack_file_then_names(project: Project) -> None:
    names = [f"customer-{number}" for number in range(100, 121)]
    project.credential = False
    project.plan(source=[{"name": name} for name in names]).carry_out()

    assert project.text().endswith("  psaas:existingTenantFiles:\n    - existing/test.yaml\n")
    text = project.text("stacks/existing/test.yaml")
    assert text.startswith(
        "# yaml-language-server: $schema=../schema/existing.json\ntenants:\n  - name: customer-100\n"
    )
    fleet = stack_files.read("test", stack_files.from_disk(project.root))
    assert [(entry.name, entry.adopt) for entry in fleet.tenants] == [(name, "inventory") for name in names]


@pytest.mark.parametrize("killed_at", ["the second credential", "existing/.test.yaml", "Pulumi.test.yaml"])
def test_a_run_that_was_killed_is_run_again_and_nothing_is_lost_or_doubled(
    project: Project, killed_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"name": f"customer-{n}", "clientId": f"id-{n}", "clientSecret": f"secret-{n}"} for n in range(100, 125)]
    project.credential = False
    before = project.text()

    def die(name: str) -> None:
        if killed_at == "the second credential" and name == "customer-101":
            raise KeyboardInterrupt

    original = os.open

    def no_such_file(path: Any, *rest: Any) -> int:
        if killed_at in str(path):
            raise KeyboardInterrupt
        return original(path, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", no_such_file)
        with pytest.raises(KeyboardInterrupt):
            project.plan(source=rows).carry_out(die)
    assert project.text() == before
    assert len(project.escrow().tenants()) == (2 if killed_at == "the second credential" else 25)

    project.plan(source=rows).carry_out()

    fleet = stack_files.read("test", stack_files.from_disk(project.root))
    assert [entry.adopt for entry in fleet.tenants] == [True] * 25
    assert len(project.escrow().tenants()) == 25
    again = project.plan(source=rows)
    assert not again.changes
    assert len(again.already) == 25


def test_without_its_list_a_later_run_still_finds_the_credentials_of_an_interrupted_one(project: Project) -> None:
    given = project.exist("customer-7", "customer-8")
    escrowed = {"customer-7": Credential(**_snake(given["customer-7"]))}
    sealing.seal(project.escrow(), escrowed, tenant_domain="appliance.test", each=lambda _: None)

    plan = project.plan()

    assert {entry.name: entry.adopt for entry in plan.new} == {"customer-7": True, "customer-8": "inventory"}


def test_an_inventory_gets_its_credentials_later_where_its_entries_stand(project: Project) -> None:
    given = project.exist("customer-7", "customer-8")
    project.plan(source=[{"name": "customer-7"}]).carry_out()
    project.plan(source=[{"name": "customer-8"}], into="stacks/existing/later.yaml").carry_out()

    plan = project.plan(source=given)
    plan.carry_out()

    assert set(plan.upgraded) == {"customer-7", "customer-8"}
    assert "adopt: inventory" not in project.text() + project.text("stacks/existing/later.yaml")
    assert not project.plan(source=given).changes


def test_names_that_are_known_elsewhere_retired_or_the_root_itself_are_left_out_and_told(project: Project) -> None:
    project.exist("customer-7", "customer-8", "customer-9")
    project.declare("  psaas:retired:\n    - name: customer-8\n")
    project.declare("  psaas:tenants: [{name: customer-7, adopt: inventory}]\n", stack="other")
    root = project.operator.appliance.rta.partition(".")[0]

    plan = project.plan(source=[{"name": n} for n in ("customer-7", "customer-8", "customer-9", root)])

    assert [entry.name for entry in plan.new] == ["customer-9"]
    assert "stack other has it already, in stacks/Pulumi.other.yaml:5" in plan.left_out["customer-7"]
    assert f"its name is retired in {STACK}:6" in plan.left_out["customer-8"]
    assert "the root tenant authority itself" in plan.left_out[root]
    assert plan.needs_a_person == {"customer-7", "customer-8", root}
    assert project.plan().needs_a_person == frozenset()  # others' tenants are no concern of those who take all
    assert project.plan(Wanted(names=("customer-7", "customer-9"))).needs_a_person == {"customer-7"}


def test_a_name_that_nobody_lists_is_a_mistake_with_the_near_miss(project: Project) -> None:
    project.exist("customer-7")
    with pytest.raises(ConfigError, match=r'no tenant "custmer-7" there; did you mean "customer-7"\?'):
        project.plan(Wanted(names=("custmer-7",)))
    with pytest.raises(ConfigError, match="say which tenants"):
        project.plan(Wanted())


def test_tenants_that_no_stack_file_knows_are_reported(project: Project) -> None:
    project.exist("customer-7", "customer-8", "customer-9")
    project.declare("  psaas:tenants: [{name: customer-7, adopt: inventory}]\n  psaas:retired: [{name: customer-8}]\n")

    found = adoption.unknown("test", root=project.root, environment=project.environment)

    assert (found.listed, [tenant.name for tenant in found.tenants]) == (3, ["customer-9"])


def test_without_a_list_the_way_out_is_named(project: Project) -> None:
    project.operator.appliance.api("GET", "client-grants")
    grants = project.operator.appliance.api("GET", "client-grants")
    for grant in grants:
        if grant["client_id"] == project.operator.appliance.described["provisioning"]["client_id"]:
            project.operator.appliance.api("PATCH", f"client-grants/{grant['id']}", {"scope": ["create:tenants"]})
    with pytest.raises(ConfigError, match=r"offers no list .* read:tenants .* --from FILE"):
        project.plan()


def test_a_one_time_answer_that_waits_is_never_overwritten(project: Project) -> None:
    given = project.exist("customer-7")
    answer = {"name": "customer-7", "client_id": "once", "client_secret": "canary-once"}
    project.escrow().keep_answer("customer-7", json.dumps(answer).encode())

    plan = project.plan(source=given)
    plan.carry_out()

    assert "another credential of it waits in the escrow" in plan.left_out["customer-7"]
    entry = project.escrow().find("customer-7")
    assert entry
    assert entry.reason == "answer"
    assert [entry.adopt for entry in project.plan().new] == [True]


def test_a_takeover_is_never_a_post_whatever_the_escrow_holds(project: Project) -> None:
    project.escrow().keep_answer("customer-7", b"<html>a page of a load balancer</html>")

    with pytest.raises(PsaasError, match="lists no tenant customer-7"):
        project.operator.run().create("customer-7", adopt=True)

    assert project.operator.posts() == []


def test_an_entry_under_another_key_is_left_alone(project: Project) -> None:
    given = project.exist("customer-7")
    project.operator.environment["PSAAS_ESCROW_KEY"] = "another-key-of-at-least-thirty-two-characters"
    sealing.seal(project.escrow(), {"customer-7": Credential("a", "b")}, tenant_domain="x.test", each=lambda _: None)

    assert "another key" in project.plan(source=given).left_out["customer-7"]


def test_a_list_with_credentials_needs_an_escrow_that_can_keep_them(project: Project) -> None:
    given = project.exist("customer-7")
    project.credential = False
    project.operator.directory = project.root / "no-folder"
    project.operator.directory.write_text("a file", encoding="utf-8")
    before = project.text()
    with pytest.raises(EscrowError, match="can't be written"):
        project.plan(source=given).carry_out()
    assert project.text() == before


@pytest.mark.parametrize(
    ("into", "words"),
    [("tenants.yaml", "is no path of a file below stacks/"), ("stacks/../x.yaml", "is no path of a file below stacks/"),
     ("stacks/tenants/billing.yaml", "psaas:tenantFiles names it"),
     ("stacks/Pulumi.other.yaml", "is the stack file of"),
     ("stacks/existing/theirs.yaml", "is a file of stack other")],
)  # fmt: skip
def test_entries_go_only_where_a_takeover_may_be_said(project: Project, into: str, words: str) -> None:
    project.exist("customer-7")
    for name, text in {"tenants/billing": "tenants: []\n", "existing/theirs": "tenants: []\n"}.items():
        (project.root / f"stacks/{name}.yaml").parent.mkdir(parents=True, exist_ok=True)
        (project.root / f"stacks/{name}.yaml").write_text(text, encoding="utf-8")
    project.declare("  psaas:tenantFiles: ['tenants/*.yaml']\n")
    project.declare("  psaas:existingTenantFiles: ['existing/*.yaml']\n", stack="other")
    with pytest.raises(ConfigError, match=words):
        project.plan(into=into)


def test_a_file_that_was_changed_meanwhile_is_not_written_over(project: Project) -> None:
    project.exist("customer-7")
    plan = project.plan()
    project.declare("  psaas:deletion: forget\n")
    with pytest.raises(ConfigError, match="was changed meanwhile; run again"):
        plan.carry_out()


def test_lines_end_as_they_did_and_the_mode_stays(project: Project) -> None:
    project.exist("customer-7")
    file = project.root / STACK
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    file.chmod(0o640)

    project.plan().carry_out()

    assert b"\r\n    - name: customer-7\r\n" in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o640


def _snake(given: dict[str, str]) -> dict[str, str]:
    return {"client_id": given["clientId"], "client_secret": given["clientSecret"]}
