"""Where credentials shall lie, as a stack file says it: templates, labels, switches and every mistake."""

from __future__ import annotations

from typing import Any

import pytest

from psaas_resources.sink_place import SinkPlace
from tests.unit.test_config import LOCAL, mistakes, read
from tests.unit.test_config_settings import entry

VAULT = {"kind": "vault", "address": "https://vault.example.com"}
CLIENT = {"scopes": ["read:clients"]}


def places(**said: Any) -> list[SinkPlace | None]:
    fleet = read(LOCAL | said)
    return [fleet.sink_of(tenant) for tenant in fleet.tenants]


def test_each_tenant_with_an_application_of_its_team_has_a_place_by_its_name_and_labels() -> None:
    sink = VAULT | {"path": "teams/{label:team}/{tenant}", "mount": "kv"}
    first, second = entry(labels={"team": "billing"}), entry("customer-2", labels={"team": "search"})
    assert places(sink=sink, managementClient=CLIENT, tenants=[first, second]) == [
        SinkPlace("vault", "https://vault.example.com", "", "kv", "teams/billing/customer-1"),
        SinkPlace("vault", "https://vault.example.com", "", "kv", "teams/search/customer-2"),
    ]


@pytest.mark.parametrize(
    ("sink", "path"),
    [
        (VAULT, "psaas/customer-1"),
        ({"kind": "kubernetes", "address": "https://k.example.com", "namespace": "team-a"}, "auth0-customer-1"),
        ({"kind": "command"}, "customer-1"),
    ],
)
def test_a_place_has_a_name_of_its_own_where_no_path_is_said(sink: dict[str, str], path: str) -> None:
    [place] = places(sink=sink, managementClient=CLIENT, tenants=[entry()])
    assert place
    assert place.path == path


def test_a_tenants_own_credential_is_written_on_explicit_wish_only() -> None:
    assert places(sink=VAULT, tenants=[entry()]) == [None]
    assert places(sink=VAULT | {"ownCredential": True}, tenants=[entry()]) != [None]
    assert places(sink=VAULT, tenants=[entry(sink={"ownCredential": True})]) != [None]
    said = VAULT | {"ownCredential": True}
    assert places(sink=said, tenants=[entry(sink={"ownCredential": False})]) == [None]


def test_a_tenant_is_switched_off_and_one_that_is_taken_over_is_switched_on() -> None:
    both = [entry(sink={"enabled": False}), {"name": "customer-2", "adopt": True}]
    assert places(sink=VAULT, managementClient=CLIENT, tenants=both) == [None, None]
    taken = {"name": "customer-2", "adopt": True, "managementClient": CLIENT, "sink": {"enabled": True, "path": "x"}}
    [place] = places(sink=VAULT, tenants=[taken])
    assert place
    assert place.path == "x"


def found(**said: Any) -> dict[str, str]:
    return mistakes(LOCAL | {"managementClient": CLIENT, "tenants": [entry(labels={"team": "billing"})]} | said)


def test_a_label_that_is_missing_is_a_mistake_of_the_entry_that_lacks_it() -> None:
    said = VAULT | {"path": "{label:tem}/{tenant}"}
    assert found(sink=said) == {
        "tenants[0].labels": 'has no label "tem", which psaas:sink.path needs; did you mean "team"?; say it, or set '
        "`sink: {enabled: false}` on the entry"
    }
    assert 'has no label "team"' in found(sink=VAULT | {"path": "{label:team}/x"}, tenants=[entry()])["tenants[0]"]


@pytest.mark.parametrize("team", ["../finance", "a b", "..", "Über", "a//b"])
def test_a_label_can_not_lead_to_another_place(team: str) -> None:
    said = VAULT | {"path": "teams/{label:team}/{tenant}"}
    assert "is not a path" in found(sink=said, tenants=[entry(labels={"team": team})])["tenants[0].labels"]


def test_two_tenants_never_have_the_same_place() -> None:
    said = found(sink=VAULT | {"path": "shared"}, tenants=[entry(), entry("customer-2")])
    assert "as that of psaas:tenants[0] does; use {tenant}" in said["tenants[1].name"]


@pytest.mark.parametrize(
    ("sink", "path", "words"),
    [
        ({"address": "https://v.example.com"}, "sink.kind", "is missing; one of vault, kubernetes, command"),
        ({"kind": "vaul"}, "sink.kind", 'did you mean "vault"?'),
        ({"kind": "vault"}, "sink.address", "is not an address"),
        ({"kind": "vault", "address": "http://v.example.com"}, "sink.address", "such as https://vault.example.com"),
        ({"kind": "vault", "address": "https://me:pw@v.example.com"}, "sink.address", "is not an address"),
        (VAULT | {"mount": "/secret"}, "sink.mount", "is not the path of a secrets engine"),
        (VAULT | {"path": "{team}/{tenant}"}, "sink.path", '"{team}" is not known; use {tenant} or {label:NAME}'),
        ({"kind": "kubernetes", "address": "https://k.example.com"}, "sink.namespace", "is missing"),
        ({"kind": "kubernetes", "address": "https://k.example.com", "namespace": "a", "roleId": "x"}, "sink.roleId",
         "is for the kind vault only"),
        ({"kind": "command", "address": "https://k.example.com"}, "sink.address", "is not for a command"),
        ({"kind": "command", "comand": "x"}, "sink.comand", 'unknown field "comand"'),
    ],
)  # fmt: skip
def test_every_mistake_in_the_sink_has_its_place_and_its_way_out(sink: dict[str, str], path: str, words: str) -> None:
    assert words in found(sink=sink)[path]


def test_mistakes_of_an_entry_are_told_there() -> None:
    assert "there is no psaas:sink" in found(tenants=[entry(sink={"path": "x"})])["tenants[0].sink"]
    said = mistakes(LOCAL | {"sink": VAULT, "tenants": [entry(sink={"enabled": True})]})
    assert "it has no managementClient" in said["tenants[0].sink"]
    said = found(sink=VAULT, tenants=[{"name": "customer-2", "adopt": "inventory", "sink": {"enabled": True}}])
    assert "nobody holds the credential" in said["tenants[0].sink"]
    assert "use {tenant}" in found(sink=VAULT, tenants=[entry(sink={"path": "{x}"})])["tenants[0].sink.path"]
    assert "true or false" in found(sink=VAULT, tenants=[entry(sink={"enabled": "maybe"})])["tenants[0].sink.enabled"]


def test_a_changed_file_can_not_lead_credentials_to_another_sink() -> None:
    said = LOCAL | {"sink": VAULT}
    rta = {"PSAAS_EXPECTED_RTA": LOCAL["domain"]}
    assert read(said, **rta, PSAAS_EXPECTED_SINK="vault.example.com").sink.kind == "vault"
    assert "PSAAS_EXPECTED_SINK=vault.example.com" in mistakes(said, **rta)["sink.address"]
    other = mistakes(said, PSAAS_EXPECTED_SINK="other.example.com")["sink.address"]
    assert 'writes to "other.example.com" only' in other
    assert read(LOCAL, **rta).sink.kind is None
    assert read(LOCAL | {"sink": {"kind": "command"}}, **rta).sink.kind == "command"


def test_secrets_of_the_sink_never_stand_in_the_file_and_its_address_is_never_hidden() -> None:
    assert "stands in the file in clear" in found(sink=VAULT, sinkToken="canary")["sinkToken"]
    assert "stands in the file in clear" in found(sink=VAULT, sinkSecretId="canary")["sinkSecretId"]
