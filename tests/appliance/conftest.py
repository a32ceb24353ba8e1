"""One running appliance for all tests of a worker; a test that needs its own state makes a tenant or starts its own."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from running_appliance import JSON, ManagementApi, RunningAppliance

NewTenant = Callable[[], ManagementApi]


@pytest.fixture(scope="session")
def appliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAppliance]:
    running = RunningAppliance.start(tmp_path_factory.mktemp("appliance") / "data")
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def admin(appliance: RunningAppliance) -> ManagementApi:
    """The root tenant authority's API as its administrator sees it."""
    return appliance.api(appliance.rta, appliance.facts["admin"])


@pytest.fixture(scope="session")
def provisioning(appliance: RunningAppliance, admin: ManagementApi) -> ManagementApi:
    """The root tenant authority's API as an application sees it that may do everything with tenants."""
    return admin.granted("create:tenants", "read:tenants", "delete:tenants")


@pytest.fixture
def faulty(appliance: RunningAppliance) -> Iterator[RunningAppliance]:
    """The running appliance, whose fault plan is the test's own and gone after it."""
    yield appliance
    appliance.inspect("DELETE", "faults")


@pytest.fixture
def name() -> str:
    """A tenant name that nobody has used."""
    return f"t-{uuid.uuid4().hex[:20]}"


@pytest.fixture
def tenant(appliance: RunningAppliance, provisioning: ManagementApi, name: str) -> ManagementApi:
    """A new tenant's API, called with the credential that was delivered with it."""
    made = provisioning.made("/tenants", {"name": name})
    return appliance.api(made["domain"], made)


@pytest.fixture
def client(tenant: ManagementApi) -> JSON:
    """An application of the new tenant that was granted nothing."""
    return tenant.new_client()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"
