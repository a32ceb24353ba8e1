"""What follows from how tenants and grants stand and how they are declared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from review import consequences, standing
from review.model import Change, TenantRow
from review.standing import Grant, Tenant, grant_row, tenant_row

STANDS = Tenant(
    "customer-1", owners=("me@email.com",), tenant_domain="appliance.test", domain="customer-1.appliance.test",
    applied_owners=("me@email.com",),
)  # fmt: skip
GRANT = Grant("provisioning", "client", "https://rta.appliance.test/api/v2/", ("create:tenants",))


@pytest.mark.parametrize(
    ("before", "after", "action"),
    [
        (None, STANDS, "create"),
        (None, replace(STANDS, adopt=True), "adopt"),
        (None, replace(STANDS, adopt="inventory"), "inventory"),
        (None, Tenant("customer-1", retired="forget"), "change"),
        (STANDS, STANDS, "unchanged"),
        (STANDS, replace(STANDS, owners=("me@email.com",), domain="", ready=True), "unchanged"),
        (STANDS, replace(STANDS, labels={"team": "billing"}), "change"),
        (replace(STANDS, ready=False), STANDS, "look"),
        (replace(STANDS, ready=False), replace(STANDS, deletion="forget"), "change"),
        (replace(STANDS, vanished=True), replace(STANDS, recreate=True), "recreate"),
        (STANDS, replace(STANDS, recreate=True), "unchanged"),
        (replace(STANDS, adopt="inventory"), replace(STANDS, adopt=True), "adopt"),
        (replace(STANDS, adopt=True), STANDS, "change"),
        (STANDS, Tenant("customer-1", retired="forget"), "forget"),
        (STANDS, Tenant("customer-1", retired="delete"), "delete"),
        (Tenant("customer-1", retired="forget"), Tenant("customer-1", retired="delete"), "change"),
        (Tenant("customer-1", retired="forget", ready=False), Tenant("customer-1", retired="forget"), "unchanged"),
        (Tenant("customer-1", retired="forget"), STANDS, "unretire"),
        (Tenant("customer-1", retired="forget"), None, "unretire"),
        (STANDS, None, "refused"),
        (replace(STANDS, deletion="forget"), None, "forget"),
        (replace(STANDS, deletion="delete"), None, "delete"),
    ],
)
def test_each_difference_is_one_action(before: Tenant | None, after: Tenant | None, action: str) -> None:
    assert tenant_row(before, after).action == action


def test_changes_are_told_in_the_words_of_the_stack_file_and_the_order_of_a_list_is_none() -> None:
    before = replace(STANDS, owners=("b@email.com", "a@email.com"), labels={"team": "billing"})
    after = replace(before, owners=("a@email.com", "b@email.com"), labels={"team": "sales", "ticket": "7"}, adopt=True)

    assert tenant_row(before, after).changes == (
        Change("adopt", "false", "true"),
        Change("labels", "team=billing", "team=sales, ticket=7"),
    )


def test_a_new_tenant_has_no_changes_a_domain_and_a_host_name() -> None:
    row = tenant_row(None, replace(STANDS, domain="", place="stacks/Pulumi.prod.yaml:7"))

    assert (row.changes, row.domain, row.place) == ((), "customer-1.appliance.test", "stacks/Pulumi.prod.yaml:7")
    assert consequences.host_names([row]) == ("customer-1.appliance.test",)


def test_a_tenant_that_is_retired_is_shown_as_it_stood() -> None:
    row = tenant_row(replace(STANDS, labels={"team": "billing"}), Tenant("customer-1", retired="delete"))

    assert (row.owners, row.labels, row.deletion) == (("me@email.com",), {"team": "billing"}, "delete")
    assert row.domain == "customer-1.appliance.test"


def test_a_domain_moves_with_the_tenant_domain_only_if_it_lay_there() -> None:
    moved = replace(STANDS, tenant_domain="other.appliance.test")

    assert tenant_row(STANDS, moved).domain == "customer-1.other.appliance.test"
    own = replace(STANDS, domain="c1.elsewhere.appliance.test")
    assert tenant_row(own, moved).domain == "c1.elsewhere.appliance.test"


def test_what_a_grant_does_is_seen_by_its_scopes_and_its_client() -> None:
    more = replace(GRANT, scopes=("read:tenants", "create:tenants"))

    assert grant_row(None, GRANT).action == "create"
    assert grant_row(None, replace(GRANT, adopt=True)).action == "adopt"
    assert grant_row(GRANT, replace(GRANT, adopt=True)).action == "unchanged"
    assert (grant_row(GRANT, more).action, grant_row(GRANT, more).added) == ("change", ("read:tenants",))
    assert grant_row(more, GRANT).removed == ("read:tenants",)
    assert grant_row(GRANT, replace(GRANT, client_id="another")).action == "replace"
    assert grant_row(GRANT, None).action == "delete"


def test_requests_and_time_are_those_of_an_update_in_which_nothing_goes_wrong() -> None:
    new = [TenantRow(f"customer-{number}", "create") for number in range(1, 6)]
    created = grant_row(None, GRANT)

    effort = consequences.effort(new, [created], seconds_per_tenant=10, at_once=4)

    assert (effort.tenant_posts, effort.token_requests, effort.grant_requests) == (5, 7, 1)
    assert effort.seconds == 25.0  # the first alone, then four at once
    assert consequences.effort([TenantRow("customer-1", "unchanged")], []).requests == 0
    assert consequences.effort([], []).seconds == 0
    assert consequences.effort([TenantRow("customer-1", "look")], []).requests == 1


def test_what_the_difference_suggests_and_nothing_does_is_said() -> None:
    others = replace(STANDS, owners=("you@email.com",))
    again = tenant_row(Tenant("customer-2", retired="forget"), Tenant("customer-2", retired="delete"))
    never = tenant_row(None, Tenant("customer-3", retired="forget"))
    adopted = tenant_row(STANDS, replace(STANDS, name="customer-1", adopt=True))

    [owners] = said([tenant_row(STANDS, others)])
    assert owners.startswith("`customer-1`: its owners on the appliance are not changed")
    assert "they stay `me@email.com`." in owners
    [unknown] = consequences.not_happening([tenant_row(STANDS, others)], applied={})
    assert "stay as they are" in unknown
    assert "does nothing more" in said([again])[0]
    assert "never managed here" in said([never])[0]
    assert "takes nothing over" in said([adopted])[0]
    assert said([tenant_row(None, standing.Tenant("customer-9", owners=("a@email.com",)))]) == ()


def said(rows: list[TenantRow]) -> tuple[str, ...]:
    return consequences.not_happening(rows, applied={"customer-1": STANDS.applied_owners})
