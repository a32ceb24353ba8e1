"""How tenants leave, what grants allow, which stacks are local, and how much one change may do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policy import Finding, GrantFacts, StackFacts, TenantFacts, judge, rules, settings

from .test_policy_names import TODAY

RTA = "rta.example.com"
TENANT = TenantFacts("customer-1", ("me@example.com",), rta=RTA, protect=True, secret_outputs=("client_secret",))
GRANT = GrantFacts("provisioning", "client", f"https://{RTA}/api/v2/", ("create:tenants", "read:tenants"), RTA)
STACK = StackFacts("prod", RTA, (TENANT,), (GRANT,))


def judged(facts: StackFacts, rule: str, **own: object) -> tuple[Finding, ...]:
    document = {"all": "disabled", rule: {"enforcementLevel": "mandatory", **own}}
    return judge(facts, settings.parse(document, place="test"), today=TODAY)


def of_tenant(rule: str, stack: str = "prod", own: dict[str, object] | None = None, **changes: object) -> list[str]:
    facts = replace(STACK, stack=stack, tenants=(replace(TENANT, **changes),))  # type: ignore[arg-type]
    return [finding.message for finding in judged(facts, rule, **own or {})]


def of_grant(rule: str, own: dict[str, object] | None = None, **changes: object) -> list[str]:
    facts = replace(STACK, grants=(replace(GRANT, **changes),))  # type: ignore[arg-type]
    return [finding.message for finding in judged(facts, rule, **own or {})]


@pytest.mark.parametrize("rule", rules.ALL, ids=lambda rule: rule.name)
def test_a_plain_stack_keeps_every_rule(rule: rules.Rule) -> None:
    assert judged(replace(STACK, new_tenants=1, deletions=0), rule.name) == ()


@pytest.mark.parametrize("rule", rules.ALL, ids=lambda rule: rule.name)
def test_every_rule_has_a_sentence_of_why_and_one_of_how_to_mend(rule: rules.Rule) -> None:
    assert rule.why.endswith(".")
    assert rule.mend.endswith(".")
    assert rule.check.__module__.startswith("policy.rules")


def test_a_tenant_that_a_removed_line_would_lose_is_told() -> None:
    assert "deletion: forget" in of_tenant("deletion-refused", deletion="forget")[0]
    assert of_tenant("deletion-refused", protect=False) == ["its resource is not protected"]
    assert of_tenant("deletion-refused", protect=None) == []
    assert of_tenant("deletion-refused", stack="local", deletion="forget") == []
    assert of_tenant("deletion-refused", stack="local", deletion="forget", own={"stacks": []}) != []
    assert of_tenant("deletion-refused", deletion="forget", retired="forget", protect=False) == []


def test_deletion_is_refused_outside_of_the_stacks_that_are_named() -> None:
    rule = "deletion-delete-stacks"

    assert of_tenant(rule, deletion="delete") == ['has `deletion: delete`, in stack "prod"']
    assert of_tenant(rule, retired="delete") == ['is retired with `deletion: delete`, in stack "prod"']
    assert of_tenant(rule, deletion="delete", own={"stacks": ["prod"]}) == []
    assert of_tenant(rule, deletion="forget") == []
    assert of_tenant("deletion-refused", deletion="delete") == []


def test_grants_have_no_more_scopes_than_tenants_need() -> None:
    rule = "grant-least-scope"

    assert of_grant(rule, scopes=("create:tenants", "read:users")) == ['has "read:users"']
    assert of_grant(rule, scopes=("create:tenants", "read:tenants"), own={"scopes": ["create:tenants"]}) != []
    assert of_grant(rule, scopes=("create:tenants", "delete:tenants")) == [
        'has "delete:tenants", and no tenant has `deletion: delete`'
    ]


@pytest.mark.parametrize("leaving", [{"deletion": "delete"}, {"retired": "delete"}])
def test_a_grant_may_delete_tenants_where_one_is_to_be_deleted(leaving: dict[str, str]) -> None:
    grant = replace(GRANT, scopes=("create:tenants", "delete:tenants"))
    facts = replace(STACK, tenants=(replace(TENANT, **leaving),), grants=(grant,))  # type: ignore[arg-type]

    assert judged(facts, "grant-least-scope") == ()


def test_grants_are_for_machines_and_name_their_scopes() -> None:
    assert "all scopes" in of_grant("grant-machine-only", allow_all_scopes=True)[0]
    assert '"user"' in of_grant("grant-machine-only", subject_type="user")[0]


@pytest.mark.parametrize(
    "audience", ["https://rta.example.com/api/v2", "https://rta.evil.test/api/v2/", "https://api.example.com", ""]
)
def test_grants_are_for_the_management_api_of_the_root_tenant_authority(audience: str) -> None:
    assert len(of_grant("grant-audience", audience=audience)) == 1


def test_a_tenants_secret_is_declared_to_be_one() -> None:
    assert "client_secret" in of_tenant("secret-outputs", secret_outputs=("client_id",))[0]
    assert of_tenant("secret-outputs", secret_outputs=None) == []


@pytest.mark.parametrize("rta", ["rta.appliance.test", "localhost", "rta.localhost:8443", "test"])
def test_local_appliances_belong_to_local_stacks(rta: str) -> None:
    assert len(judged(replace(STACK, rta=rta), "local-only")) == 1
    assert judged(replace(STACK, rta=rta, stack="local"), "local-only") == ()
    assert judged(replace(STACK, rta=rta), "local-only", stacks=["prod"]) == ()


def test_another_address_than_the_name_belongs_to_local_stacks() -> None:
    [found] = judged(replace(STACK, connect_to=True), "local-only")

    assert found.subject == ""
    assert "connectTo" in found.message


def test_a_change_makes_and_deletes_no_more_tenants_than_the_settings_allow() -> None:
    assert judged(replace(STACK, new_tenants=26), "new-tenants-limit")[0].message.startswith("26 new tenants")
    assert judged(replace(STACK, new_tenants=1), "new-tenants-limit", maximum=0)[0].message.startswith("1 new tenant ")
    assert judged(replace(STACK, deletions=2), "deletions-limit")[0].message.startswith("2 deletions")
    for rule in ("new-tenants-limit", "deletions-limit"):
        assert judged(replace(STACK, new_tenants=3, deletions=3), rule, maximum=3) == ()
        assert judged(STACK, rule, maximum=0) == ()
