"""What a stack file may declare of the inside of its tenants: settings, and the applications of their teams."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_config import LOCAL, mistakes, read


def entry(name: str = "customer-1", **rest: Any) -> dict[str, Any]:
    return {"name": name, "owners": ["me@email.com"]} | rest


def test_tenants_have_the_settings_of_the_stack_and_their_own_on_top() -> None:
    second = entry("customer-2", settings={"sessionLifetime": 24, "flags": {"enable_sso": False}})
    fleet = read(
        LOCAL
        | {
            "settings": {"sessionLifetime": 8, "supportEmail": "help@example.com", "flags": {"some_flag": True}},
            "tenants": [entry(), second, {"name": "customer-3", "adopt": True}],
        }
    )
    assert [fleet.settings_of(tenant) for tenant in fleet.tenants] == [
        {"session_lifetime": 8, "support_email": "help@example.com", "flags": {"some_flag": True}},
        {
            "session_lifetime": 24, "support_email": "help@example.com",
            "flags": {"some_flag": True, "enable_sso": False},
        },
        {},
    ]  # fmt: skip


def test_a_tenant_without_settings_has_none() -> None:
    fleet = read(LOCAL | {"tenants": [entry()]})
    assert fleet.settings_of(fleet.tenants[0]) == {}


def test_settings_may_be_json_as_the_engine_gives_them() -> None:
    assert read(LOCAL | {"settings": '{"enabledLocales": ["de"]}'}).settings.named() == {"enabled_locales": ["de"]}


def test_every_mistake_in_settings_has_its_place_and_its_way_out() -> None:
    wrong = {
        "friendlyNam": "x", "sessionLifetime": "8", "idleSessionLifetime": 0, "supportEmail": "help@",
        "enabledLocales": "de", "flags": {"enable_ssso": True},
    }  # fmt: skip
    found = mistakes(LOCAL | {"tenants": [entry(settings=wrong)]})
    assert 'did you mean "friendlyName"' in found["tenants[0].settings.friendlyNam"]
    assert found["tenants[0].settings.sessionLifetime"] == 'expected a whole number, found "8"'
    assert found["tenants[0].settings.enabledLocales"] == "expected a list, found text"

    right_shape = {name: wrong[name] for name in ("idleSessionLifetime", "supportEmail", "flags")}
    found = mistakes(LOCAL | {"settings": right_shape | {"enabledLocales": ["en", "English"]}})
    assert set(found) == {
        "settings.idleSessionLifetime", "settings.supportEmail", "settings.flags.enable_ssso",
        "settings.enabledLocales[1]",
    }  # fmt: skip
    assert mistakes(LOCAL | {"settings": []})["settings"] == "expected an object of settings, found a list"


def test_a_tenant_whose_credential_nobody_holds_can_have_no_settings() -> None:
    found = mistakes(LOCAL | {"tenants": [entry(adopt="inventory", settings={"sessionLifetime": 8})]})
    assert "nobody holds the credential" in found["tenants[0].settings"]


@pytest.mark.parametrize("key", ["settings", "managementClient"])
def test_reviewers_can_read_all_of_it(key: str) -> None:
    assert "encrypted" in mistakes(LOCAL | {key: {}}, key)[key]


def test_teams_have_the_application_of_the_stack_with_what_their_entry_says_otherwise() -> None:
    second = entry("customer-2", managementClient={"scopes": ["read:users"], "previousHours": 24})
    third = {"name": "customer-3", "adopt": True}
    fleet = read(
        LOCAL
        | {"managementClient": {"scopes": ["read:clients"], "rotate": "2026-11"}, "tenants": [entry(), second, third]}
    )
    assert [fleet.management_client_of(tenant) for tenant in fleet.tenants] == [
        {"scopes": ["read:clients"], "rotate": "2026-11"},
        {"scopes": ["read:users"], "rotate": "2026-11", "previous_hours": 24},
        {},
    ]
    assert read(LOCAL | {"tenants": [entry()]}).tenants[0].management_client.named() == {}


def test_every_mistake_in_an_application_has_its_place_and_its_way_out() -> None:
    found = mistakes(LOCAL | {"managementClient": {"scope": ["read:clients"], "previousHours": "24"}})
    assert 'did you mean "scopes"' in found["managementClient.scope"]
    assert found["managementClient.previousHours"] == 'expected a whole number, found "24"'
    tenants = [
        entry(managementClient={"rotate": "2026-11"}),
        entry("customer-2", managementClient={"scopes": ["read clients"], "name": "<Team>", "previousHours": 0}),
        {"name": "customer-3", "adopt": "inventory", "managementClient": {"scopes": ["read:clients"]}},
    ]
    assert set(mistakes(LOCAL | {"tenants": tenants})) == {
        "tenants[0].managementClient.scopes", "tenants[1].managementClient.scopes",
        "tenants[1].managementClient.name", "tenants[1].managementClient.previousHours",
        "tenants[2].managementClient",
    }  # fmt: skip
