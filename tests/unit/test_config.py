"""What a stack file may declare. The files lie in tests/cases, each named after what it proves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from psaas_resources import config, stack_files
from psaas_resources.config import Fleet, TenantEntry
from psaas_resources.errors import ConfigError

CASES = Path(__file__).parents[1] / "cases"
PLACE = "stacks/Pulumi.prod.yaml"
LOCAL: dict[str, Any] = {"domain": "rta.appliance.test", "clientId": "provisioning-client"}
PRODUCTION: dict[str, Any] = LOCAL | {"domain": "rta.auth.example.com"}
KEYS = [field.alias or name for name, field in Fleet.model_fields.items()]


def values(case: str) -> dict[str, Any]:
    document = yaml.safe_load((CASES / f"{case}.yaml").read_text(encoding="utf-8"))
    return {key.removeprefix("psaas:"): value for key, value in document["config"].items()}


def read(stack: dict[str, Any], *secret_keys: str, **environment: str) -> Fleet:
    return config.read(stack, secret_keys=secret_keys, place=PLACE, environment=environment)


def mistakes(stack: dict[str, Any], *secret_keys: str, **environment: str) -> dict[str, str]:
    """Each mistake by its path; asserts that each begins with the file and the path."""
    with pytest.raises(ConfigError) as caught:
        read(stack, *secret_keys, **environment)
    found = {}
    for problem in caught.value.problems:
        place, path, rest = problem.split(": ", 2)
        assert place in (PLACE, "environment")
        assert path not in found
        found[path.removeprefix("psaas:")] = rest
    return found


def test_a_production_stack_file_is_read() -> None:
    fleet = read(values("valid-production"))
    assert [tenant.name for tenant in fleet.tenants] == ["customer-1", "customer-2"]
    assert fleet.tenants[1].owners == ("me@email.com", "ops@example.com")
    assert fleet.tenants[1].labels == {"team": "billing", "ticket": "OPS-3"}
    assert [fleet.deletion_of(tenant) for tenant in fleet.tenants] == ["refuse", "forget"]
    assert not fleet.local


def test_what_is_left_out_is_careful_by_default() -> None:
    fleet = read(LOCAL)
    assert (fleet.manage_grant, fleet.adopt_grant, fleet.export_credentials) == (True, False, False)
    assert (fleet.scopes, fleet.tenants, fleet.deletion) == (("create:tenants",), (), "refuse")
    assert fleet.deletion_of(TenantEntry(name="customer-1")) == "refuse"


def test_numbers_and_switches_and_lists_may_be_texts_as_pulumi_gives_them() -> None:
    fleet = read(values("texts-of-numbers-and-switches"))
    assert (fleet.manage_grant, fleet.adopt_grant, fleet.export_credentials) == (False, True, True)
    assert (fleet.timeout_seconds, fleet.max_concurrent_creates, fleet.ready_within_hours) == (45, 8, 1.5)
    assert fleet.scopes == ("create:tenants", "read:tenants")
    assert fleet.tenants[0].adopt is True


def test_names_that_no_new_tenant_may_have_are_refused_with_their_place() -> None:
    found = mistakes(values("names-that-are-refused"))
    assert set(found) == {f"tenants[{index}].name" for index in range(8)}
    assert '"customer-1"' in found["tenants[0].name"]
    assert '"customer-2"' in found["tenants[1].name"]
    assert "reserved" in found["tenants[4].name"]
    assert "root tenant authority" in found["tenants[5].name"]
    assert "quotes" in found["tenants[6].name"]
    assert "missing" in found["tenants[7].name"]


@pytest.mark.parametrize("no", ["false", "no", "off", "0", "f", "n", "False"])
def test_adopt_false_as_a_text_does_not_switch_the_rules_for_new_tenants_off(no: str) -> None:
    entry = {"name": "Docs", "owners": [], "adopt": no}
    assert {"tenants[0].name", "tenants[0].owners"} <= set(mistakes(LOCAL | {"tenants": [entry]}))


def test_owners_that_are_no_addresses_are_refused_with_their_place() -> None:
    found = mistakes(values("owners-that-are-refused"))
    assert set(found) == {
        "tenants[0].owners",
        "tenants[1].owners[0]",
        "tenants[2].owners[1]",
        "tenants[3].owners",
        "tenants[4].owners",
        "tenants[5].owners[0]",
    }
    assert found["tenants[1].owners[0]"] == '"me@" is not an e-mail address'
    assert "list" in found["tenants[3].owners"]


def test_adopted_tenants_are_free_of_the_rules_for_new_names_and_owners() -> None:
    fleet = read(values("adopted-tenants-are-free-of-name-and-owner-rules"))
    assert [(tenant.name, tenant.adopt) for tenant in fleet.tenants] == [
        ("dev", True),
        ("it", "inventory"),
        ("old_tenant", True),
    ]


def test_a_wrong_liveness_is_told_with_its_own_words() -> None:
    found = mistakes(values("adopted-tenants-are-free-of-name-and-owner-rules") | {"liveness": "odic"})
    assert found == {"liveness": 'expected one of none, oidc, token, found "odic"; did you mean "oidc"?'}


def test_even_an_adopted_tenant_has_a_host_name_label_and_a_known_way_of_adoption() -> None:
    found = mistakes(values("adopted-tenants-still-have-a-host-name-label"))
    assert set(found) == {"tenants[0].name", "tenants[1].adopt"}
    assert '"inventory"' in found["tenants[1].adopt"]


def test_a_name_that_is_listed_twice_is_refused_with_both_places() -> None:
    found = mistakes(values("names-listed-twice"))
    assert set(found) == {"tenants[2].name", "tenants[3].name"}
    assert "tenants[0]" in found["tenants[2].name"]
    assert "tenants[1]" in found["tenants[3].name"]


def test_names_that_differ_only_by_case_are_reported_as_listed_twice_in_the_same_run() -> None:
    tenants = [{"name": name, "owners": ["me@email.com"]} for name in ("customer-1", "Customer-1")]
    assert "tenants[0]" in mistakes(LOCAL | {"tenants": tenants})["tenants[1].name"]


def test_unknown_words_come_with_the_near_miss() -> None:
    found = mistakes(values("near-misses"))
    assert 'did you mean "clientId"?' in found["clientid"]
    assert 'did you mean "tenants"?' in found["tenant"]
    assert 'did you mean "refuse"?' in found["deletion"]
    assert "did you mean" not in found["nothingLikeIt"]
    assert 'did you mean "owners"?' in found["tenants[0].owner"]
    assert 'did you mean "forget"?' in found["tenants[1].deletion"]
    assert 'did you mean "labels"?' in found["tenants[2].lables"]
    assert "missing" in found["clientId"]


@pytest.mark.parametrize("key", [name for name in Fleet.model_fields if "_" in name])
def test_a_key_in_snake_case_is_unknown_with_the_right_spelling_as_near_miss(key: str) -> None:
    value = {"credentials": {}}.get(key, "1")
    assert f'did you mean "{Fleet.model_fields[key].alias}"?' in mistakes(LOCAL | {key: value})[key]


@pytest.mark.parametrize(("key", "value"), [("client_secret", "hunter2"), ("export_credentials", True)])
def test_a_key_in_snake_case_goes_past_no_rule_of_a_real_appliance(key: str, value: Any) -> None:
    assert key in mistakes(PRODUCTION | {key: value})


@pytest.mark.parametrize("field", ["clientSecret", "client_secret", "token", "password"])
def test_a_secret_in_clear_within_an_entry_is_told_as_one_and_not_repeated(field: str) -> None:
    entry = {"name": "customer-1", "owners": ["me@email.com"]}
    found = mistakes(LOCAL | {"tenants": [entry | {field: "hunter2"}]})[f"tenants[0].{field}"]
    assert found.startswith(f'unknown field "{field}", and what it says stands in the file in clear: change')
    assert "pulumi config set --secret" in found
    assert "hunter2" not in found
    assert mistakes(LOCAL | {"tenants": [entry | {"owner": "hunter2"}]})["tenants[0].owner"].startswith(
        'unknown field "owner"; did you mean'
    )


@pytest.mark.parametrize("nothing", ["", None])
@pytest.mark.parametrize(
    ("key", "what"), [("scopes", "a list"), ("tenants", "a list"), ("settings", "an object of settings")]
)
def test_a_key_that_was_left_empty_is_told_as_empty(nothing: object, key: str, what: str) -> None:
    assert mistakes(LOCAL | {key: nothing})[key] == f"is empty; expected {what}, or leave it out"


def test_a_deletion_that_the_declared_grant_would_not_allow_is_told_at_its_place() -> None:
    entry = {"name": "customer-1", "owners": ["me@email.com"]}
    own = LOCAL | {"tenants": [entry | {"deletion": "delete"}]}
    default = LOCAL | {"tenants": [entry], "deletion": "delete"}
    retired = LOCAL | {"retired": [{"name": "customer-2", "deletion": "delete"}]}

    for stack, path in ((own, "tenants[0].deletion"), (default, "deletion"), (retired, "retired[0].deletion")):
        found = mistakes(stack)
        assert list(found) == [path]
        assert found[path].startswith("needs delete:tenants, which psaas:scopes does not list; add it there, or ")
        assert read(stack | {"scopes": ["create:tenants", "delete:tenants"]})
        assert read(stack | {"manageGrant": False})
    assert read(default | {"tenants": [entry | {"deletion": "forget"}]})


def test_secrets_in_the_open_are_refused_without_being_repeated() -> None:
    found = mistakes(values("secrets-in-the-open"))
    assert set(found) == {"clientSecret", "adminClientSecret", "escrowKey", "credentials"}
    assert all("pulumi config set --secret" in words for words in found.values())
    assert "PSAAS_CLIENT_SECRET" in found["clientSecret"]
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    "key", ["clientSecret", "clientKey", "applicationPrivateKey", "adminClientSecret", "escrowKey"]
)
@pytest.mark.parametrize("value", [20261123, ["hunter20261123"], {"x": "hunter20261123"}, True])
@pytest.mark.parametrize("encrypted", [True, False])
def test_a_secret_of_a_wrong_type_is_not_repeated(key: str, value: Any, encrypted: bool) -> None:
    found = mistakes(LOCAL | {key: value}, *([key] if encrypted else []))
    assert "20261123" not in str(found)
    assert encrypted or "pulumi config set --secret" in found[key]


@pytest.mark.parametrize("key", ["clientSecret", "adminClientSecret", "escrowKey", "credentials"])
@pytest.mark.parametrize("value", [{"hunter2": None}, ["hunter2"], [["hunter2"]], {"a": {"hunter2": 1}}])
def test_an_encrypted_secret_of_a_wrong_shape_is_not_repeated_either(key: str, value: Any) -> None:
    assert "hunter2" not in str(mistakes(LOCAL | {key: value}, key))


def test_encrypted_secrets_are_fine_and_in_no_representation() -> None:
    stack = values("secrets-in-the-open")
    fleet = read(stack, "clientSecret", "adminClientSecret", "escrowKey", "credentials")
    assert "hunter2" not in repr(fleet) + str(fleet)


@pytest.mark.parametrize("key", ["tenants", "domain", "tenantDomain", "clientId", "scopes", "deletion", "manageGrant"])
def test_an_encrypted_value_where_reviewers_must_read_is_refused(key: str) -> None:
    found = mistakes(values("valid-production") | {"tenantDomain": "auth.example.com"} | {"manageGrant": "true"} | {
        "scopes": '["create:tenants"]'
    }, key)  # fmt: skip
    assert set(found) == {key}
    assert "reviewers" in found[key]


def test_what_is_for_local_stacks_alone_is_refused_on_a_real_appliance() -> None:
    found = mistakes(values("local-only-settings-on-a-real-appliance"))
    assert set(found) == {"connectTo", "exportCredentials"}


@pytest.mark.parametrize("yes", [True, "true", "True", "TRUE", "yes", "on", "1", "y", "t", 1])
def test_no_spelling_of_yes_exports_credentials_of_a_real_appliance(yes: Any) -> None:
    assert "exportCredentials" in mistakes(PRODUCTION | {"exportCredentials": yes})


def test_the_same_is_fine_on_a_local_stack() -> None:
    assert read(values("local-only-settings-on-a-real-appliance") | {"domain": "rta.appliance.test"}).export_credentials


def test_values_of_a_wrong_shape_are_named_in_the_words_of_the_file() -> None:
    found = mistakes(values("shapes-that-are-wrong"))
    assert set(found) == {
        "domain",
        "clientId",
        "manageGrant",
        "scopes",
        "timeoutSeconds",
        "tenants[0]",
        "tenants[1].labels.ticket",
        "tenants[2].name",
    }
    assert "list" in found["scopes"]
    assert "quotes" in found["tenants[1].labels.ticket"]


@pytest.mark.parametrize(
    ("key", "value"),
    [*(("domain", text) for text in ("", " ", " rta.appliance.test", "rta.appliance.test\n")),
     *(("clientId", text) for text in (" ", "\t")),
     *(("scopes", scopes) for scopes in ([], [""], ["create:tenants", "x" * 281], ["a b"]))],
)  # fmt: skip
def test_what_is_blank_or_too_long_or_has_spaces_in_it_is_refused(key: str, value: Any) -> None:
    assert list({path.partition("[")[0] for path in mistakes(LOCAL | {key: value})}) == [key]


@pytest.mark.parametrize("key", ["tenants", "scopes", "credentials"])
def test_deeply_nested_json_is_a_mistake_and_no_crash(key: str) -> None:
    assert key in mistakes(LOCAL | {key: "[" * 200_000}, *(["credentials"] if key == "credentials" else []))


def test_every_mistake_is_reported_at_once() -> None:
    assert set(mistakes(values("every-mistake-at-once"))) == {
        "domain",
        "clientId",
        "clientSecret",
        "maxConcurrentCreates",
        "exportCredential",
        "tenants[0].name",
        "tenants[1].owners[0]",
    }


def test_mistakes_of_the_environment_are_reported_with_the_others() -> None:
    assert "PSAAS_TIMEOUT_SECONDS" in mistakes(LOCAL | {"deletion": "x"}, PSAAS_TIMEOUT_SECONDS="soon")


def test_another_appliance_than_the_expected_one_is_the_only_mistake_that_is_looked_for() -> None:
    found = mistakes(values("secrets-in-the-open"), PSAAS_EXPECTED_RTA="rta.other.example.com")
    assert set(found) == {"domain"}


@pytest.mark.parametrize(
    ("stack", "passphrase", "refused"),
    [(PRODUCTION, "", True), (PRODUCTION, "x", False), (PRODUCTION, None, False), (LOCAL, "", False)],
)
def test_an_empty_passphrase_is_for_local_stacks_alone(
    stack: dict[str, Any], passphrase: str | None, refused: bool
) -> None:
    file = stack_files.opened("prod", {PLACE: "encryptionsalt: v1:x\nconfig: {}\n"})
    environment = {} if passphrase is None else {"PULUMI_CONFIG_PASSPHRASE": passphrase}
    problem = config.passphrase_problem(read(stack), file, environment)
    assert (problem is not None) is refused
    assert problem is None or "PULUMI_CONFIG_PASSPHRASE" in problem


def test_an_empty_passphrase_file_is_an_empty_passphrase(tmp_path: Path) -> None:
    stack, file = stack_files.opened("prod", {PLACE: "encryptionsalt: v1:x\n"}), tmp_path / "passphrase"
    file.write_text("")
    assert config.passphrase_problem(read(PRODUCTION), stack, {"PULUMI_CONFIG_PASSPHRASE_FILE": str(file)})


def test_a_stack_without_a_passphrase_needs_none() -> None:
    file = stack_files.opened("prod", {PLACE: "secretsprovider: awskms://alias/x\nconfig: {}\n"})
    assert config.passphrase_problem(read(PRODUCTION), file, {"PULUMI_CONFIG_PASSPHRASE": ""}) is None
    assert config.passphrase_problem(read(PRODUCTION), None, {"PULUMI_CONFIG_PASSPHRASE": ""}) is None


def fleet_or_mistakes(stack: dict[str, Any], secret_keys: set[str]) -> Fleet | ConfigError:
    try:
        return read(stack, *secret_keys)
    except ConfigError as error:
        return error


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
tenant_like = st.dictionaries(st.sampled_from(["name", "owners", "adopt", "deletion", "labels", "owner"]), json_like)


@given(
    st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=12), json_like, max_size=6),
    st.lists(tenant_like | json_like, max_size=3) | json_like,
    st.sets(st.sampled_from(KEYS), max_size=3),
)
def test_whatever_stands_in_a_stack_file_it_is_a_fleet_or_a_list_of_mistakes(
    stack: dict[str, Any], tenants: Any, secret_keys: set[str]
) -> None:
    for given_stack in (stack, LOCAL | stack, LOCAL | {"tenants": tenants}):
        outcome = fleet_or_mistakes(given_stack, secret_keys)
        assert isinstance(outcome, Fleet) or (
            outcome.problems and all(problem.startswith(f"{PLACE}: psaas:") for problem in outcome.problems)
        )


def test_a_variable_that_nothing_reads_is_a_mistake_with_its_near_miss() -> None:
    with pytest.raises(ConfigError) as caught:
        read(LOCAL, PSAAS_EXPECTED_RAT="rta.appliance.test")
    assert (
        'environment: PSAAS_EXPECTED_RAT: is a variable that nothing reads; did you mean "PSAAS_EXPECTED_RTA"?'
        in str(caught.value)
    )


def test_no_value_of_a_stack_file_forges_a_line_or_unfolds_what_may_hold_secrets() -> None:
    hidden = {"clientId": "abc", "clientSecret": "hunter2"}
    with pytest.raises(ConfigError) as caught:
        read(LOCAL | {"domain": "x\n\x1b[31my", "tenants": [{"name": hidden, "owners": ["a\rb"]}]})
    assert all(problem.isprintable() for problem in caught.value.problems)
    assert "expected text, found an object" in str(caught.value)
    assert "hunter2" not in str(caught.value)
