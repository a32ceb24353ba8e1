"""What a deploy publishes of its state: no secrets, the same bytes, and nothing is taken from a damaged document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review import inventory
from review.applications import Application
from review.inventory import InventoryError
from tests.review import told

CANARY = "canary-6f1d0a77"
CIPHERTEXT = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": f"v1:{CANARY}"}
STACK_FILE = f"""\
encryptionsalt: v1:{CANARY}:v1:{CANARY}
config:
  psaas:domain: rta.appliance.test
  psaas:clientId: an id
  psaas:clientSecret: {{secure: v1:{CANARY}}}
  psaas:credentials: {{customer-1: {{clientId: x, clientSecret: {{secure: "v1:{CANARY}"}}}}}}
  psaas:escrowKey: {CANARY}
  psaas:tenants: [{{name: customer-1, owners: [me@email.com]}}]
"""


def resource(name: str, props: dict[str, Any], kind: str = told.TENANT, **rest: Any) -> dict[str, Any]:
    return {"urn": told.urn(name, kind), "type": kind, "id": name, "inputs": props, "outputs": props} | rest


def export(*resources: dict[str, Any]) -> dict[str, Any]:
    provider = {"urn": "x::default", "type": "pulumi:providers:pulumi-python", "inputs": {"psaas:clientSecret": CANARY}}
    return {"version": 3, "deployment": {"resources": [provider, *resources], "secrets_providers": {"state": CANARY}}}


def state(*resources: dict[str, Any]) -> dict[str, Any]:
    return inventory.of_state(export(*resources), stack="test", stack_file=STACK_FILE, commit="abc")


def test_it_has_the_tenants_and_grants_of_the_state_by_name() -> None:
    document = state(
        resource("customer-2", told.outputs("customer-2", retired="forget", ready=False)),
        resource("customer-1", told.outputs("customer-1", adopt="inventory", labels={"b": "2", "a": "1"})),
        resource("old-copy", told.outputs("old-copy"), delete=True),
        resource("provisioning", told.grant("read:tenants", "create:tenants"), told.GRANT),
    )

    assert (document["version"], document["stack"], document["rta"]) == (3, "test", "rta.appliance.test")
    assert (document["tenantDomain"], document["commit"]) == ("appliance.test", "abc")
    assert [t["name"] for t in document["tenants"]] == ["customer-1", "customer-2"]
    assert document["tenants"][0]["adopt"] == "inventory"
    assert document["tenants"][1]["retired"] == "forget"
    assert document["grants"] == [
        {
            "name": "provisioning", "clientId": "the client", "audience": "https://rta.appliance.test/api/v2/",
            "scopes": ["create:tenants", "read:tenants"],
        }
    ]  # fmt: skip
    assert inventory.tenants_of(document)["customer-1"].labels == {"a": "1", "b": "2"}
    assert inventory.grants_of(document)["provisioning"].scopes == ("create:tenants", "read:tenants")


def test_no_secret_and_no_ciphertext_is_in_it_wherever_one_stands() -> None:
    hostile = told.outputs(
        "customer-1", client_secret=CIPHERTEXT, owners=CIPHERTEXT, labels={"token": CIPHERTEXT}, problem=CIPHERTEXT,
        unknown=CANARY, domain=CIPHERTEXT,
    )  # fmt: skip

    text = inventory.render(state(resource("customer-1", hostile), resource("g", told.grant(x=CANARY), told.GRANT)))

    assert CANARY not in text
    assert "ciphertext" not in text
    assert "client_id" not in text


def test_guarded_settings_are_told_in_clear_by_the_fingerprint_of_their_ciphertext_or_not_at_all() -> None:
    settings = state()["settings"]

    assert settings["psaas:clientId"] == "an id"
    assert settings["psaas:clientSecret"].startswith("encrypted, fingerprint ")
    assert settings["psaas:credentials"].startswith("encrypted, fingerprint ")
    assert settings["encryptionsalt"].startswith("fingerprint ")
    assert settings["psaas:escrowKey"] == "given in clear"  # a fingerprint would let a short secret be found by trying
    assert "psaas:tenants" not in settings


def test_the_same_state_makes_the_same_bytes_in_whatever_order_it_is_stored() -> None:
    one, two = (resource(name, told.outputs(name)) for name in ("customer-1", "customer-2"))

    assert inventory.render(state(one, two)) == inventory.render(state(two, one))


def test_what_is_published_is_read_back() -> None:
    document = state(resource("customer-1", told.outputs("customer-1")))

    assert inventory.parse(inventory.render(document), stack="test") == document


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is damaged"),
        ("{}", "is damaged: version"),
        ('{"version": 4, "whatever": 1}', "of version 4, and this reviewer knows 3"),
        ('{"version": 1, "stack": "test", "rta": 7}', "is damaged: rta"),
        ('{"version": 1, "stack": "test", "rta": "r", "secret": "x"}', "is damaged: secret"),
        ('{"version": 1, "stack": "test", "rta": "r", "tenants": [{"name": 1}]}', "is damaged: tenants.0.name"),
        ('{"version": 1, "stack": "test", "rta": "r", "tenants": [{"name": "a"}, {"name": "a"}]}', "a tenant twice"),
        ('{"version": 1, "stack": "other", "rta": "r"}', "of another stack than test"),
    ],
)
def test_a_document_that_is_damaged_too_new_or_of_another_stack_is_refused_with_its_reason(
    text: str, words: str
) -> None:
    with pytest.raises(InventoryError, match=words.replace(".", r"\.")):
        inventory.parse(text, stack="test")


def test_it_has_settings_rotations_and_applications_and_none_of_their_secrets() -> None:
    settings = {
        "tenant": "customer-1", "settings": {"friendly_name": "One", "session_lifetime": 8.0, "flags": {"x": True}},
        "applied": {"session_lifetime": 100.0}, "ready": True,
    }  # fmt: skip
    application = {
        "name": "Ours", "description": "", "adopt": "", "rotate": "OPS-7", "client_id": "id", "drift": ["a drift"],
        "client_secret": CIPHERTEXT, "rta": "rta.appliance.test",
    }  # fmt: skip

    team = {
        "tenant": "customer-1", "name": "Team", "scopes": ["read:clients"], "rotate": "", "previous_hours": 24.0,
        "applied_scopes": ["read:users", "read:clients"], "ready": True, "client_id": "id", "client_secret": CIPHERTEXT,
    }  # fmt: skip

    document = state(
        resource("customer-1", told.outputs("customer-1", rotate="OPS-1")),
        resource("customer-2", told.outputs("customer-2")),
        resource("customer-1-settings", settings, told.SETTINGS),
        resource(
            "customer-2-settings", {"tenant": "customer-2", "settings": CIPHERTEXT, "ready": False}, told.SETTINGS
        ),
        resource("customer-1-client", team, told.TEAM),
        resource("application", application, told.APPLICATION, protect=True),
    )

    one, two = inventory.tenants_of(document).values()
    assert (one.rotate, two.rotate) == ("OPS-1", "")
    assert one.inside == {
        "settings": {"flags.x": "true", "friendlyName": "One", "sessionLifetime": "100"},
        "managementClient": {"name": "Team", "previousHours": "24", "scopes": "read:clients, read:users"},
    }
    assert one.inside_ready
    assert two.inside == {"settings": {}}
    assert not two.inside_ready
    assert inventory.applications_of(document) == {
        "application": Application("Ours", rotate="OPS-7", client_id="id", drift=("a drift",), protected=True)
    }
    assert CANARY not in inventory.render(document)


def test_an_inventory_of_an_earlier_version_is_read_and_does_not_know_what_it_does_not_tell() -> None:
    old = {"version": 1, "stack": "test", "rta": "r", "tenants": [{"name": "a"}]}
    later = old | {"version": 2, "tenants": [{"name": "a", "settings": {"friendlyName": "One"}}]}

    document, second = (inventory.parse(json.dumps(text), stack="test") for text in (old, later))

    tenant = inventory.tenants_of(document)["a"]
    unknown = {"settings": None, "managementClient": None, "sink": None, "invitations": None}
    assert (tenant.inside, tenant.rotate) == (unknown, None)
    assert inventory.applications_of(document) is None
    assert inventory.tenants_of(second)["a"].inside == unknown | {"settings": {"friendlyName": "One"}}


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["version", "stack", "rta", "tenants", "name", "owners", "grants", "settings"]), inner
            )
        ),
    )
)
def test_any_json_is_an_inventory_or_is_refused(document: Any) -> None:
    try:
        parsed = inventory.parse(json.dumps(document))
    except InventoryError:
        return
    assert inventory.parse(inventory.render(parsed)) == parsed
