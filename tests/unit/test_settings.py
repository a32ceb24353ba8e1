"""How a machine reaches an appliance: which place counts, what is refused, and that secrets stay secret."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from psaas_resources import settings
from psaas_resources.errors import ConfigError
from psaas_resources.settings import Credential, Settings

RTA = "rta.appliance.test"
LOCAL: dict[str, object] = {"domain": RTA, "clientId": "id-1", "adminClientId": "id-2"}
PRODUCTION: dict[str, object] = LOCAL | {"domain": "rta.auth.example.com"}


def read(config: dict[str, Any], **environment: str) -> Settings:
    return settings.read(config.get, environment)


def problems(config: dict[str, Any], **environment: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(config, **environment)
    return list(caught.value.problems)


def test_without_anything_said_the_defaults_hold() -> None:
    found = read({"domain": RTA}, XDG_STATE_HOME="/somewhere")
    assert found == Settings(RTA, "appliance.test", escrow_dir=Path("/somewhere/psaas/escrow"))
    assert (found.timeout_seconds, found.max_concurrent_creates, found.ready_within_hours) == (30, 4, 24)
    assert found.audience == f"https://{RTA}/api/v2/"


def test_the_escrow_lies_in_the_users_state_folder_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert read(LOCAL).escrow_dir == Path("/home/me/.local/state/psaas/escrow")


@pytest.mark.parametrize(
    ("key", "variable"),
    [
        ("clientSecret", "PSAAS_CLIENT_SECRET"),
        ("adminClientSecret", "PSAAS_ADMIN_CLIENT_SECRET"),
        ("escrowKey", "PSAAS_ESCROW_KEY"),
        ("credentials", "PSAAS_CREDENTIALS"),
        ("escrowDir", "PSAAS_ESCROW_DIR"),
        ("caBundle", "PSAAS_CA_BUNDLE"),
        ("connectTo", "PSAAS_CONNECT_TO"),
        ("timeoutSeconds", "PSAAS_TIMEOUT_SECONDS"),
    ],
)
def test_every_setting_of_a_machine_has_a_variable_named_after_it(key: str, variable: str) -> None:
    assert settings.variable(key) == variable


def test_the_environment_wins_for_what_a_machine_may_set(tmp_path: Path) -> None:
    for name in ("a.pem", "b.pem"):
        (tmp_path / name).write_text("-----BEGIN CERTIFICATE-----")
    stack = LOCAL | {
        "clientSecret": "from-stack",
        "adminClientSecret": "from-stack",
        "escrowKey": "from-stack-0123456789-0123456789-0123456789",
        "credentials": '{"customer-1": {"clientId": "stack", "clientSecret": "stack"}}',
        "escrowDir": "/stack",
        "caBundle": str(tmp_path / "a.pem"),
        "connectTo": "127.0.0.1:1",
        "timeoutSeconds": "10",
    }
    found = read(
        stack,
        PSAAS_CLIENT_SECRET="from-env",
        PSAAS_ADMIN_CLIENT_SECRET="from-env",
        PSAAS_ESCROW_KEY="from-env" * 4 + " " + "older" * 8,
        PSAAS_CREDENTIALS='{"customer-1": {"clientId": "env", "clientSecret": "env"}}',
        PSAAS_ESCROW_DIR="/env",
        PSAAS_CA_BUNDLE=str(tmp_path / "b.pem"),
        PSAAS_CONNECT_TO="127.0.0.1:2",
        PSAAS_TIMEOUT_SECONDS="20",
    )
    assert found.provisioning == Credential("id-1", "from-env")
    assert found.admin == Credential("id-2", "from-env")
    assert found.escrow_keys == ("from-env" * 4, "older" * 8)
    assert found.credential_of("customer-1") == Credential("env", "env")
    assert found.escrow_dir == Path("/env")
    assert found.ca_bundle == str(tmp_path / "b.pem")
    assert found.connect_to == ("127.0.0.1", 2)
    assert found.timeout_seconds == 20


def test_the_stack_counts_where_a_variable_is_empty() -> None:
    found = read(
        LOCAL | {"clientSecret": "from-stack", "timeoutSeconds": 5}, PSAAS_CLIENT_SECRET="", PSAAS_TIMEOUT_SECONDS=""
    )
    assert found.provisioning == Credential("id-1", "from-stack")
    assert found.timeout_seconds == 5


def test_the_environment_does_not_set_what_defines_resources() -> None:
    names = ("DOMAIN", "TENANT_DOMAIN", "CLIENT_ID", "ADMIN_CLIENT_ID", "MAX_CONCURRENT_CREATES", "READY_WITHIN_HOURS")
    overruled = {f"PSAAS_{name}": "9" for name in names}
    assert read(LOCAL, HOME="/home/me", **overruled) == read(LOCAL, HOME="/home/me")


@pytest.mark.parametrize("key", ["clientSecret", "adminClientSecret", "escrowKey", "credentials"])
def test_every_secret_may_come_from_a_file(tmp_path: Path, key: str) -> None:
    secret = '{"customer-1": {"clientId": "a", "clientSecret": "b"}}' if key == "credentials" else "from-file" * 4
    (tmp_path / "secret").write_text(f"{secret}\n")
    by_file = read(LOCAL | {key: "{}"}, **{f"{settings.variable(key)}_FILE": str(tmp_path / "secret")})
    assert by_file == read(LOCAL | {key: secret})


def test_a_variable_wins_over_its_file_which_is_then_not_opened(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    found = read(LOCAL, PSAAS_CLIENT_SECRET="from-env", PSAAS_CLIENT_SECRET_FILE=missing)
    assert found.provisioning == Credential("id-1", "from-env")


def test_a_secret_file_that_cannot_be_read_is_a_mistake_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00secret")
    for file in (tmp_path / "missing", tmp_path, tmp_path / "bytes"):
        (problem,) = problems(LOCAL | {"clientSecret": "x"}, PSAAS_CLIENT_SECRET_FILE=str(file))
        assert problem.startswith("PSAAS_CLIENT_SECRET_FILE: ")
        assert str(file) in problem
        assert "secret\x00" not in problem


def test_an_empty_secret_file_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("\n")
    (problem,) = problems(LOCAL | {"clientSecret": "x"}, PSAAS_CLIENT_SECRET_FILE=str(tmp_path / "secret"))
    assert problem.startswith("PSAAS_CLIENT_SECRET_FILE: ")


def test_another_appliance_than_the_expected_one_is_refused_before_any_secret_is_read(tmp_path: Path) -> None:
    asked: list[str] = []

    def get(key: str) -> object:
        asked.append(key)
        return PRODUCTION.get(key)

    class Environment(dict[str, str]):
        def get(self, key: str, default: Any = None) -> Any:
            asked.append(key)
            return super().get(key, default)

    environment = Environment(
        PSAAS_EXPECTED_RTA="rta.other.example.com", PSAAS_CLIENT_SECRET_FILE=str(tmp_path / "would-fail")
    )
    with pytest.raises(ConfigError) as caught:
        settings.read(get, environment)
    (problem,) = caught.value.problems
    assert problem.startswith("psaas:domain: ")
    assert "rta.auth.example.com" in problem
    assert "rta.other.example.com" in problem
    assert asked == ["domain", "PSAAS_EXPECTED_RTA"]


@pytest.mark.parametrize("domain", [None, "", "rta.auth.example.com.evil.test", "RTA.AUTH.EXAMPLE.COM"])
def test_nothing_but_the_expected_appliance_itself_passes(domain: str | None) -> None:
    (problem,) = problems(PRODUCTION | {"domain": domain}, PSAAS_EXPECTED_RTA="rta.auth.example.com")
    assert "PSAAS_EXPECTED_RTA" in problem


def test_the_expected_appliance_passes() -> None:
    assert read(PRODUCTION, PSAAS_EXPECTED_RTA="rta.auth.example.com").rta == "rta.auth.example.com"


def test_every_mistake_is_reported_at_once_with_the_place_where_it_was_found(tmp_path: Path) -> None:
    found = problems(
        {
            "domain": "https://rta.auth.example.com",
            "connectTo": "127.0.0.1:8443",
            "credentials": "[]",
            "readyWithinHours": "soon",
            "maxConcurrentCreates": "0",
            "timeoutSeconds": "20",
        },
        PSAAS_TIMEOUT_SECONDS="-1",
        PSAAS_CA_BUNDLE=str(tmp_path / "missing.pem"),
        PSAAS_ESCROW_KEY_FILE=str(tmp_path / "missing.key"),
    )
    assert sorted(problem.split(": ")[0] for problem in found) == [
        "PSAAS_CA_BUNDLE",
        "PSAAS_ESCROW_KEY_FILE",
        "PSAAS_TIMEOUT_SECONDS",
        "psaas:connectTo",
        "psaas:credentials",
        "psaas:domain",
        "psaas:maxConcurrentCreates",
        "psaas:readyWithinHours",
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("caBundle", "~no-such-user/ca.pem"),
        ("escrowDir", "~no-such-user/escrow"),
        ("caBundle", "x" * 5000),
        ("connectTo", "localhost:" + "1" * 5000),
        ("credentials", "[" * 200_000),
        ("escrowDir", "a\0b"),
    ],
)
def test_no_value_makes_the_settings_fail_with_another_exception(key: str, value: str) -> None:
    assert {problem.partition(": ")[0] for problem in problems(LOCAL | {key: value})} == {f"psaas:{key}"}


def test_only_a_local_appliance_may_be_reached_by_another_address() -> None:
    assert read(LOCAL | {"connectTo": "127.0.0.1:8443"}).connect_to == ("127.0.0.1", 8443)
    assert read({"domain": "localhost:8443", "connectTo": "[::1]:8443"}).connect_to == ("::1", 8443)
    (by_stack,) = problems(PRODUCTION | {"connectTo": "127.0.0.1:8443"})
    (by_environment,) = problems(PRODUCTION, PSAAS_CONNECT_TO="127.0.0.1:8443")
    assert by_stack.startswith("psaas:connectTo: ")
    assert by_environment.startswith("PSAAS_CONNECT_TO: ")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", ":8443", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "a:b", "https://127.0.0.1:8443",
     "127.0.0.1/x:8443", "a b:8443", "me@127.0.0.1:8443"],
)  # fmt: skip
def test_an_address_that_is_not_host_and_port_is_refused(address: str) -> None:
    assert any("host:port" in problem for problem in problems(LOCAL | {"connectTo": address}))


@pytest.mark.parametrize("key", ["timeoutSeconds", "maxConcurrentCreates", "readyWithinHours"])
@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf", "1e9", "", [], {}, True, None, "30"])
def test_a_number_is_a_number_within_its_bounds_or_a_mistake(key: str, value: object) -> None:
    if value in ("", None, "30"):
        read(LOCAL | {key: value})
    else:
        (problem,) = problems(LOCAL | {key: value})
        assert problem.startswith(f"psaas:{key}: ")


def test_a_ca_bundle_is_a_file_that_is_there_under_its_full_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read(LOCAL | {"caBundle": "ca.pem"}).ca_bundle == str(tmp_path / "ca.pem")
    assert read(LOCAL | {"caBundle": "~/ca.pem"}).ca_bundle == str(tmp_path / "ca.pem")
    assert problems(LOCAL | {"caBundle": str(tmp_path)})
    (tmp_path / "notes.txt").write_text("no certificate")
    assert "no PEM certificates" in problems(LOCAL | {"caBundle": "notes.txt"})[0]


@pytest.mark.parametrize("tenant_domain", ["example.com", "auth.example.org", "https://auth.example.com"])
def test_a_tenant_domain_elsewhere_is_refused(tenant_domain: str) -> None:
    (problem,) = problems(PRODUCTION | {"tenantDomain": tenant_domain})
    assert problem.startswith("psaas:tenantDomain: ")


def test_credentials_of_tenants_are_an_object_of_pairs_as_text_or_as_they_are() -> None:
    pairs = {"customer-1": {"clientId": "a", "clientSecret": "b"}, "dev": {"clientId": "c", "clientSecret": "d"}}
    found = read(LOCAL | {"credentials": pairs})
    assert found.credential_of("dev") == Credential("c", "d")
    assert found.credential_of("customer-2") is None
    assert hash(found) == hash(read(LOCAL | {"credentials": pairs}))


@pytest.mark.parametrize(
    "given",
    ["hunter2", "[]", "5", '"hunter2"', '{"customer-1": "hunter2"}', '{"customer-1": {"clientId": "hunter2"}}',
     '{"customer-1": ["hunter2"]}', '{"customer-1": null}', '{"hunter2"'],
)  # fmt: skip
def test_credentials_of_another_form_are_refused_without_a_word_of_them(given: str) -> None:
    (problem,) = problems(LOCAL | {"credentials": given})
    assert problem.startswith("psaas:credentials: ")
    assert "hunter2" not in problem


@pytest.mark.parametrize(
    "pair",
    [
        {"clientId": "", "clientSecret": ""},
        {"clientId": "a", "clientSecret": ""},
        {"clientId": None, "clientSecret": "b"},
        {"clientId": ["a"], "clientSecret": "b"},
        {"clientId": "a", "clientSecret": "b", "domain": "evil.test"},
    ],
)
def test_a_credential_of_a_tenant_is_both_parts_as_text_and_nothing_else(pair: dict[str, Any]) -> None:
    (problem,) = problems(LOCAL | {"credentials": {"customer-1": pair}})
    assert problem.startswith("psaas:credentials: ")


def test_the_wrong_form_of_credentials_names_the_place_they_came_from() -> None:
    (problem,) = problems(LOCAL, PSAAS_CREDENTIALS="nonsense")
    assert problem.startswith("PSAAS_CREDENTIALS: ")


def test_secrets_are_in_no_representation() -> None:
    found = read(
        LOCAL
        | {
            "clientSecret": "hunter2",
            "adminClientSecret": "hunter2",
            "escrowKey": "hunter2" * 5,
            "credentials": '{"customer-1": {"clientId": "a", "clientSecret": "hunter2"}}',
        }
    )
    assert "hunter2" in str(dataclasses.asdict(found))
    assert "hunter2" not in repr(found) + str(found) + f"{found.provisioning}{found.credential_of('customer-1')}"


def test_secrets_are_in_no_error() -> None:
    secrets = dict.fromkeys(settings.SECRETS, "hunter2")
    assert "hunter2" not in "\n".join(problems(PRODUCTION | secrets | {"timeoutSeconds": "x", "connectTo": "x"}))


def test_a_missing_credential_is_named_when_it_is_needed_with_every_place_where_it_may_stand() -> None:
    for call, words in (
        (
            read({"domain": RTA}).require_provisioning,
            ("psaas:clientId", "PSAAS_CLIENT_SECRET_FILE", "psaas:clientSecret"),
        ),
        (read({"domain": RTA}).require_admin, ("psaas:adminClientId", "PSAAS_ADMIN_CLIENT_SECRET_FILE", "manageGrant")),
    ):
        with pytest.raises(ConfigError) as caught:
            call()
        assert all(word in str(caught.value) for word in words)


def test_a_secret_without_its_client_id_is_no_credential() -> None:
    assert read({"domain": RTA, "clientSecret": "x"}).provisioning is None
    assert read(LOCAL).provisioning is None


def test_tenants_that_may_be_deleted_are_named_by_the_environment_of_one_run_alone() -> None:
    assert read(LOCAL, PSAAS_ALLOW_DELETE="customer-1, customer-2\ncustomer-3").allow_delete == {
        "customer-1",
        "customer-2",
        "customer-3",
    }
    assert read(LOCAL | {"allowDelete": "customer-1"}).allow_delete == frozenset()


def test_an_expected_appliance_that_is_set_and_empty_guards_nothing_and_is_a_mistake() -> None:
    (problem,) = problems(PRODUCTION, PSAAS_EXPECTED_RTA="")
    assert "is set and empty" in problem


SKIPPED = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "1"}


@pytest.mark.parametrize(
    ("rta", "environment", "refused"),
    [
        ("rta.example.com", SKIPPED, True),
        ("rta.example.com", SKIPPED | {"PSAAS_ESCROW_DURABLE": "true"}, False),
        ("rta.example.com", SKIPPED | {"PSAAS_ESCROW_DURABLE": "true", "CI": "true"}, True),
        ("rta.example.com", SKIPPED | {"PSAAS_ESCROW": "s3://example-escrow/psaas", "CI": "true"}, False),
        ("rta.example.com", SKIPPED | {"PSAAS_ESCROW_COMMAND": "keep", "CI": "true"}, False),
        ("rta.example.com", {"PULUMI_SKIP_CHECKPOINTS": "1"}, False),  # the engine ignores it alone
        ("rta.example.com", SKIPPED | {"PULUMI_SKIP_CHECKPOINTS": "false"}, False),
        ("rta.appliance.test", SKIPPED, False),
    ],
)
def test_checkpoints_are_skipped_only_where_the_escrow_stays(
    rta: str, environment: dict[str, str], refused: bool
) -> None:
    config = {"domain": rta, "clientId": "abc", "clientSecret": "s", "escrowKey": "k" * 32}
    problem = settings.read(config.get, environment).escrow_problem
    assert ("PULUMI_SKIP_CHECKPOINTS" in problem) is refused
