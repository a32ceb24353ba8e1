"""`psaas adopt` in a shell: what is shown, where it goes, and what the exit status means."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command.operator_shell import psaas
from tests.local_appliance import LocalAppliance

STACK = "stacks/Pulumi.prod.yaml"
KEY = "an-escrow-key-of-more-than-thirty-two-characters"
HEAD = "config:\n  psaas:domain: rta.example.com\n  psaas:clientId: provisioning\n  psaas:manageGrant: false\n"
LIST = "name,client_id,client_secret\ncustomer-7,id-7,canary-secret\ncustomer-8,,\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of an appliance that can't be reached, with a list of its tenants."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / STACK).write_text(HEAD)
    (tmp_path / "list.csv").write_text(LIST)
    (tmp_path / "list.csv").chmod(0o600)
    return tmp_path


def adopt(project: Path, *arguments: str, **environment: str):  # type: ignore[no-untyped-def]
    given = {"PSAAS_ESCROW_KEY": KEY, "PSAAS_ESCROW_DIR": str(project / "escrow"), **environment}
    ran = psaas(project, "adopt", "--stack", "prod", *arguments, **given)
    assert "canary" not in ran.out + ran.err
    assert "Traceback" not in ran.err
    return ran


def test_a_dry_run_shows_a_diff_and_changes_nothing(project: Path) -> None:
    ran = adopt(project, "--from", "list.csv", "--dry-run")

    assert ran.status == 0
    assert ran.out == (
        f"--- a/{STACK}\n+++ b/{STACK}\n@@ -2,3 +2,8 @@\n   psaas:domain: rta.example.com\n"
        "   psaas:clientId: provisioning\n   psaas:manageGrant: false\n+  psaas:tenants:\n+    - name: customer-7\n"
        "+      adopt: true\n+    - name: customer-8\n+      adopt: inventory\n"
    )
    assert "1 credential would be in the escrow" in ran.err
    assert "warning: not compared with the appliance's list, so the update finds what isn't there: noth" in ran.err
    assert (project / STACK).read_text() == HEAD
    assert not (project / "escrow").exists()


def test_a_list_is_taken_over_without_a_network_and_a_second_run_changes_nothing(project: Path) -> None:
    ran = adopt(project, "--from", "list.csv")
    assert (ran.status, ran.out) == (0, "")
    assert "1 credential is in the escrow" in ran.err
    assert f"1 tenant with a credential and 1 tenant without are declared in {STACK}" in ran.err
    assert "remove it once the update has taken the tenants over" in ran.err
    after = (project / STACK).read_text()
    entries = list((project / "escrow").rglob("customer-*.json"))
    assert [entry.name for entry in entries] == ["customer-7.json"]
    assert "canary" not in entries[0].read_text() + after

    again = adopt(project, "--from", "list.csv")

    assert again.status == 0
    assert again.err == "2 tenants known to this stack already: left as they are\n"
    assert (project / STACK).read_text() == after
    assert psaas(project, "validate").status == 0


def test_some_of_a_list_can_be_chosen_by_name_and_by_pattern(project: Path) -> None:
    adopt(project, "--from", "list.csv", "--except", "*-7")
    assert "customer-7" not in (project / STACK).read_text()
    adopt(project, "--from", "list.csv", "customer-7")
    assert "customer-7" in (project / STACK).read_text()


def test_with_json_standard_output_is_one_document(project: Path) -> None:
    ran = adopt(project, "--from", "list.csv", "--json")
    document = json.loads(ran.out)
    assert document["adopted"] == [
        {"name": "customer-7", "adopt": True}, {"name": "customer-8", "adopt": "inventory"},
    ]  # fmt: skip
    assert (document["sealed"], document["files"], document["leftOut"]) == (["customer-7"], [STACK], [])


def test_what_was_asked_for_and_is_left_out_is_status_1_and_the_rest_is_done(project: Path) -> None:
    (project / STACK).write_text(HEAD + "  psaas:retired: [{name: customer-8}]\n")
    ran = adopt(project, "--from", "list.csv")
    assert ran.status == 1
    assert f"warning: customer-8 is left out: its name is retired in {STACK}:5" in ran.err
    assert "name: customer-7" in (project / STACK).read_text()


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [(["--from", "none.csv"], 1, "error: none.csv: No such file"), ([], 64, "error: say which tenants"),
     (["--from", "list.csv", "customer-9"], 1, 'error: there is no tenant "customer-9" there; did you mean "custo')],
)  # fmt: skip
def test_a_mistake_is_one_line_with_the_way_out(project: Path, arguments: list[str], status: int, words: str) -> None:
    (project / STACK).write_text(HEAD.replace("rta.example.com", "rta.appliance.test"))
    ran = adopt(project, *arguments)
    assert ran.status == status
    assert words in ran.err


def test_a_file_of_secrets_that_others_may_read_is_warned_of(project: Path) -> None:
    (project / "list.csv").chmod(0o644)
    assert (
        "warning: list.csv holds secrets, and others than you may read it" in adopt(project, "--from", "list.csv").err
    )


def test_one_tenant_that_is_known_is_left_as_it_is(project: Path) -> None:
    adopt(project, "--from", "list.csv")
    assert adopt(project, "--from", "list.csv", "customer-8").err == (
        "1 tenant known to this stack already: left as it is\n"
    )


def test_without_a_credential_only_those_ways_are_named_that_are_read_here(project: Path) -> None:
    ran = adopt(project, "--report")
    assert ran.status == 1
    assert "nothing is here to ask rta.example.com with: give the secret of application provisioning in " in ran.err
    assert "pulumi config" not in ran.err
    (project / STACK).write_text(HEAD + "  psaas:clientSecret:\n    secure: v1:canary\n")
    closed = adopt(project, "--report").err
    assert f"The one in {STACK} is encrypted, and is not opened here: " in closed
    assert 'PSAAS_CLIENT_SECRET="$(pulumi config get psaas:clientSecret --stack prod)"' in closed


def test_a_stack_that_declares_its_application_is_told_to_list_its_tenants_in_a_file(project: Path) -> None:
    own = "psaas:manageApplication: true\n  psaas:adminClientId: admin"
    (project / STACK).write_text(HEAD.replace("psaas:clientId: provisioning", own).replace(".example.com", ".x.test"))
    ran = adopt(project, "--report", PSAAS_CLIENT_SECRET="canary")
    assert ran.status == 1
    assert "declares the application itself (psaas:manageApplication)" in ran.err
    assert "list the tenants in a file: --from FILE" in ran.err
    assert "psaas:clientId" not in ran.err


def test_outside_of_local_stacks_credentials_need_an_escrow_with_a_key_of_its_own(project: Path) -> None:
    ran = adopt(project, "--from", "list.csv", PSAAS_ESCROW_KEY="")
    assert ran.status == 1
    assert "the escrow of this stack needs a key of its own" in ran.err
    assert (project / STACK).read_text() == HEAD


def test_tenants_of_the_appliance_that_no_stack_knows_are_status_1(project: Path, appliance: LocalAppliance) -> None:
    client = appliance.described["provisioning"]
    file = HEAD.replace("rta.example.com", appliance.rta).replace(": provisioning", f": {client['client_id']}")
    (project / STACK).write_text(file)
    audience = f"https://{appliance.rta}/api/v2/"
    grant = {"client_id": client["client_id"], "audience": audience, "scope": ["create:tenants", "read:tenants"]}
    appliance.api("POST", "client-grants", grant)
    reach = {"PSAAS_CONNECT_TO": appliance.address, "PSAAS_CA_BUNDLE": appliance.ca,
             "PSAAS_CLIENT_SECRET": client["client_secret"]}  # fmt: skip
    assert adopt(project, "--report", **reach).status == 0
    appliance.api("POST", "tenants", {"name": "customer-9", "owners": ["me@email.com"]}, application="provisioning")

    ran = adopt(project, "--report", **reach)
    assert (ran.status, ran.out) == (1, "TENANT      OWNERS\ncustomer-9  me@email.com\n")
    assert ran.err == f"1 tenant is in no stack file, of 1 that {appliance.rta} lists\n"

    assert adopt(project, "customer-9", **reach).status == 0
    assert adopt(project, "--report", **reach).status == 0
