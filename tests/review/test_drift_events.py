"""What a look at the appliance finds, as rows of the Review."""

from __future__ import annotations

import pytest
from pulumi.automation.events import EngineEvent

from review import drift, markdown
from review.model import Change, Review
from tests.review import told
from tests.review.told import GRANT, began, end, looked_at, outputs, said, step

NOW = "2026-11-24T18:51:24+00:00"


def review_of(*seen: EngineEvent) -> Review:
    return drift.of_events([began(), *seen, end()], stack="test")


def test_a_tenant_that_is_as_the_state_says_is_unchanged() -> None:
    review = review_of(looked_at("same", "customer-1", old=outputs("customer-1"), new=outputs("customer-1")))

    assert [row.action for row in review.tenants] == ["unchanged"]
    assert review.changes_nothing
    assert (review.source, review.appliance) == ("drift", "rta.appliance.test")


@pytest.mark.parametrize(
    ("old", "new", "changes", "note"),
    [
        (
            {}, {"ready": False, "vanished_at": NOW, "problem": "the appliance no longer lists tenant customer-1"},
            (Change("ready", "true", "false"), Change("listed", "true", "false")), "the appliance no longer lists it",
        ),
        (
            {"ready": False, "vanished_at": NOW}, {},
            (Change("ready", "false", "true"), Change("listed", "false", "true")), "lists it again",
        ),
        (
            {}, {"ready": False, "problem": "its domain refuses the credential (401)"},
            (Change("ready", "true", "false"),), "its domain refuses the credential (401)",
        ),
        ({"ready": False, "problem": "x"}, {}, (Change("ready", "false", "true"),), "it is ready now"),
    ],
)  # fmt: skip
def test_each_difference_of_a_tenant_is_told(
    old: dict[str, object], new: dict[str, object], changes: tuple[Change, ...], note: str
) -> None:
    seen = looked_at("update", "customer-1", old=outputs("customer-1", **old), new=outputs("customer-1", **new))

    [row] = review_of(seen).tenants

    assert (row.action, row.changes) == ("drift", changes)
    assert note in row.note


def test_a_tenant_that_still_is_not_ready_is_no_drift_and_says_why() -> None:
    waiting = outputs("customer-1", ready=False, problem="no answer")

    [row] = review_of(looked_at("same", "customer-1", old=waiting, new=waiting)).tenants

    assert (row.action, row.note) == ("unchanged", "no answer")


def test_scopes_changed_by_hand_are_told_as_what_was_done_on_the_appliance() -> None:
    old, new = told.grant("create:tenants", "read:tenants"), told.grant("create:tenants", "delete:tenants")

    [row] = review_of(looked_at("update", "provisioning", old=old, new=new, kind=GRANT)).grants

    assert (row.action, row.added, row.removed) == ("drift", ("delete:tenants",), ("read:tenants",))


def test_a_grant_that_is_gone_or_was_made_anew_by_hand_is_drift() -> None:
    gone = looked_at("delete", "provisioning", old=told.grant(), new=None, kind=GRANT)
    again = step("same", "provisioning", old=told.grant(), new=told.grant(), kind=GRANT, identity="")
    anew = looked_at("same", "provisioning", old=told.grant(), new=told.grant(), kind=GRANT, identity="another ID")

    assert [(row.action, row.removed) for row in review_of(gone, again).grants] == [("drift", ("create:tenants",))]
    assert [row.action for row in review_of(anew).grants] == ["drift"]


def test_a_report_of_drift_names_the_update_that_looks_first_for_a_grant_and_an_application_too() -> None:
    grant = looked_at("delete", "provisioning", old=told.grant(), new=None, kind=GRANT)
    old, new = APPLICATION, APPLICATION | {"drift": ["name is 'x'"]}
    application = looked_at("update", "application", old=old, new=new, kind=told.APPLICATION)

    for seen in (grant, application):
        text = markdown.render([review_of(seen)])
        assert "`pulumi up --refresh`, on the local stack `make up REFRESH=1`" in text
        assert "`docs/pipelines.md`" in text

    still = looked_at("same", "customer-1", old=outputs("customer-1"), new=outputs("customer-1"))
    assert "--refresh" not in markdown.render([review_of(still)])


def test_what_the_stack_file_declares_and_the_state_does_not_have_is_no_drift() -> None:
    declared = step("same", "customer-9", old=outputs("customer-9"), new=outputs("customer-9"), identity="")

    assert review_of(declared).tenants == ()


def test_a_look_that_failed_is_told_with_its_tenant() -> None:
    message = "Preview failed: POST https://rta.appliance.test/oauth/token: could not connect\n"

    [error] = review_of(said(message, about=told.urn("customer-1"))).diagnostics

    assert (error.severity, error.subject) == ("error", "customer-1")
    assert error.message.startswith("POST https://rta.appliance.test/oauth/token")


def test_what_waits_for_an_application_that_is_not_made_is_one_mistake_with_the_way_out() -> None:
    provider = "urn:pulumi:test::psaas::pulumi:providers:pulumi-python::appliance::04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    names = [f"customer-{number}" for number in range(1, 4)]
    errors = [f"unknown provider '{provider}' for resource '{told.urn(name)}'" for name in names]

    [error] = review_of(
        *(said(words, about=told.urn(name)) for words, name in zip(errors, names, strict=True))
    ).diagnostics

    assert (error.severity, error.subject) == ("error", "")
    assert "(psaas:manageApplication), and no update has made it. Mend what the first error" in error.message


def test_a_warning_that_the_engine_repeats_for_each_tenant_is_told_once() -> None:
    still = [step("same", name, old=outputs(name), new=outputs(name)) for name in ("customer-1", "customer-2")]
    words = "The provider for this resource has inputs that are not known during preview."
    seen = [said(words, about=told.urn(name), severity="warning") for name in ("customer-1", "customer-2")]
    alone = said("Something else.", about=told.urn("customer-1"), severity="warning")

    found = review_of(*still, *seen, alone).diagnostics

    assert [(d.message, d.subject) for d in found] == [(words, ""), ("Something else.", "customer-1")]


def test_another_kind_of_resource_that_drifted_is_told_too() -> None:
    kind = "pulumi-python:dynamic/psaas:Another"
    found = looked_at("update", "customer-1-more", old={"a": "1"}, new={"a": "2"}, kind=kind)
    same = looked_at("same", "customer-2-more", old={"a": "1"}, new={"a": "1"}, kind=kind)

    assert [f.subject for f in review_of(found, same).findings] == ["customer-1-more"]


def settings(applied: dict[str, object], *, ready: bool = True) -> dict[str, object]:
    declared = {"session_lifetime": 8.0, "friendly_name": "One"}
    return {"tenant": "customer-1", "settings": declared, "applied": declared | applied, "ready": ready}


@pytest.mark.parametrize(
    ("before", "after", "action", "changes"),
    [
        ({}, {}, "unchanged", ()),
        ({}, {"session_lifetime": 100.0}, "drift", (Change("settings.sessionLifetime", "8", "100"),)),
        ({"session_lifetime": 100.0}, {"session_lifetime": 100.0}, "drift",
         (Change("settings.sessionLifetime", "8", "100"),)),
        ({"session_lifetime": 100.0}, {}, "drift", ()),
    ],
)  # fmt: skip
def test_settings_that_somebody_changed_are_a_row(
    before: dict[str, object], after: dict[str, object], action: str, changes: tuple[Change, ...]
) -> None:
    still = looked_at("same", "customer-1", old=outputs("customer-1"), new=outputs("customer-1"))
    op = "same" if before == after else "update"

    review = review_of(
        still, looked_at(op, "customer-1-settings", old=settings(before), new=settings(after), kind=told.SETTINGS)
    )

    assert [(row.action, row.changes) for row in review.tenants] == [(action, changes)]
    assert (review.others, review.findings) == ((), ())


def test_settings_that_were_never_in_order_are_no_drift() -> None:
    still = looked_at("same", "customer-1", old=outputs("customer-1"), new=outputs("customer-1"))
    waiting = settings({"session_lifetime": 100.0}, ready=False)

    review = review_of(still, looked_at("update", "x", old=waiting, new=waiting, kind=told.SETTINGS))

    assert review.changes_nothing


APPLICATION = {"name": "Ours", "client_id": "id", "drift": []}


@pytest.mark.parametrize(
    ("op", "old", "new", "note"),
    [
        ("update", {}, {"drift": ['connection "x" is enabled']}, 'connection "x" is enabled'),
        ("same", {"drift": ["name is 'x'"]}, {"drift": ["name is 'x'"]}, "name is 'x'"),
        ("update", {"drift": ["name is 'x'"]}, {}, "it is as declared again"),
        ("update", {}, {}, "its secret was changed by hand"),
        ("delete", {}, None, "it is gone"),
    ],
)
def test_an_application_that_is_not_as_declared_is_a_row(
    op: str, old: dict[str, object], new: dict[str, object] | None, note: str
) -> None:
    after = new if new is None else APPLICATION | new

    review = review_of(looked_at(op, "application", old=APPLICATION | old, new=after, kind=told.APPLICATION))

    [row] = review.applications
    assert (row.name, row.action) == ("Ours", "drift")
    assert note in row.note
    assert review.others == ()
