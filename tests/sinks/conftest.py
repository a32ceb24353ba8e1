from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sinks.kubernetes import KubernetesStandIn
from tests.sinks.vault import AnyVault, VaultStandIn, openbao
from tests.unit.peer import Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def stand_in(authority: Authority) -> Iterator[VaultStandIn]:
    server = VaultStandIn(ca=authority.pem)
    stop = server.start(authority)
    yield server
    stop()


@pytest.fixture(scope="module")
def real_vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnyVault]:
    folder: Path = tmp_path_factory.mktemp("openbao")
    with openbao(folder) as server:
        yield server


@pytest.fixture(params=["a stand-in", "OpenBao itself"])
def vault(request: pytest.FixtureRequest) -> AnyVault:
    """Whatever holds for the one holds for the other."""
    found: AnyVault = request.getfixturevalue("stand_in" if request.param == "a stand-in" else "real_vault")
    return found


@pytest.fixture
def kubernetes(authority: Authority) -> Iterator[KubernetesStandIn]:
    server = KubernetesStandIn(ca=authority.pem)
    stop = server.start(authority)
    yield server
    stop()
