"""Two declarations of a stack, compared: whatever they say, each tenant has one row, and the report holds together."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy import Settings
from policy import settings as rule_settings
from review import as_json, judged, markdown, page, verdict
from review.comparison import Judgement, compare
from review.declared import Declared
from review.model import Review, TenantRow
from review.standing import Grant, Tenant
from tests.review.changes import TODAY, entry, prod

NAMES = [f"customer-{n}" for n in range(6)]
OWNERS = st.lists(st.sampled_from(["a@example.com", "b@example.com"]), min_size=1, max_size=2, unique=True).map(tuple)
SETTINGS = st.dictionaries(st.sampled_from(["sessionLifetime", "flags.enable_sso"]), st.sampled_from(["8", "true"]))
TEAM = st.dictionaries(st.just("scopes"), st.sampled_from(["read:clients", "read:users"]))


@st.composite
def declared(draw: st.DrawFn) -> Declared:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    tenants = [
        Tenant(
            name,
            draw(OWNERS),
            draw(st.dictionaries(st.sampled_from(["team", "ticket"]), st.sampled_from(["x", "y"]))),
            draw(st.sampled_from(["refuse", "forget", "delete"])),
            draw(st.sampled_from([False, True, "inventory"])),
            retired=draw(st.sampled_from(["", "", "", "forget", "delete"])),
            tenant_domain="example.com",
            ready=draw(st.booleans()),
            rotate=draw(st.sampled_from(["", "OPS-1", "OPS-2", None])),
            inside={"settings": draw(SETTINGS | st.none()), "managementClient": draw(TEAM | st.none())},
        )
        for name in names
    ]
    scopes = draw(st.sampled_from([("create:tenants",), ("create:tenants", "read:tenants")]))
    grant = Grant("provisioning", "client", "https://rta.example.com/api/v2/", scopes)
    return Declared(
        "prod", "rta.example.com", {tenant.name: tenant for tenant in tenants},
        draw(st.sampled_from([{}, {"provisioning": grant}])),
    )  # fmt: skip


def review_of(before: Declared, after: Declared) -> Review:
    return compare(before, after, judgement=Judgement(Settings(), TODAY), source="files")


@given(declared(), declared())
@settings(max_examples=60, deadline=None)
def test_every_tenant_of_either_side_has_one_row(before: Declared, after: Declared) -> None:
    review = review_of(before, after)

    assert [row.name for row in review.tenants] == sorted({*before.tenants, *after.tenants})
    for row in review.tenants:
        assert (row.action in ("refused", "forget", "delete", "unretire")) == (
            row.name not in after.tenants or (row.name in before.tenants and retires(before, after, row.name))
        )


def retires(before: Declared, after: Declared, name: str) -> bool:
    return bool(before.tenants[name].retired) != bool(after.tenants[name].retired)


@given(declared(), declared())
@settings(max_examples=40, deadline=None)
def test_what_is_new_is_posted_once_and_counted_as_such(before: Declared, after: Declared) -> None:
    review = review_of(before, after)
    new = [t for name, t in after.tenants.items() if name not in before.tenants and not t.adopt and not t.retired]

    assert len(review.of("create")) == review.effort.tenant_posts == len(review.host_names) == len(new)
    assert f"+{len(new)} tenant" in markdown.render([review])
    assert page.render([review]).count("<article") == 1
    assert as_json.render([review]) == as_json.render([review_of(before, after)])


@given(declared())
@settings(max_examples=50, deadline=None)
def test_the_same_twice_does_nothing(one: Declared) -> None:
    assert review_of(one, one).changes_nothing


@given(declared(), declared())
@settings(max_examples=40, deadline=None)
def test_a_tenant_that_goes_is_never_fine(before: Declared, after: Declared) -> None:
    gone = [n for n, t in before.tenants.items() if not t.retired and n not in after.tenants]
    if gone:
        assert verdict.of(review_of(before, after)).status >= 1


def test_a_stack_that_moves_to_another_appliance_is_a_mistake() -> None:
    before = Declared.of_files("prod", prod())
    after = Declared.of_files("prod", prod(("rta.example.com", "rta.example.net")))

    review = review_of(before, after)

    assert verdict.of(review).status == 2
    words = "stacks/Pulumi.prod.yaml:2: psaas:domain changes from rta.example.com to rta.example.net"
    assert review.diagnostics[0].message.startswith(words)
    assert "on `rta.example.com` → `rta.example.net`:" in markdown.render([review])
    assert "on rta.example.com → rta.example.net<" in re.sub("</?code[^>]*>", "", page.render([review]))


def test_a_base_with_mistakes_is_told_and_nothing_is_made_up_about_it() -> None:
    before = Declared.of_files("prod", prod(("name: customer-1", "nam: customer-1")))

    review = review_of(before, Declared.of_files("prod", prod()))

    assert review.tenants == ()
    assert verdict.of(review).status == 2
    assert "the stack file of the base revision has mistakes" in review.diagnostics[0].message


@pytest.mark.parametrize(
    ("new", "guarded"),
    [
        ("psaas:adminClientId: another", True),
        ("psaas:caBundle: /tmp/ca.pem", True),
        ("psaas:adminClientId: admin-client\n  psaas:clientSecret: {secure: v1:x}", True),
        ("psaas:adminClientId: admin-client\n  psaas:timeoutSeconds: 60", False),
        ("psaas:adminClientId: admin-client\n  psaas:readyWithinHours: 1", False),
    ],
)
def test_settings_that_can_lead_secrets_elsewhere_are_guarded(new: str, guarded: bool) -> None:
    review = review_of(
        Declared.of_files("prod", prod()), Declared.of_files("prod", prod(("psaas:adminClientId: admin-client", new)))
    )

    assert {row.guarded for row in review.settings} == {guarded}
    assert verdict.of(review).status == (2 if guarded else 1)


def test_another_secret_is_a_change_and_neither_is_shown() -> None:
    sides = [prod(("psaas:adminClientId: admin-client", f"psaas:clientSecret: {{secure: v1:{n}:abc}}")) for n in (1, 2)]

    [row] = review_of(*(Declared.of_files("prod", files) for files in sides)).settings

    assert row.key == "psaas:clientSecret"
    assert "v1:" not in row.before + row.after
    assert row.before != row.after


def test_an_approval_counts_only_of_those_who_may_give_it() -> None:
    files = prod(("example-escrow", "another-bucket"))
    before, after = Declared.of_files("prod", prod()), Declared.of_files("prod", files)
    for approved_by, expected in (((), ""), (("somebody",), ""), (("octo-lead", "somebody"), "octo-lead")):
        rules = rule_settings.parse({"settings-change": {"approvers": ["octo-lead"]}}, place="x")
        review = compare(before, after, judgement=Judgement(rules, TODAY, approved_by), source="files")
        assert [row.approved_by for row in review.settings] == [expected]


@pytest.mark.parametrize(("said", "number", "status"), [("", 25, 0), ("", 26, 2), ("2", 2, 0), ("2", 3, 2)])
def test_the_limits_of_the_program_are_those_of_the_review(said: str, number: int, status: int) -> None:
    limit = ("psaas:escrow:", f"psaas:maxNewTenants: {said}\n  psaas:escrow:") if said else ("psaas:escrow:",) * 2
    before = prod(limit)
    after = prod(limit, more="".join(entry(f"shop-{chr(97 + n)}-{n}") for n in range(number)))

    review = review_of(Declared.of_files("prod", before), Declared.of_files("prod", after))

    broken = [d.message for d in review.diagnostics if d.severity == "error"]
    assert (2 if broken else 0) == status
    assert all("that psaas:maxNewTenants allows for one update" in message for message in broken)


def test_the_number_of_new_tenants_is_judged_by_the_rules() -> None:
    before = Declared("prod", "rta.example.com")
    many = {f"shop-{n:02}-{n * 7919 % 9973:04}": Tenant("x", ("a@example.com",)) for n in range(26)}
    tenants = {name: replace(tenant, name=name) for name, tenant in many.items()}

    review = review_of(before, replace(before, tenants=tenants))

    assert "new-tenants-limit" in {finding.rule for finding in review.findings}


def test_a_preview_is_judged_by_what_a_policy_pack_can_not_see_and_nothing_twice() -> None:
    rows = tuple(TenantRow(f"customer-{n}", "create") for n in range(26))
    preview = Review("preview", "staging", "rta.appliance.test", tenants=rows)
    waived = {"tenant": "customer-1", "reason": "x", "approver": "octo-lead", "until": "2026-02-01"}
    rules = rule_settings.parse({"owners-minimum": {"waivers": [waived]}}, place="x")

    judged_once = judged.with_counts(preview, rules, today=TODAY)

    assert sorted(finding.rule for finding in judged_once.findings) == ["new-tenants-limit", "waiver-expired"]
    assert [waiver.expired for waiver in judged_once.waivers] == [True]
    assert judged.with_counts(judged_once, rules, today=TODAY) == judged_once
