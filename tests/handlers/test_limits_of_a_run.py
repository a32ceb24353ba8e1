"""How many tenants one update makes and deletes: in a preview, and in the process that acts."""

from __future__ import annotations

from typing import Any

import pytest

from psaas_resources import escrow, limits
from psaas_resources.errors import EscrowError, Refused, Stopped
from psaas_resources.limits import Limits
from psaas_resources.settings import Settings
from tests.handlers.operator import Operator


def nothing() -> list[str]:
    return []


def unasked() -> list[str]:
    raise AssertionError("the escrow was asked")


@pytest.fixture(autouse=True)
def of_a_new_process() -> None:
    limits._of.cache_clear()
    escrow.of.cache_clear()


def new(settings: Settings, name: str, **inputs: Any) -> dict[str, str]:
    return limits.check({}, {"name": name, "rta": settings.rta, "owners": ["me@email.com"], **inputs}, settings)


def test_an_update_sends_no_more_posts_than_it_may_and_the_next_one_goes_on(operator: Operator) -> None:
    operator.config["maxNewTenants"] = 2
    run = operator.run()
    run.create("customer-1")
    run.create("customer-2")

    with pytest.raises(Stopped, match=r"customer-3 was not tried: .* the 2 tenant POSTs that psaas:maxNew"):
        run.create("customer-3")

    assert operator.posts() == [201, 201]
    operator.run().create("customer-3")
    assert operator.posts() == [201, 201, 201]


def test_tenants_that_come_back_from_the_escrow_are_not_counted(operator: Operator) -> None:
    for name in ("customer-1", "customer-2"):
        operator.run().settle(operator.run().create(name))  # seen in the state, which is then lost
    operator.run().create("customer-3")
    operator.config["maxNewTenants"] = 1
    run = operator.run()

    assert [new(run.settings, f"customer-{number}") for number in (1, 2, 3, 4)] == [{}, {}, {}, {}]
    assert "psaas:maxNewTenants" in new(run.settings, "customer-5")["name"]
    for name in ("customer-1", "customer-2", "customer-3", "customer-4"):
        run.create(name)
    assert operator.posts() == [201] * 4


def test_an_update_deletes_no_more_tenants_than_it_may_and_the_next_one_goes_on(operator: Operator) -> None:
    made = [operator.run().create(f"customer-{number}", deletion="delete") for number in (1, 2, 3)]
    operator.config["maxDeletions"] = 2
    run = operator.run(PSAAS_ALLOW_DELETE="customer-1 customer-2 customer-3")
    run.tenants.delete(made[0])
    run.update(made[1], retired="delete")

    with pytest.raises(Refused, match=r"customer-3 is not deleted: .* the 2 tenants that psaas:maxDeletions allows"):
        run.tenants.delete(made[2])

    assert operator.run().api.tenant_listed("customer-3") is True
    operator.run().tenants.delete(made[2])
    assert operator.run().api.tenant_listed("customer-3") is False


def test_forgetting_is_no_deletion(operator: Operator) -> None:
    operator.config["maxDeletions"] = 0
    operator.run().tenants.delete(operator.run().create("customer-1"))
    assert operator.run().api.tenant_listed("customer-1") is True


def test_a_preview_counts_what_would_be_posted_and_nothing_else(operator: Operator) -> None:
    operator.config["maxNewTenants"] = 2
    settings = operator.settings()
    old = {"name": "customer-0", "owners": ["me@email.com"]}

    assert limits.check(old, old, settings) == {}
    assert new(settings, "customer-a", adopt=True) == new(settings, "customer-b", adopt="inventory") == {}
    assert new(settings, "customer-c", retired="forget") == {}
    assert new(settings, "customer-1") == new(settings, "customer-2") == new(settings, "customer-1") == {}
    said = new(settings, "customer-3")["name"]
    assert said.startswith("tenant customer-3 is one more than the 2 new tenants that psaas:maxNewTenants allows")
    assert "leave it to the next update, or raise the number in the stack file" in said
    assert new(settings, "customer-3")["name"] == said
    assert limits.check({}, {"owners": []}, settings) == {}
    assert limits.check({}, {"name": "customer-4"}, None) == {}


def test_a_preview_counts_the_deletions_of_retired_tenants(operator: Operator) -> None:
    operator.config["maxDeletions"] = 1
    settings = operator.settings()

    def retire(name: str, how: str, before: str = "") -> dict[str, str]:
        return limits.check({"name": name, "retired": before}, {"name": name, "retired": how}, settings)

    assert retire("customer-1", "forget") == retire("customer-2", "delete", before="delete") == {}
    assert retire("customer-3", "delete") == {}
    assert "psaas:maxDeletions" in retire("customer-4", "delete")["name"]
    assert limits.check({}, {"name": "customer-5", "retired": "delete"}, settings) == {}


def test_the_escrow_is_asked_only_when_the_limit_seems_to_be_reached() -> None:
    counted = Limits(new=2)
    assert counted.plan_new("customer-1", unasked) is counted.plan_new("customer-2", unasked) is None
    assert counted.plan_new("customer-3", lambda: ["customer-1"]) is None
    assert counted.plan_new("customer-4", unasked) is not None


def test_an_escrow_that_can_not_be_looked_into_lets_nobody_pass(
    operator: Operator,
) -> None:
    operator.config["maxNewTenants"] = 0
    operator.environment["PSAAS_ESCROW_COMMAND"] = "/nowhere/at-all"
    settings = operator.settings()

    with pytest.raises(EscrowError):
        escrow.of(settings).kept()
    assert "psaas:maxNewTenants" in new(settings, "customer-1")["name"]


def test_a_local_stack_has_no_limits_unless_they_are_set_and_a_real_one_has(operator: Operator) -> None:
    def found(**config: Any) -> tuple[int | None, int | None]:
        operator.config = config
        operator.environment["PSAAS_CONNECT_TO"] = ""
        settings = operator.settings()
        return settings.max_new_tenants, settings.max_deletions

    assert found() == (None, None)
    assert found(maxNewTenants="3", maxDeletions=0) == (3, 0)
    assert found(domain="rta.auth.example.com") == (25, 5)
    assert found(domain="rta.auth.example.com", maxNewTenants=400, maxDeletions="") == (400, 5)
    assert Limits().plan_new("customer-1", unasked) is None
