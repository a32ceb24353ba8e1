"""`psaas doctor` on the place where teams read their credentials: over HTTPS, nothing written, no secret told."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from psaas.doctor import Finding, sheet
from tests.command.patient import Patient
from tests.sinks import kubernetes as kubernetes_module
from tests.sinks.https import HttpsServer
from tests.sinks.kubernetes import KubernetesStandIn
from tests.sinks.vault import SECRET_ID, TOKEN, AnyVault, VaultStandIn
from tests.unit.peer import Authority, ConnectProxy

NOWHERE = {"address": "127.0.0.1:9", "ca": "", "rta": "rta.appliance.test"}
NOBODY = {"client_id": "somebody", "client_secret": "a-secret-that-is-not-known"}
TENANTS = [{"name": f"customer-{number}", "owners": ["me@email.com"]} for number in (1, 2)]
PLACE = "psaas/customer-1"


@pytest.fixture
def stack(tmp_path: Path) -> Patient:
    """A stack whose appliance isn't there, which keeps nobody from looking at its sink."""
    patient = Patient(tmp_path, {**NOWHERE, "provisioning": NOBODY, "admin": NOBODY})
    patient.config |= {"tenants": TENANTS, "managementClient": {"scopes": ["read:clients"]}}
    return patient


def at(stack: Patient, sink: HttpsServer | AnyVault, kind: str, token: str, **rest: Any) -> Patient:
    stack.config["sink"] = {"kind": kind, "address": sink.address, **rest}
    stack.environment |= {"PSAAS_SINK_TOKEN": token, "PSAAS_SINK_CA_BUNDLE": getattr(sink, "ca", "")}
    return stack


def at_vault(stack: Patient, vault: AnyVault, token: str = TOKEN, **rest: Any) -> Patient:
    return at(stack, vault, "vault", token, **rest)


def at_kubernetes(stack: Patient, cluster: KubernetesStandIn, token: str = kubernetes_module.TOKEN) -> Patient:
    return at(stack, cluster, "kubernetes", token, namespace="team-a")


def examined(stack: Patient) -> tuple[Finding, Finding]:
    """What is found about the sink, of which no secret is in any form of it, and no name in the answer sheet."""
    found = stack.findings()
    written = sheet.as_markdown(found, version="0") + sheet.as_json(found, version="0")
    for word in ("127.0.0.1", "customer-1", "team-a", "canary", str(stack.root)):
        assert word not in written
    assert "canary" not in str(found)
    named = {one.name: one for one in found}
    return named["sink"], named["sink-rights"]


def test_a_stack_without_a_sink_has_nothing_to_look_at(stack: Patient) -> None:
    sink, rights = examined(stack)
    assert (sink.status, rights.status) == ("pass", "pass")
    assert sink.message.startswith("none: ")
    assert rights.facts == {"needed": False}


def test_a_vault_that_takes_the_token_and_lets_it_write_is_fine_and_gets_nothing_written(
    stack: Patient, vault: AnyVault
) -> None:
    token = vault.token_with("create", "read", "update")
    vault_before = vault.get(PLACE)

    sink, rights = examined(at_vault(stack, vault, token))

    assert (sink.facts["trusted"], rights.status) == (True, "pass")
    assert "trusted by psaas:sinkCaBundle" in sink.message
    assert rights.message.startswith(f"the token may write secret/{PLACE} of the Vault ")
    assert rights.message.endswith("(one of 2 places)")
    assert vault.get(PLACE) == vault_before


def test_an_app_role_logs_in_and_may_write(stack: Patient, vault: AnyVault) -> None:
    role_id, secret_id = vault.app_role()
    at_vault(stack, vault, "", roleId=role_id).environment["PSAAS_SINK_SECRET_ID"] = secret_id
    assert examined(stack)[1].status == "pass"

    stack.environment["PSAAS_SINK_SECRET_ID"] = "canary-of-a-wrong-one"
    rights = examined(stack)[1]
    assert rights.status == "fail"
    assert "could not log in to the Vault" in rights.message
    assert "PSAAS_SINK_SECRET_ID_FILE" in rights.mend


def test_a_token_that_lacks_a_right_is_told_which_with_the_policy_that_it_needs(
    stack: Patient, vault: AnyVault
) -> None:
    rights = examined(at_vault(stack, vault, vault.token_with("create", "read")))[1]
    assert rights.status == "fail"
    assert rights.message.startswith(f"the token may not update secret/{PLACE} ")
    rule = f'path "secret/data/{PLACE}" {{ capabilities = ["create", "read", "update"] }}'
    assert rights.mend == f"it needs {rule} in its policy"
    assert rights.facts["lacking"] == 1

    assert "may not create or read or update" in examined(at_vault(stack, vault, vault.token_with()))[1].message


def test_a_token_that_may_not_ask_for_its_rights_is_read_with_and_the_rest_is_said_to_be_unknown(
    stack: Patient, vault: AnyVault
) -> None:
    rights = examined(at_vault(stack, vault, vault.token_with("create", "read", "update", may_ask=False)))[1]
    assert (rights.status, rights.facts["told"]) == ("warn", False)
    assert "doesn't tell whether it may write there" in rights.message

    rights = examined(at_vault(stack, vault, vault.token_with("create", may_ask=False)))[1]
    assert rights.status == "fail"
    assert "the token is wrong or has no right to it" in rights.message


def test_a_token_that_is_not_known_and_a_mount_that_is_not_there_fail(stack: Patient, vault: AnyVault) -> None:
    wrong = examined(at_vault(stack, vault, "canary-of-another-vault"))[1]
    assert wrong.status == "fail"
    assert "PSAAS_SINK_TOKEN_FILE" in wrong.mend

    elsewhere = examined(at_vault(stack, vault, TOKEN, mount="elsewhere"))[1]
    assert elsewhere.status == "fail"
    assert "check mount and path" in elsewhere.message


def test_a_token_that_is_not_here_is_told_before_anything_is_sent(stack: Patient, stand_in: VaultStandIn) -> None:
    rights = examined(at_vault(stack, stand_in, ""))[1]
    assert rights.status == "fail"
    assert "there is no token for the Vault" in rights.message
    assert stand_in.asked == []


def test_only_calls_that_write_nothing_are_sent(
    stack: Patient, stand_in: VaultStandIn, kubernetes: KubernetesStandIn
) -> None:
    examined(at_vault(stack, stand_in))
    examined(at_kubernetes(stack, kubernetes))
    assert stand_in.asked == ["POST /v1/sys/capabilities-self", f"GET /v1/secret/data/{PLACE}"]
    assert kubernetes.asked == [f"POST {kubernetes_module.REVIEWS}"] * 3
    assert (stand_in.versions.get(PLACE), kubernetes.secrets) == ([], {})


def test_a_sink_that_is_sealed_or_busy_is_down(stack: Patient, stand_in: VaultStandIn) -> None:
    stand_in.fail_with = 503
    sink, rights = examined(at_vault(stack, stand_in))
    assert (sink.facts["trusted"], rights.status) == (True, "fail")
    assert "answered 503" in rights.message
    assert "unsealed" in rights.mend


def test_a_certificate_of_an_unknown_authority_is_told_with_the_setting_that_names_it(
    stack: Patient, stand_in: VaultStandIn, tmp_path: Path
) -> None:
    at_vault(stack, stand_in).environment["PSAAS_SINK_CA_BUNDLE"] = ""
    sink, rights = examined(stack)
    assert (sink.status, rights.status, rights.message) == ("fail", "skip", "not looked at: needs sink")
    assert "PSAAS_SINK_CA_BUNDLE" in sink.mend

    (tmp_path / "other").mkdir()
    stack.environment["PSAAS_SINK_CA_BUNDLE"] = Authority(tmp_path / "other").pem
    assert "is not among psaas:sinkCaBundle" in examined(stack)[0].mend
    assert stand_in.asked == []


def test_a_sink_that_is_not_there_is_told(stack: Patient, stand_in: VaultStandIn) -> None:
    at_vault(stack, stand_in).config["sink"]["address"] = "https://127.0.0.1:9"
    sink = examined(stack)[0]
    assert (sink.status, sink.message) == ("fail", "127.0.0.1:9 accepts no connection")
    stack.config["sink"]["address"] = "https://vault.appliance.test"
    assert examined(stack)[0].message == "vault.appliance.test does not resolve here"


def test_behind_a_proxy_the_sink_is_asked_through_it(
    stack: Patient, stand_in: VaultStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ConnectProxy(("127.0.0.1", stand_in.port)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.address[1]}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        at_vault(stack, stand_in).config["sink"]["address"] = "https://rta.appliance.test"
        sink, rights = examined(stack)
    assert (sink.status, rights.status) == ("pass", "pass"), rights.message
    assert sink.message == "rta.appliance.test, looked at by the next check, through the proxy"


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PSAAS_EXPECTED_SINK": "vault.example.com"}, 'writes to "vault.example.com" only'),
        ({"PSAAS_EXPECTED_RTA": "rta.appliance.test"}, "so it must name the sink too"),
    ],
)
def test_an_environment_for_another_sink_fails_and_sends_nothing_there(
    stack: Patient, stand_in: VaultStandIn, environment: dict[str, str], words: str
) -> None:
    at_vault(stack, stand_in).environment.update(environment)
    sink, rights = examined(stack)
    assert (sink.status, rights.status) == ("fail", "skip")
    assert words in sink.message
    assert "PSAAS_EXPECTED_SINK" in sink.mend
    assert stand_in.asked == []


def test_a_kubernetes_token_that_may_do_all_is_fine_and_one_that_lacks_a_verb_is_told_which(
    stack: Patient, kubernetes: KubernetesStandIn
) -> None:
    sink, rights = examined(at_kubernetes(stack, kubernetes))
    assert (sink.status, rights.status) == ("warn", "pass")
    assert "ends on" in sink.message  # that of a test is good for some days only
    assert rights.message.startswith("the token may write the Secret team-a/auth0-customer-1 of ")

    kubernetes.verbs = ("get", "create")
    rights = examined(stack)[1]
    assert rights.status == "fail"
    assert rights.message.startswith("the token may not patch the Secret team-a/auth0-customer-1 ")
    assert "the verbs get, create and patch for secrets of the namespace team-a in its role" in rights.mend


def test_a_kubernetes_token_that_may_not_ask_is_read_with_and_a_wrong_one_is_told(
    stack: Patient, kubernetes: KubernetesStandIn
) -> None:
    kubernetes.reviews = False
    assert examined(at_kubernetes(stack, kubernetes))[1].status == "warn"
    kubernetes.verbs = ()
    assert "the token's role needs get, create and patch" in examined(stack)[1].message

    rights = examined(at_kubernetes(stack, kubernetes, "canary-of-another-cluster"))[1]
    assert rights.status == "fail"
    assert "the token is wrong, or its time is over" in rights.message


def test_a_command_must_be_set_and_executable_and_is_not_started(stack: Patient, tmp_path: Path) -> None:
    stack.config["sink"] = {"kind": "command"}
    unset = examined(stack)[0]
    started, program = tmp_path / "started", tmp_path / "keep"
    program.write_text(f"#!/bin/sh\ntouch {started}\n")
    stack.environment["PSAAS_SINK_COMMAND"] = f"{program} canary-of-an-argument"
    plain = examined(stack)[0]
    program.chmod(0o700)
    fine, rights = examined(stack)
    stack.environment["PSAAS_SINK_COMMAND"] = "./keep"
    from_the_project = examined(stack)[0]
    stack.environment |= {"PSAAS_SINK_LOOK_COMMAND": "no-such-program"}
    no_look = examined(stack)[0]

    assert (unset.status, "PSAAS_SINK_COMMAND" in unset.mend) == ("fail", True)
    assert (plain.status, "can't be executed" in plain.message) == ("fail", True)
    assert (fine.status, rights.status, fine.facts["looks"]) == ("pass", "pass", False)
    assert from_the_project.status == "pass"
    assert no_look.message.startswith("PSAAS_SINK_LOOK_COMMAND: no-such-program is not there")
    assert not started.exists()
    stack.environment |= {"PSAAS_SINK_COMMAND": sys.executable, "PSAAS_SINK_LOOK_COMMAND": sys.executable}
    assert examined(stack)[0].facts["looks"] is True


def test_tenants_without_a_credential_for_a_sink_leave_its_rights_unasked(
    stack: Patient, stand_in: VaultStandIn
) -> None:
    at_vault(stack, stand_in).config["managementClient"] = None
    rights = examined(stack)[1]
    assert (rights.status, rights.message.startswith("not asked: no tenant")) == ("pass", True)
    assert stand_in.asked == []


def test_a_sink_of_a_stack_file_with_a_mistake_is_not_looked_at(stack: Patient, stand_in: VaultStandIn) -> None:
    at_vault(stack, stand_in).config["tenants"] = [{"name": "Customer_1", "owners": ["me@email.com"]}]
    assert [one.message for one in examined(stack)] == ["not looked at: needs stack-file"] * 2
    assert SECRET_ID not in str(stack.findings())
