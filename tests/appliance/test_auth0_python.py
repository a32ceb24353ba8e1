"""The appliance against a client that other people wrote: auth0-python."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from auth0.authentication import GetToken
from auth0.management import ManagementClient
from auth0.management.core.api_error import ApiError
from running_appliance import RunningAppliance


@pytest.fixture
def local(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningAppliance]:
    """An appliance on localhost, which a stock client reaches with nothing but a CA file and a name that resolves."""
    running = RunningAppliance.start(data, "--domain", "localhost", "--port", "0")
    monkeypatch.setenv("SSL_CERT_FILE", running.facts["ca"])
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    resolve = socket.getaddrinfo

    def stands_for_dns(host: Any, *rest: Any, **more: Any) -> Any:
        return resolve("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", stands_for_dns)
    yield running
    assert running.stop() == 0


def management(appliance: RunningAppliance, domain: str, credential: dict[str, str]) -> ManagementClient:
    pair = {name: credential[name] for name in ("client_id", "client_secret")}
    return ManagementClient(domain=domain, client_id=pair["client_id"], client_secret=pair["client_secret"])


def test_auth0_python_sees_a_client_grant_from_creation_to_deletion(local: RunningAppliance) -> None:
    admin = management(local, local.rta, local.facts["admin"])
    audience, client_id = f"https://{local.rta}/api/v2/", local.facts["provisioning"]["client_id"]
    made = admin.client_grants.create(client_id=client_id, audience=audience, scope=["create:tenants"])
    assert made.id is not None
    assert (made.client_id, made.audience, made.scope) == (client_id, audience, ["create:tenants"])
    assert [grant.id for grant in admin.client_grants.list(client_id=client_id)] == [made.id]
    assert len(list(admin.client_grants.list(take=1))) == 2
    assert admin.client_grants.get(made.id).scope == ["create:tenants"]
    changed = admin.client_grants.update(made.id, scope=["create:tenants", "read:tenants"])
    assert changed.scope == ["create:tenants", "read:tenants"]
    with pytest.raises(ApiError) as conflict:
        admin.client_grants.create(client_id=client_id, audience=audience, scope=[])
    assert conflict.value.status_code == 409
    admin.client_grants.delete(made.id)
    with pytest.raises(ApiError) as gone:
        admin.client_grants.get(made.id)
    assert gone.value.status_code == 404


def test_auth0_python_manages_a_new_tenant_with_the_delivered_credential(local: RunningAppliance) -> None:
    rta = local.api(local.rta, local.facts["admin"]).granted("create:tenants")
    made = rta.made("/tenants", {"name": "customer-1", "owners": ["me@example.com"]})
    tenant = management(local, made["domain"], made)
    assert tenant.tenants.settings.update(friendly_name="Customer 1").friendly_name == "Customer 1"
    assert tenant.tenants.settings.get().friendly_name == "Customer 1"
    assert [client.client_id for client in tenant.clients.list()] == [made["client_id"]]
    application = tenant.clients.create(name="Shop", app_type="regular_web")
    assert application.client_id is not None
    assert tenant.clients.rotate_secret(application.client_id).client_secret != application.client_secret
    connections = list(tenant.connections.list())
    assert [connection.strategy for connection in connections] == ["auth0", "google-oauth2"]
    enabled = [client.client_id for client in tenant.connections.clients.get(str(connections[0].id))]
    assert enabled == [made["client_id"], application.client_id]
    api = tenant.resource_servers.get(f"https://{made['domain']}/api/v2/")
    assert api.is_system is True


def test_auth0_python_is_refused_in_its_own_words(local: RunningAppliance) -> None:
    provisioning = management(local, local.rta, local.facts["provisioning"])
    with pytest.raises(Exception, match="403"):
        list(provisioning.client_grants.list())


def test_auth0_pythons_token_client_gets_a_token(local: RunningAppliance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", local.facts["ca"])
    admin = local.facts["admin"]
    token = GetToken(local.rta, admin["client_id"], client_secret=admin["client_secret"])
    answer = token.client_credentials(f"https://{local.rta}/api/v2/")
    assert answer["token_type"] == "Bearer"
