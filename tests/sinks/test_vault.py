"""Credentials in a Vault: by check-and-set, beside what others keep there, and never over another tenant's."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from psaas_resources import sinks
from psaas_resources.errors import ConfigError, SinkDown, SinkError
from psaas_resources.handed_over import HandedOver
from psaas_resources.sink_place import SinkPlace
from psaas_resources.sink_settings import SinkSettings
from psaas_resources.sinks import Whose
from psaas_resources.sinks.vault import Vault
from tests.sinks.vault import ROLE_ID, SECRET_ID, TOKEN, AnyVault, VaultStandIn

FIRST = HandedOver("customer-1", "customer-1.appliance.test", "client-1", "canary-credential-1-4f7b1c9d2e")
SECOND = replace(FIRST, client_id="client-2", client_secret="canary-credential-2-4f7b1c9d2e")
WHOSE = Whose(FIRST.tenant, FIRST.domain)
_paths = itertools.count(1)


def place_in(vault: AnyVault, **rest: str) -> SinkPlace:
    """A place that no other test uses."""
    given = {"mount": "secret", "path": f"teams/number-{next(_paths)}"} | rest
    return SinkPlace("vault", vault.address, **given)


def settings(vault: AnyVault, **rest: object) -> SinkSettings:
    return SinkSettings(**{"token": TOKEN, "ca_bundle": vault.ca, "timeout_seconds": 5.0, **rest})  # type: ignore[arg-type]


def test_a_credential_is_written_once_and_found_again_by_its_fingerprint(vault: AnyVault) -> None:
    place = place_in(vault)
    sink = sinks.of(place, settings(vault))
    found = sink.look(place, WHOSE)
    assert found
    assert found.fingerprint == ""

    assert sinks.deliver(sink, place, FIRST)
    assert not sinks.deliver(sink, place, FIRST)

    assert vault.get(place.path) == (FIRST.variables(), 1)
    found = sink.look(place, WHOSE)
    assert found
    assert found.fingerprint == FIRST.fingerprint
    assert FIRST.client_secret not in repr(found)


def test_a_rotation_is_a_new_version_and_what_others_keep_there_stays(vault: AnyVault) -> None:
    place = place_in(vault)
    vault.put(place.path, {"NOTE": "of the team"})
    sink = sinks.of(place, settings(vault))
    assert sinks.deliver(sink, place, FIRST)

    assert sinks.deliver(sink, place, SECOND)

    assert vault.get(place.path) == ({"NOTE": "of the team", **SECOND.variables()}, 3)


def test_what_was_deleted_is_written_again_on_top_of_the_deleted_version(vault: AnyVault) -> None:
    place = place_in(vault)
    sink = sinks.of(place, settings(vault))
    sinks.deliver(sink, place, FIRST)
    vault.remove(place.path)
    found = sink.look(place, WHOSE)
    assert found
    assert found.fingerprint == ""

    assert sinks.deliver(sink, place, FIRST)

    assert vault.get(place.path) == (FIRST.variables(), 2)


def test_a_place_of_another_tenant_is_refused_unless_it_is_adopted(vault: AnyVault) -> None:
    place = place_in(vault)
    other = replace(FIRST, domain="customer-9.appliance.test")
    vault.put(place.path, other.variables())
    sink = sinks.of(place, settings(vault))

    with pytest.raises(SinkError, match=r"holds a credential of another domain.*adopt: true"):
        sinks.deliver(sink, place, FIRST)
    assert vault.get(place.path) == (other.variables(), 1)

    assert sinks.deliver(sink, place, FIRST, adopt=True)
    assert vault.get(place.path) == (FIRST.variables(), 2)


def test_an_app_role_with_the_documented_rights_is_enough(vault: AnyVault) -> None:
    role_id, secret_id = vault.app_role()
    place = place_in(vault, role_id=role_id)
    sink = sinks.of(place, settings(vault, token="", secret_id=secret_id))

    assert sinks.deliver(sink, place, FIRST)
    assert sinks.deliver(sink, place, SECOND)


def test_a_wrong_token_a_wrong_role_and_a_wrong_mount_say_what_to_mend_and_repeat_no_secret(vault: AnyVault) -> None:
    place = place_in(vault)
    wrong = {
        "has no right to it": (place, settings(vault, token="wrong-token-of-somebody")),
        "said no (400, invalid role or secret ID)": (
            replace(place, role_id="nobody"), settings(vault, secret_id="wrong-secret-id-of-somebody"),
        ),
        "check mount and path": (replace(place, mount="elsewhere"), settings(vault)),
    }  # fmt: skip
    for words, (where, given) in wrong.items():
        with pytest.raises(SinkError) as told:
            sinks.deliver(sinks.of(where, given), where, FIRST)
        assert words in str(told.value)
        assert not any(secret in str(told.value) for secret in ("wrong-", FIRST.client_secret, TOKEN))


def test_what_somebody_writes_at_the_same_moment_is_not_overwritten_unseen(stand_in: VaultStandIn) -> None:
    place = place_in(stand_in)
    sink = sinks.of(place, settings(stand_in))
    looks: list[int] = []

    def writes_meanwhile() -> None:
        looks.append(len(stand_in.asked))
        stand_in.put(place.path, {"NOTE": "just now"})

    real = stand_in.answer

    def answer(method: str, *rest: object) -> tuple[int, object]:
        if method == "POST" and not looks:
            writes_meanwhile()
        return real(method, *rest)  # type: ignore[arg-type]

    stand_in.answer = answer  # type: ignore[method-assign, assignment]
    assert sinks.deliver(sink, place, FIRST)

    assert stand_in.get(place.path) == ({"NOTE": "just now", **FIRST.variables()}, 2)


def test_a_token_of_an_app_role_that_has_ended_is_replaced_once(stand_in: VaultStandIn) -> None:
    place = place_in(stand_in, role_id=ROLE_ID)
    sink = sinks.of(place, settings(stand_in, token="", secret_id=SECRET_ID))
    sinks.deliver(sink, place, FIRST)
    stand_in.tokens.clear()

    assert sinks.deliver(sink, place, SECOND)

    assert stand_in.log_ins == 2


def test_a_namespace_goes_along_and_a_missing_secret_is_told_before_anything_is_sent(stand_in: VaultStandIn) -> None:
    place = place_in(stand_in, namespace="teams/a")
    seen: list[str] = []
    real = stand_in.answer

    def answer(method: str, path: str, headers: dict[str, str], body: object) -> tuple[int, object]:
        seen.append(headers.get("x-vault-namespace", ""))
        return real(method, path, headers, body)

    stand_in.answer = answer  # type: ignore[method-assign, assignment]
    sinks.deliver(sinks.of(place, settings(stand_in)), place, FIRST)
    assert seen == ["teams/a", "teams/a"]

    with pytest.raises(ConfigError, match="PSAAS_SINK_TOKEN"):
        sinks.deliver(sinks.of(place, settings(stand_in, token="")), place, FIRST)
    by_role = replace(place, role_id="some-role")
    with pytest.raises(ConfigError, match="PSAAS_SINK_SECRET_ID"):
        sinks.deliver(sinks.of(by_role, settings(stand_in)), by_role, FIRST)
    assert len(seen) == 2


@pytest.mark.parametrize("status", [503, 429, 302])
def test_a_vault_that_is_sealed_or_busy_is_down_and_not_wrong(stand_in: VaultStandIn, status: int) -> None:
    place = place_in(stand_in)
    stand_in.fail_with = status
    sink = Vault(stand_in.address, "", "", settings(stand_in))
    with pytest.raises(SinkDown, match="could not read secret/"):
        sinks.deliver(sink, place, FIRST)


def test_no_token_is_sent_to_another_host_than_the_environment_expects(stand_in: VaultStandIn) -> None:
    place = place_in(stand_in)
    with pytest.raises(ConfigError, match=r'psaas:sink.address: .* writes to "vault.example.com" only'):
        sinks.of(place, settings(stand_in, expected_host="vault.example.com"))
    sinks.of(place, settings(stand_in, expected_host=stand_in.address.removeprefix("https://")))


def test_an_authority_that_is_not_trusted_is_told_with_the_way_out(stand_in: VaultStandIn) -> None:
    place = place_in(stand_in)
    with pytest.raises(SinkDown, match="PSAAS_SINK_CA_BUNDLE"):
        sinks.deliver(sinks.of(place, settings(stand_in, ca_bundle="")), place, FIRST)
    assert stand_in.asked == []
