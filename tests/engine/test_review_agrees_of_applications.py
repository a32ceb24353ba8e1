"""What a review says of the provisioning application is what happens, in the engine's preview and without an engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from review import verdict
from review.model import ApplicationRow
from tests.engine.changes import Change
from tests.engine.stack import Stack
from tests.engine.test_review_agrees import Compared, agree

NAME = "Tenant Provisioning"


@pytest.fixture
def compared(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compared:
    """A stack that declares application and grant, after its first update."""
    monkeypatch.delenv("PSAAS_LONG", raising=False)
    stack.appliance.api("DELETE", f"clients/{stack.appliance.described['provisioning']['client_id']}")
    del stack.environment["PSAAS_CLIENT_SECRET"]
    stack.declare(manageApplication=True, clientId=None)
    return Compared(stack, tmp_path)


def switched_on_by_hand(compared: Compared) -> None:
    """Somebody enables a connection for the application, and a look notes it."""
    client_id = compared.stack.resources()["application"]["outputs"]["client_id"]
    [connection, *_] = compared.stack.appliance.api("GET", "connections?fields=id,name")
    switch = [{"client_id": client_id, "status": True}]
    compared.stack.appliance.api("PATCH", f"connections/{connection['id']}/clients", switch)
    compared.stack.refresh().ok()
    compared.published = compared.publish()


def change(action: str, **config: Any) -> Change:
    return Change([], [], config, {NAME: action})


def test_reviews_of_the_application_agree_with_each_other_and_with_updates(compared: Compared) -> None:
    def row(given: Change) -> ApplicationRow:
        [found] = agree(compared, given).applications
        return found

    assert [c.name for c in row(change("change", applicationDescription="Makes tenants")).changes] == ["description"]
    assert [c.name for c in row(change("rotate", rotate="OPS-7")).changes] == ["rotate"]
    switched_on_by_hand(compared)
    assert [c.name for c in row(change("change")).changes] == ["drift"]

    none = dict.fromkeys(("manageApplication", "applicationDescription", "rotate"))
    by_engine, without = compared.reviews(Change([], [], {**none, "clientId": "another", "manageGrant": False}))
    assert (verdict.of(by_engine).status, verdict.of(without).status) == (2, 2)
    assert [found.action for found in without.applications] == ["refused"]
