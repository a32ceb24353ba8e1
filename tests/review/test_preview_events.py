"""Each kind of event of a preview as a row of the Review."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.automation.events import EngineEvent

from review import markdown, preview, verdict
from review.model import Change, Review
from tests.review import told
from tests.review.told import GRANT, began, end, inputs, outputs, said, step, urn

PROTECTED = (
    "Preview failed: resource \"{urn}\" cannot be deleted\nbecause it is protected. To unprotect the resource, either "
    "remove the `protect` flag or use the command:\n`pulumi state unprotect '{urn}'`\n"
)  # fmt: skip


def review_of(*seen: EngineEvent) -> Review:
    return preview.of_events([began(), *seen, end()], stack="test")


@pytest.mark.parametrize(
    ("event", "action"),
    [
        (step("create", "customer-1", new=inputs("customer-1")), "create"),
        (step("create", "customer-1", new=inputs("customer-1", adopt=True)), "adopt"),
        (step("create", "customer-1", new=inputs("customer-1", adopt="inventory")), "inventory"),
        (step("create", "customer-1", new=inputs("customer-1", retired="forget")), "change"),
        (step("same", "customer-1", old=outputs("customer-1"), new=inputs("customer-1")), "unchanged"),
        (step("update", "customer-1", old=outputs("customer-1", ready=False), new=inputs("customer-1")), "look"),
        (step("update", "customer-1", old=outputs("customer-1"), new=inputs("customer-1", labels={"a": "b"})),
         "change"),
        (step("update", "customer-1", old=outputs("customer-1"), new=inputs("customer-1", retired="forget")), "forget"),
        (step("update", "customer-1", old=outputs("customer-1"), new=inputs("customer-1", retired="delete")), "delete"),
        (
            step(
                "update", "customer-1", old=outputs("customer-1", vanished_at="2026-11-24T18:51:24+00:00", ready=False),
                new=inputs("customer-1", recreate=True),
            ),
            "recreate",
        ),
        (
            step("update", "customer-1", old=outputs("customer-1", adopt=True), new=inputs("customer-1", adopt=True)),
            "adopt",
        ),
        (step("delete", "customer-1", old=outputs("customer-1", deletion="forget")), "forget"),
        (step("delete", "customer-1", old=outputs("customer-1", deletion="delete")), "delete"),
        (step("delete", "customer-1", old=outputs("customer-1")), "refused"),
        (step("delete", "customer-1", old=outputs("customer-1", deletion="forget"), protect=True), "refused"),
        (step("delete", "customer-1", old=outputs("customer-1", retired="forget")), "unretire"),
        (step("replace", "customer-1", old=outputs("customer-1"), new=inputs("customer-1")), "refused"),
        (step("create-replacement", "customer-1", old=outputs("customer-1"), new=inputs("customer-1")), "refused"),
    ],
)  # fmt: skip
def test_each_step_of_a_tenant_is_one_action(event: EngineEvent, action: str) -> None:
    [row] = review_of(event).tenants

    assert (row.name, row.action) == ("customer-1", action)
    assert row.domain in ("customer-1.appliance.test", "")


def test_changes_are_between_what_the_state_and_the_stack_file_declare_and_owners_are_told_not_to_change() -> None:
    old = outputs("customer-1", owners=["b@email.com", "a@email.com"], applied_owners=["a@email.com"])
    new = inputs("customer-1", owners=["a@email.com", "c@email.com"])

    review = review_of(step("update", "customer-1", old=old, new=new))

    assert review.tenants[0].changes == (Change("owners", "a@email.com, b@email.com", "a@email.com, c@email.com"),)
    assert "they stay `a@email.com`." in review.not_happening[0]


def test_an_update_of_the_default_provider_is_no_row() -> None:
    provider = step(
        "update", "default", old={"psaas:domain": "a"}, new={"psaas:domain": "a"}, kind=preview.events.PROVIDER
    )

    review = review_of(provider)

    assert (review.tenants, review.grants, review.settings) == ((), (), ())


def test_a_plain_setting_that_differs_from_the_last_update_is_told_and_whether_it_is_guarded() -> None:
    before = {"psaas:domain": "rta.appliance.test", "psaas:clientId": "one", "psaas:clientSecret": told.SECRET}
    after = {"psaas:domain": "rta.appliance.test", "psaas:clientId": "two", "psaas:clientSecret": "[secret]"}

    review = review_of(step("update", "default", old=before, new=after, kind=preview.events.PROVIDER))

    [row] = review.settings
    assert (row.key, row.before, row.after, row.guarded) == ("psaas:clientId", "one", "two", True)


@pytest.mark.parametrize(
    ("op", "old", "new", "action", "added", "removed"),
    [
        ("create", None, told.grant(), "create", ("create:tenants",), ()),
        ("create", None, told.grant(adopt=True), "adopt", ("create:tenants",), ()),
        ("same", told.grant(), told.grant(), "unchanged", (), ()),
        ("update", told.grant(), told.grant("create:tenants", "read:tenants"), "change", ("read:tenants",), ()),
        ("update", told.grant("create:tenants", "x:y"), told.grant(), "change", (), ("x:y",)),
        ("update", told.grant(allow_all_scopes=True), told.grant(), "change", (), ()),
        ("create-replacement", told.grant(), told.grant(client_id="other"), "replace", (), ()),
        ("delete", told.grant(), None, "delete", (), ()),
    ],
)
def test_each_step_of_a_grant_is_one_action_with_its_scopes(
    op: str, old: Any, new: Any, action: str, added: tuple[str, ...], removed: tuple[str, ...]
) -> None:
    [row] = review_of(step(op, "provisioning", old=old, new=new, kind=GRANT)).grants

    assert (row.name, row.action, row.added, row.removed) == ("provisioning", action, added, removed)


def test_a_protected_tenant_that_left_the_list_is_refused_and_the_engines_advice_is_not_repeated() -> None:
    protection = said(PROTECTED.format(urn=urn("customer-1")), about=urn("customer-1"))

    review = review_of(step("delete", "customer-1", old=outputs("customer-1"), protect=True), protection,
                       said("preview failed\n"))  # fmt: skip

    assert review.tenants[0].action == "refused"
    report = markdown.render([review])
    assert report.count("left the list while its deletion is refuse") == report.count("`psaas:retired`") == 1
    assert review.diagnostics == ()


def test_a_protected_grant_is_told_as_a_mistake() -> None:
    protection = said(PROTECTED.format(urn=urn("provisioning", GRANT)), about=urn("provisioning", GRANT))

    review = review_of(step("delete", "provisioning", old=told.grant(), protect=True, kind=GRANT), protection)

    [mistake] = review.diagnostics
    assert (mistake.severity, mistake.subject) == ("error", "provisioning")
    assert "unprotect" not in mistake.message


def test_a_retired_name_that_is_listed_again_is_a_row_although_the_engine_plans_nothing() -> None:
    words = (
        "pulumi-python:dynamic/psaas:Tenant resource 'customer-1': property retired value {<nil>} has a problem: "
        "customer-1 is retired: its name never returns.\n"
    )

    review = review_of(said(words, about=urn("customer-1")))

    assert [(row.name, row.action) for row in review.tenants] == [("customer-1", "unretire")]
    assert review.diagnostics[0].message == "retired: customer-1 is retired: its name never returns."


def test_mistakes_of_the_stack_file_are_told_one_by_one() -> None:
    listed = "2 mistakes in the configuration:\nstacks/Pulumi.test.yaml:3: a\nstacks/Pulumi.test.yaml:9: b\n"

    review = review_of(said(listed), said("an unhandled error occurred: the program exited with status 1\n"))

    assert [d.message for d in review.diagnostics] == ["stacks/Pulumi.test.yaml:3: a", "stacks/Pulumi.test.yaml:9: b"]


def test_warnings_of_a_provider_name_their_tenant_and_others_are_kept_once() -> None:
    warning = "warning: tenant customer-1 is still not ready after 24 hours: no answer\n\n"
    shown = step("same", "customer-1", old=outputs("customer-1"), new=inputs("customer-1"))

    review = review_of(shown, said(warning, "info#err"), said(warning, "info#err"), said("a moment", "info#err",
                       ephemeral=True), said("debugging", "debug"), said("for information", "info"))  # fmt: skip

    [told_once] = review.diagnostics
    assert (told_once.severity, told_once.subject) == ("warning", "customer-1")
    assert told_once.message == "tenant customer-1 is still not ready after 24 hours: no answer"


def test_a_traceback_is_told_by_its_last_words_alone() -> None:
    trace = "Traceback (most recent call last):\n  File \"/secret/place.py\", line 3, in x\n    y()\nKeyError: 'name'\n"

    [mistake] = review_of(said(f"Program failed with an unhandled exception:\n{trace}")).diagnostics

    assert mistake.message == "the program failed: KeyError: 'name'"


def test_a_failure_without_a_word_that_is_understood_is_a_failure() -> None:
    review = review_of(said("preview failed\n"))

    assert [d.severity for d in review.diagnostics] == ["error"]
    unfinished = preview.of_events([began()], stack="test")
    assert [d.severity for d in unfinished.diagnostics] == ["error"]


def test_hostile_values_stay_one_value_and_their_controls_are_gone_from_messages() -> None:
    hostile = "\x1b[31m| a | b |\r\n<script>@everyone</script>"
    shown = step("create", "customer-1", new=inputs("customer-1", labels={"note": hostile}))

    review = review_of(shown, said(f"stacks: {hostile}", about=urn("customer-1")))

    assert review.tenants[0].labels == {"note": hostile}  # whoever prints it escapes it
    assert review.diagnostics[0].message == "stacks: | a | b | <script>@everyone</script>"


def test_what_the_engine_marks_as_secret_is_dropped_wherever_it_stands() -> None:
    props = inputs("customer-1", owners=told.SECRET, labels={"token": told.SECRET, "team": "[secret]"})

    [row] = review_of(step("create", "customer-1", new=props | {"deletion": "[secret]"})).tenants

    assert (row.owners, row.labels, row.deletion) == ((), {}, "refuse")
    assert "secret" not in repr(row)


def test_a_step_of_a_resource_without_a_row_is_advice_so_that_a_person_looks_at_it() -> None:
    kind = "pulumi-python:dynamic/psaas:Another"
    made = step("create", "customer-1-more", new={"secret": told.SECRET}, kind=kind)
    same = step("same", "customer-2-more", old={"a": 1}, new={"a": 1}, kind=kind)
    own = step("update", "explicit", old={"a": "1"}, new={"a": "2"}, kind=preview.events.PROVIDER)

    review = review_of(made, same, own)

    assert [(f.subject, f.message, f.level) for f in review.findings] == [
        ("customer-1-more", "Another: create", "advisory"),
        ("explicit", "pulumi-python: update", "advisory"),
    ]
    assert verdict.of(review).status == 1


def within(**named: Any) -> dict[str, Any]:
    return {"rta": "rta.appliance.test", "tenant": "customer-1", "domain": "customer-1.appliance.test"} | named


STILL = step("same", "customer-1", old=outputs("customer-1"), new=inputs("customer-1"))
BEFORE = within(settings={"session_lifetime": 8.0}, applied={"session_lifetime": 8.0}, ready=True)


@pytest.mark.parametrize(
    ("op", "old", "new", "action", "changes"),
    [
        ("create", None, {"session_lifetime": 8.0}, "change", (Change("settings.sessionLifetime", "", "8"),)),
        ("same", BEFORE, {"session_lifetime": 8.0}, "unchanged", ()),
        ("update", BEFORE, {"flags": {"enable_sso": False}}, "change",
         (Change("settings.flags.enable_sso", "", "false"), Change("settings.sessionLifetime", "8", ""))),
        ("update", BEFORE | {"applied": {"session_lifetime": 9.0}}, {"session_lifetime": 8.0}, "change",
         (Change("settings.sessionLifetime", "9", "8"),)),
        ("update", BEFORE | {"applied": {}, "ready": False}, {"session_lifetime": 8.0}, "look", ()),
        ("delete", BEFORE, None, "change", (Change("settings.sessionLifetime", "8", ""),)),
    ],
)  # fmt: skip
def test_settings_of_a_tenant_are_differences_of_its_row(
    op: str, old: Any, new: Any, action: str, changes: tuple[Change, ...]
) -> None:
    after = new and within(settings=new)

    review = review_of(STILL, step(op, "customer-1-settings", old=old, new=after, kind=told.SETTINGS))

    assert [(row.action, row.changes) for row in review.tenants] == [(action, changes)]
    assert (review.others, review.findings) == ((), ())
    assert review.changes_nothing == (action in ("unchanged", "look"))


def test_settings_of_a_new_tenant_are_part_of_its_row_and_of_the_digest() -> None:
    def review(name: str) -> Review:
        new = within(settings={"friendly_name": name})
        made = step("create", "customer-1", new=inputs("customer-1"))
        return review_of(made, step("create", "customer-1-settings", new=new, kind=told.SETTINGS))

    [action] = review("One").actions
    assert action[:3] == ("tenant", "customer-1", "create")
    assert "settings.friendlyName=One" in action
    assert review("One").digest != review("Two").digest
    assert verdict.of(review("One")).status == 0


UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@pytest.mark.parametrize(
    "settings",
    [{"friendly_name": "[secret]"}, {"friendly_name": UNKNOWN}, {"flags": told.SECRET}, told.SECRET, "[secret]"],
)
def test_settings_that_can_not_be_shown_are_not_reviewed_and_one_of_the_actions(settings: Any) -> None:
    new = within(settings=settings)

    review = review_of(STILL, step("update", "customer-1-settings", old=BEFORE, new=new, kind=told.SETTINGS))

    assert review.actions == (("other", "customer-1-settings", "update", "TenantSettings"),)
    assert [finding.rule for finding in review.findings] == ["not-reviewed"]


def test_another_marker_is_a_new_secret_that_a_person_decides_on() -> None:
    def review(before: str, after: str) -> Review:
        old, new = outputs("customer-1", rotate=before), inputs("customer-1", rotate=after)
        return review_of(step("update", "customer-1", old=old, new=new))

    assert review("one", "two").actions == (("tenant", "customer-1", "rotate", "rotate=two"),)
    assert verdict.of(review("", "one")).status == 1
    assert review("one", "").of("rotate") == ()


MADE = {"name": "Ours", "description": "", "adopt": "", "rotate": "", "client_id": "id", "drift": []}


@pytest.mark.parametrize(
    ("op", "old", "new", "action", "done"),
    [
        ("create", None, {}, "create", ()),
        ("create", None, {"adopt": "id"}, "adopt", ()),
        ("same", {}, {}, "unchanged", ()),
        ("update", {}, {"name": "Others"}, "change", ("name=Others",)),
        ("update", {}, {"rotate": "OPS-7"}, "rotate", ("rotate=OPS-7",)),
        ("update", {"drift": ['connection "x" is enabled']}, {}, "change", ("drift=put right",)),
        ("update", {"drift": ["its secret in the state is refused"]}, {}, "rotate", ("drift=put right",)),
        ("update", {}, {}, "change", ()),
        ("delete", {}, None, "delete", ()),
        ("replace", {}, {}, "refused", ()),
    ],
)
def test_each_step_of_an_application_is_one_action(
    op: str, old: Any, new: Any, action: str, done: tuple[str, ...]
) -> None:
    before, after = (side if side is None else MADE | side for side in (old, new))

    review = review_of(step(op, "application", old=before, new=after, kind=told.APPLICATION))

    [row] = review.applications
    assert row.action == action
    name = after["name"] if after else "Ours"
    assert review.actions == ((("application", name, action, *done),) if action != "unchanged" else ())
    assert verdict.of(review).status == {"unchanged": 0, "refused": 2}.get(action, 1)


def test_an_application_that_is_protected_stays() -> None:
    review = review_of(step("delete", "application", old=MADE, protect=True, kind=told.APPLICATION))

    assert [row.action for row in review.applications] == ["refused"]
    assert verdict.of(review).status == 2


def test_the_provider_of_a_managed_application_is_no_row_unless_it_is_replaced() -> None:
    def review(op: str) -> Review:
        secret = {"psaas:application": "[secret]"}
        return review_of(step(op, "appliance", old=secret, new=secret, kind=preview.events.PROVIDER))

    assert review("update").changes_nothing
    assert [row.operation for row in review("replace").others] == ["replace"]
