"""The settings of a tenant on a local appliance that takes, refuses, forgets or does not answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from psaas_resources.errors import NotGranted, ToldNo
from psaas_resources.keyring import Keyring
from psaas_resources.management import Management
from psaas_resources.tenant_settings_handler import TenantSettingsHandler
from psaas_resources.tenant_settings_state import TenantSettingsState, check, diff
from psaas_resources.tenant_state import TenantState
from tests import hurried
from tests.handlers.operator import Operator, Run
from tests.situations.faults import on

SETTINGS = {"path": "/api/v2/tenants/settings"}
WANTED = {"friendly_name": "Customer 1", "flags": {"enable_sso": True}}


def handler(run: Run, operator: Operator, tenant: TenantState | None = None) -> TenantSettingsHandler:
    """That of a run which has seen `tenant` in the state."""
    keyring = Keyring()
    if tenant:
        keyring.hold(tenant.rta, tenant.name, tenant.credential)
    own = run.settings
    transport = hurried.transport(ca_bundle=own.ca_bundle, connect_to=own.connect_to)
    return TenantSettingsHandler(
        Management(own, transport=transport), run.escrow, keyring, warn=operator.warnings.append
    )


def declared(tenant: TenantState, **settings: Any) -> TenantSettingsState:
    return TenantSettingsState(tenant.rta, tenant.name, tenant.domain, settings or WANTED)


def sent(operator: Operator) -> list[int]:
    return [call["status"] for call in operator.appliance.calls("PATCH", "/api/v2/tenants/settings")]


def test_settings_are_sent_once_and_only_where_they_differ(operator: Operator) -> None:
    run = operator.run()
    tenant = run.create("customer-1")

    first = handler(run, operator, tenant).create(declared(tenant))
    second = handler(operator.run(), operator, tenant).create(declared(tenant))

    assert first.ready
    assert second.ready
    assert first.applied == WANTED == second.applied
    assert sent(operator) == [200]
    assert operator.warnings == []


def test_the_token_of_a_new_tenant_serves_its_settings_too(operator: Operator) -> None:
    run = operator.run()
    tenant = run.create("customer-1")
    keyring = Keyring()
    keyring.hold(tenant.rta, tenant.name, tenant.credential)
    TenantSettingsHandler(run.api, run.escrow, keyring, warn=operator.warnings.append).create(declared(tenant))

    tokens = [c for c in operator.appliance.calls("POST", "/oauth/token") if c["host"] == tenant.domain]

    assert len(tokens) == 1


def test_a_run_without_the_tenant_itself_takes_its_credential_from_the_escrow(operator: Operator) -> None:
    tenant = operator.run().create("customer-1")

    assert handler(operator.run(), operator).create(declared(tenant)).ready


def test_without_a_credential_nothing_is_sent_and_the_problem_says_why(operator: Operator) -> None:
    tenant = operator.run().create("customer-1")
    inventory = replace(tenant, client_id="", client_secret="", name="customer-2")

    state = handler(operator.run(), operator, inventory).create(declared(inventory))

    assert not state.ready
    assert "nobody holds the credential of tenant customer-2" in state.problem
    assert sent(operator) == []


def test_an_appliance_that_does_not_answer_is_a_problem_and_the_next_update_mends_it(operator: Operator) -> None:
    run = operator.run()
    tenant = run.create("customer-1")
    operator.appliance.goes_wrong(on(SETTINGS, status=503))

    broken = handler(run, operator, tenant).create(declared(tenant))
    operator.appliance.goes_wrong()
    mended = handler(operator.run(), operator, tenant).update(broken, declared(tenant))

    assert not broken.ready
    assert "503" in broken.problem
    assert (mended.ready, mended.problem, mended.applied) == (True, "", WANTED)


def test_what_the_appliance_refuses_is_an_error_and_the_earlier_settings_stay(operator: Operator) -> None:
    run = operator.run()
    tenant = run.create("customer-1")
    with pytest.raises(ToldNo, match=r"change the settings of customer-1.*enabled_locales"):
        handler(run, operator, tenant).create(declared(tenant, enabled_locales=["xx"]))

    assert sent(operator) == [400]


def test_a_credential_without_the_scope_is_an_error_that_names_it(operator: Operator) -> None:
    run = operator.run()
    tenant = run.create("customer-1")
    assert tenant.credential
    host, credential = tenant.domain, tenant.credential
    token = operator.appliance.tenant_token(
        host, client_id=credential.client_id, client_secret=credential.client_secret
    )
    [grant] = operator.appliance.request("GET", "/api/v2/client-grants", host=host, token=token)[1]
    path = f"/api/v2/client-grants/{grant['id']}"
    operator.appliance.request("PATCH", path, host=host, token=token, body={"scope": ["read:clients"]})

    with pytest.raises(NotGranted, match="tenant_settings"):
        handler(operator.run(), operator, tenant).create(declared(tenant))


def test_a_look_that_fails_keeps_what_was_known(operator: Operator) -> None:
    run = operator.run()
    tenant = run.create("customer-1")
    state = handler(run, operator, tenant).create(declared(tenant))
    operator.appliance.goes_wrong(on(SETTINGS, status=502))

    assert handler(operator.run(), operator, tenant).read(state) == state
    assert "their state is kept" in operator.warnings[-1]


def test_settings_that_are_not_in_order_are_looked_at_again_for_a_while_and_then_only_told() -> None:
    told: list[str] = []
    state = TenantSettingsState("rta.test", "customer-1", "customer-1.test", WANTED, WANTED, problem="no answer")
    news = {"tenant": "customer-1", "domain": "customer-1.test", "settings": WANTED}
    recent = replace(state, managed_since="2999-01-01T00:00:00+00:00")

    assert diff(recent, news, ready_within_hours=24, warn=told.append) == ["ready"]
    assert told == []
    assert diff(state, news, ready_within_hours=24, warn=told.append) == []
    assert "still not in order: no answer" in told[0]


def test_a_program_is_told_which_setting_is_wrong_and_that_a_stack_stays_on_its_appliance() -> None:
    news = {"rta": "rta.two.test", "settings": {"session_lifetime": 0, "flags": {"enable_sso": 1}}}
    found = check({"rta": "rta.one.test"}, news)

    assert "session_lifetime: expected a whole number" in found["settings"]
    assert "flags.enable_sso: expected true or false" in found["settings"]
    assert "rta.one.test" in found["rta"]
