"""`psaas doctor` on the way to an appliance: each check is seen to fail, and the others go on."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.command.patient import Patient, of_another_kind
from tests.situations.faults import on
from tests.unit.peer import Authority, ConnectProxy

OF_THIS_MACHINE = {"escrow", "escrow-durable", "first-answer"}
BEHIND = {
    "appliance", "clock", "token", "audience", "scopes", "admin", "management-api", "list-of-tenants", "one-tenant",
    "deletion", "connections", "rate-limits", "tenant-domains",
}  # fmt: skip


def test_a_healthy_stack_has_nothing_to_mend_and_changes_nothing_on_the_appliance(patient: Patient) -> None:
    patient.running.forget_calls()

    found = patient.examined()

    assert {name for name, one in found.items() if one.status not in ("pass", "skip")} == {"engine"}
    changed = [call for method in ("POST", "PUT", "PATCH", "DELETE") for call in patient.running.calls(method, "/api/")]
    assert changed == []


def test_a_name_that_does_not_resolve_stops_only_what_needs_it(patient: Patient) -> None:
    patient.environment["PSAAS_CONNECT_TO"] = ""
    found = patient.examined()
    assert found["name"].status == "fail"
    assert "rta.appliance.test does not resolve here" in found["name"].message
    assert "psaas:domain" in found["name"].mend
    assert {name for name, one in found.items() if one.status == "skip"} >= {"connection", "certificate"} | BEHIND
    assert {found[name].status for name in OF_THIS_MACHINE} == {"pass"}
    assert found["token"].message == "not looked at: needs name"


def test_an_appliance_that_is_not_there_is_refused_and_one_behind_a_firewall_is_awaited(patient: Patient) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        patient.environment["PSAAS_CONNECT_TO"] = f"127.0.0.1:{bound.getsockname()[1]}"
        found = patient.examined()
    assert found["connection"].status == "fail"
    assert found["connection"].message.endswith("refused the connection")
    assert found["certificate"].status == "skip"


def test_an_authority_of_its_own_is_told_with_the_setting_that_names_it(patient: Patient) -> None:
    patient.environment["PSAAS_CA_BUNDLE"] = ""
    found = patient.examined()["certificate"]
    assert found.status == "fail"
    assert "PSAAS_CA_BUNDLE" in found.mend
    assert "this system's authorities" in found.mend


def test_a_wrong_authority_is_not_accepted(patient: Patient, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    patient.environment["PSAAS_CA_BUNDLE"] = Authority(tmp_path / "other").pem
    found = patient.examined()["certificate"]
    assert found.status == "fail"
    assert "is not among psaas:caBundle" in found.mend


@pytest.mark.parametrize(
    ("fault", "words", "mend"),
    [
        ("expired", "certificate has expired", "renewed"),
        ("wrong-name", "Hostname mismatch", "psaas:domain must be a name that the certificate holds"),
        ("unknown-ca", "certificate", "PEM file"),
        ("tls1.1", "no TLS session", "TLS 1.2"),
        ("plain-http", "no TLS session", "TLS 1.2"),
    ],
)
def test_a_certificate_that_is_wrong_is_told_with_its_own_way_out(
    appliance_data: Path, tmp_path: Path, fault: str, words: str, mend: str
) -> None:
    with of_another_kind(appliance_data, tmp_path, "--tls-fault", fault) as appliance:
        found = Patient.of(appliance, tmp_path).examined()
    assert found["certificate"].status == "fail"
    assert words in found["certificate"].message
    assert mend in found["certificate"].mend
    assert found["token"].status == "skip"


@pytest.mark.parametrize(("seconds", "status"), [(-3600, "fail"), (30, "warn"), (-2, "pass")])
def test_a_clock_that_is_wrong_is_told_with_how_far(patient: Patient, seconds: int, status: str) -> None:
    patient.goes_wrong(on({}, clock_skew_seconds=seconds))
    found = patient.examined()["clock"]
    assert found.status == status
    assert abs(int(found.facts["seconds_apart"]) + seconds) < 10
    assert (status == "pass") or ("ahead of" if seconds < 0 else "behind") in found.message


def test_another_host_than_the_rtas_own_is_told(patient: Patient) -> None:
    body = {"issuer": "https://login.example.com/"}
    patient.goes_wrong(on({"path": "/.well-known/openid-configuration"}, status=200, body=body))
    found = patient.examined()["appliance"]
    assert (found.status, "another name" in found.message) == ("fail", True)
    assert "custom domain" in found.mend


def test_a_log_in_page_in_front_of_the_appliance_is_told(patient: Patient) -> None:
    patient.goes_wrong(on({"path": "/.well-known/*"}, redirect="https://login.example.com/"))
    found = patient.examined()["appliance"]
    assert found.status == "fail"
    assert "redirect" in found.message


def test_behind_a_proxy_the_appliance_is_asked_through_it(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    host, _, port = patient.running.address.rpartition(":")
    with ConnectProxy((host, int(port))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.address[1]}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        patient.environment["PSAAS_CONNECT_TO"] = ""
        found = patient.examined()
    assert {found[name].status for name in ("name", "connection", "certificate", "appliance", "token")} == {"pass"}
    assert "proxy" in found["name"].message
