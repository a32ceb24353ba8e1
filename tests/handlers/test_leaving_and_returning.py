"""Tenants that vanish, are retired or come back: no name is used twice, no credential is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from psaas_resources.errors import AnswerUnusable, NameTaken, Refused
from psaas_resources.tenant_state import check, diff
from tests.handlers.operator import Operator


def delete_behind_our_back(operator: Operator, *names: str) -> None:
    for name in names:
        operator.appliance.api("DELETE", f"tenants/{name}", application="provisioning")


def test_a_retired_tenant_is_forgotten_and_its_credential_kept(operator: Operator) -> None:
    made = operator.run().create("customer-7")
    run = operator.run()
    run.settle(made)

    gone = run.update(made, retired="forget")

    assert (gone.retired, gone.client_id, gone.client_secret, gone.ready) == ("forget", "", "", False)
    kept = operator.run().escrow.find("customer-7")
    assert kept
    assert (kept.reason, kept.credential) == ("forgotten", made.credential)
    assert operator.run().tenants.read(gone) == gone
    assert diff(gone, gone.outputs(), run.settings, warn=operator.warnings.append) == []
    operator.run().tenants.delete(gone)
    assert operator.posts() == [201]


def test_retiring_may_delete_when_the_run_names_the_tenant(operator: Operator) -> None:
    made = operator.run().create("customer-7")

    with pytest.raises(Refused, match="PSAAS_ALLOW_DELETE=customer-7"):
        operator.run().update(made, retired="delete")
    gone = operator.run(PSAAS_ALLOW_DELETE="customer-7").update(made, retired="delete")

    assert gone.retired == "delete"
    assert operator.run().api.tenant_listed("customer-7") is False
    with pytest.raises(Refused, match="deleted by us"):
        operator.run().create("customer-7")


def test_a_retired_name_does_not_come_back(operator: Operator) -> None:
    gone = operator.run().update(operator.run().create("customer-7"), retired="forget")

    problems = check(gone.outputs(), operator.tenant("customer-7").outputs() | {"retired": ""})

    assert "its name never returns" in problems["retired"]


def test_a_retired_name_that_never_was_a_tenant_is_only_a_name(operator: Operator) -> None:
    assert operator.run().create("customer-0", retired="forget").problem == "retired"
    assert operator.posts() == []


def test_proof_of_absence_brings_the_credential_back_to_the_escrow(operator: Operator) -> None:
    made = operator.run().create("customer-1")
    operator.run().settle(made)
    delete_behind_our_back(operator, "customer-1")

    seen = operator.run().tenants.read(made)

    assert seen.vanished_at
    assert not seen.ready
    assert seen.credential == made.credential
    kept = operator.run().escrow.find("customer-1")
    assert kept
    assert (kept.reason, kept.credential) == ("vanished", made.credential)
    later = operator.run()
    later.settle(seen)
    assert later.escrow.header("customer-1")["reason"] == "vanished"


def test_a_vanished_tenant_is_not_posted_again_unless_its_entry_says_so(operator: Operator) -> None:
    made = operator.run().create("customer-1")
    delete_behind_our_back(operator, "customer-1")
    seen = operator.run().tenants.read(made)

    assert operator.run().update(seen).vanished_at == seen.vanished_at
    assert operator.posts() == [201]
    assert "recreate" in diff(seen, seen.outputs() | {"recreate": True}, None, warn=operator.warnings.append)
    with pytest.raises(NameTaken):
        operator.run().update(seen, recreate=True)
    assert operator.posts() == [201, 409]


def test_a_tenant_that_is_listed_again_is_as_before(operator: Operator) -> None:
    made = operator.run().create("customer-1")
    assert operator.run().tenants.read(replace(made, ready=False, problem="gone", vanished_at="2026-01-01")) == made


def test_recreating_needs_the_proof_of_this_moment(operator: Operator) -> None:
    made = operator.run().create("customer-1")

    with pytest.raises(Refused, match="does not prove its absence"):
        operator.run().update(replace(made, ready=False, vanished_at="2026-01-01"), recreate=True)


def test_a_list_that_lacks_many_tenants_at_once_is_a_fault_and_proves_nothing(operator: Operator) -> None:
    run = operator.run()
    made = [run.create(f"customer-{number}") for number in range(1, 6)]
    assert operator.run().tenants.read(made[0]) == made[0]  # the list is noted
    delete_behind_our_back(operator, "customer-1", "customer-2", "customer-3")

    with pytest.raises(AnswerUnusable, match="lacks 3 that it had before"):
        operator.run().tenants.read(made[0])

    accepting = operator.run(PSAAS_ACCEPT_ABSENT="customer-1 customer-2,customer-3")
    assert accepting.tenants.read(made[0]).vanished_at
    assert accepting.tenants.read(made[4]) == made[4]


def test_the_old_copy_of_a_replaced_tenant_goes_without_a_word_to_the_appliance(operator: Operator) -> None:
    made = operator.run().create("customer-1", deletion="delete")
    run = operator.run(PSAAS_ALLOW_DELETE="customer-1")

    again = run.create("customer-1", deletion="delete")
    run.tenants.delete(made)

    assert again.credential == made.credential
    assert operator.run().api.tenant_listed("customer-1")
    assert operator.appliance.calls("DELETE", "/api/v2/tenants") == []
