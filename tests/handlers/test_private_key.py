"""A fleet whose application proves itself by a signature instead of a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from psaas_resources.errors import WrongCredential
from tests.handlers.operator import Operator
from tests.local_appliance import LocalAppliance

FIRST, SECOND = (rsa.generate_private_key(65537, 2048) for _ in range(2))


def private(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public(key: rsa.RSAPrivateKey) -> dict[str, str]:
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return {"credential_type": "public_key", "pem": pem}


@pytest.fixture
def application(appliance: LocalAppliance) -> str:
    """The client ID of an application that signs with FIRST, and has its client grant."""
    methods = {"private_key_jwt": {"credentials": [public(FIRST)]}}
    body = {"name": "Signs", "app_type": "non_interactive", "client_authentication_methods": methods}
    made = appliance.api("POST", "clients", body)
    grant = {"client_id": made["client_id"], "audience": f"https://{appliance.rta}/api/v2/"}
    appliance.api("POST", "client-grants", {**grant, "scope": ["create:tenants", "read:tenants"]})
    return str(made["client_id"])


@pytest.fixture
def operator(appliance: LocalAppliance, application: str, tmp_path: Path) -> Operator:
    environment = {"PSAAS_CLIENT_SECRET": "", "PSAAS_CLIENT_KEY": private(FIRST), "PSAAS_ESCROW_KEY": "k" * 64}
    return Operator(appliance, tmp_path / "escrow", {"clientId": application}, environment)


def use(operator: Operator, application: str, *keys: Any) -> None:
    methods = {"private_key_jwt": {"credentials": [{"id": key["id"]} for key in keys]}}
    operator.appliance.api("PATCH", f"clients/{application}", {"client_authentication_methods": methods})


def test_tenants_are_made_and_looked_at_without_any_secret(operator: Operator) -> None:
    made = operator.run().create("customer-1")
    assert made.ready
    assert operator.run().tenants.read(made) == made
    assert operator.posts() == [201]


def test_each_try_of_a_request_for_a_token_signs_anew(operator: Operator) -> None:
    appliance = operator.appliance
    lost = {"route": {"path": "/oauth/token", "host": appliance.rta}, "when": {"first": 2}, "do": {"reset": "after"}}
    appliance.goes_wrong(lost)
    assert operator.run().create("customer-1").ready


def test_keys_are_rotated_by_overlap_with_no_run_that_fails(operator: Operator, application: str) -> None:
    path = f"clients/{application}/credentials"
    [first] = operator.appliance.api("GET", path)
    second = operator.appliance.api("POST", path, public(SECOND))
    use(operator, application, first, second)
    assert operator.run().create("customer-1").ready
    assert operator.run(PSAAS_CLIENT_KEY=private(SECOND)).create("customer-2").ready
    use(operator, application, second)
    operator.appliance.api("DELETE", f"{path}/{first['id']}")
    assert operator.run().create("customer-3").ready

    with pytest.raises(WrongCredential, match="or its key is wrong there"):
        operator.run(PSAAS_CLIENT_KEY=private(FIRST)).create("customer-4")
    assert operator.posts() == [201, 201, 201]
