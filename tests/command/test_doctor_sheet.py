"""The answer sheet of `psaas doctor`: every open question, and nothing that says whose installation it is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from psaas.doctor import checks, questions, sheet
from psaas_resources import rules, settings
from tests.command.operator_shell import psaas
from tests.command.patient import Patient
from tests.handlers.operator import Operator
from tests.situations.faults import on

ROOT = Path(__file__).resolve().parents[2]
CANARIES = {"client_secret": "canary-client-secret", "name": "canary-tenant", "owner": "canary.owner@canary-mail.test"}


def test_every_question_that_is_open_has_a_check_or_a_setting_that_exists() -> None:
    known = {f"psaas:{key}" for key in settings.KEYS} | {"psaas:scopes"}
    names = {check.name for check in checks.ALL}
    assert [one.number for one in questions.ALL] == list(range(1, 11))
    for one in questions.ALL:
        assert set(one.checks) <= names
        assert set(re.findall(r"psaas:\w+", one.setting)) <= known
        assert one.checks or one.by_hand


def test_the_readme_asks_the_same_questions() -> None:
    """By their number: each has a line there."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    asked = text.partition("these questions are open:")[2].partition("Windows")[0]
    assert len(re.findall(r"^\d+\. ", asked, re.M)) == len(questions.ALL)


@pytest.mark.parametrize("healthy", [True, False])
def test_no_host_tenant_owner_client_id_or_secret_is_in_an_answer_sheet(patient: Patient, healthy: bool) -> None:
    patient.config["tenants"] = [{"name": CANARIES["name"], "owners": [CANARIES["owner"]]}]
    body = {"name": CANARIES["name"], "owners": [CANARIES["owner"]]}
    patient.running.api("POST", "tenants", body, application="provisioning")
    if not healthy:
        patient.environment["PSAAS_ADMIN_CLIENT_SECRET"] = CANARIES["client_secret"]
        said = {"error": CANARIES["name"], "error_description": CANARIES["owner"], "message": "rta.appliance.test"}
        patient.goes_wrong(
            on({"path": "/oauth/token"}, status=403, body=said),
            on({"path": "/.well-known/*"}, status=200, body={"issuer": f"https://{CANARIES['name']}.test/"}),
        )
    findings = patient.findings()

    written = sheet.as_markdown(findings, version="0") + sheet.as_json(findings, version="0")

    described = patient.described
    secrets = [*patient.running.secrets, described["provisioning"]["client_id"], described["admin"]["client_id"]]
    for word in ("canary", "appliance.test", "127.0.0.1", str(patient.root), *secrets):
        assert word.lower() not in written.lower(), word
    assert not re.search(r"\bours\b", written)
    assert not re.search(r"[^\s@]+@[^\s@]+\.[a-z]+", written)
    assert {one.status for one in findings if one.name == "token"} == ({"pass"} if healthy else {"fail"})


def test_the_shape_of_a_new_tenants_answer_is_told_from_the_escrow(operator: Operator) -> None:
    made = operator.run().create("customer-1")
    patient = Patient.of(operator.appliance, operator.directory.parent)
    patient.environment["PSAAS_ESCROW_KEY"] = ""

    findings = patient.findings()

    written = sheet.as_markdown(findings, version="0")
    assert "client_id: text" in written
    assert "client_secret: text" in written
    for value in (made.client_id, made.client_secret, "customer-1"):
        assert value not in written


def test_fields_that_may_be_called_after_somebody_are_not_named() -> None:
    from psaas.doctor.first_answer import _fields

    answer: dict[str, Any] = {"client_id": "x", "customer-1": {"owner": 1, "Me@email.com": True}, "acme": []}
    assert sorted(_fields(answer, hidden={"acme"})) == [
        "(another name).(another name): yes or no", "(another name).owner: number", "(another name): list",
        "(another name): object", "client_id: text",
    ]  # fmt: skip


def test_the_sheet_is_written_where_it_was_asked_for_as_markdown_or_json(patient: Patient) -> None:
    patient.write()
    folder, given = patient.root, patient.variables()
    text = psaas(folder, "doctor", "--stack", "ours", "--report", "answers.md", **given)
    data = psaas(folder, "doctor", "--stack", "ours", "--report", "answers.json", "--json", **given)
    missing = psaas(folder, "doctor", "--stack", "ours", "--report", "nowhere/answers.md", **given)

    assert text.status == data.status == missing.status == 1  # there is no engine
    assert "wrote answers.md" in text.err
    assert (folder / "answers.md").read_text().startswith("# Answer sheet of `psaas doctor`\n")
    assert len(json.loads((folder / "answers.json").read_text())["questions"]) == 10
    assert json.loads(data.out)["counts"]["fail"] == 1
    assert missing.err.endswith("error: nowhere/answers.md can't be written: No such file or directory\n")
    assert rules.is_local(patient.described["rta"])
