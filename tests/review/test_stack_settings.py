"""The settings of a stack file as they may be published, and what differs between two files."""

from __future__ import annotations

import pytest

from review import stack_settings


def test_what_may_lead_secrets_elsewhere_is_guarded_and_shown_before_and_after() -> None:
    before = stack_settings.of_file("config: {psaas:domain: a.test, psaas:timeoutSeconds: 10, psaas:escrowDir: /x}")
    after = stack_settings.of_file(
        "config: {psaas:domain: b.test, psaas:timeoutSeconds: 20}\nsecretsprovider: awskms://x"
    )

    rows = stack_settings.differences(before, after, approved_by="alice")

    assert [(r.key, r.before, r.after, r.guarded, r.approved_by) for r in rows] == [
        ("psaas:domain", "a.test", "b.test", True, "alice"),
        ("psaas:escrowDir", "/x", "", True, "alice"),
        ("psaas:timeoutSeconds", "10", "20", False, ""),
        ("secretsprovider", "", "awskms://x", True, "alice"),
    ]


def test_a_key_without_a_namespace_is_the_projects() -> None:
    assert stack_settings.of_file("config: {escrow: s3://bucket}") == {"psaas:escrow": "s3://bucket"}


def test_tenants_and_scopes_are_no_settings_and_a_file_that_is_none_has_none() -> None:
    assert stack_settings.of_file("config: {psaas:tenants: [], psaas:scopes: [a], psaas:retired: []}") == {}
    for text in ("", "[]", "config: 7", "a: [", "\0"):
        assert stack_settings.of_file(text) == {}


@pytest.mark.parametrize(
    "key", ["psaas:clientSecret", "psaas:escrowKey", "psaas:apiToken", "aws:secretKey", "x:password"]
)
def test_a_secret_in_clear_is_neither_shown_nor_fingerprinted(key: str) -> None:
    one, two = (stack_settings.shown(key, value) for value in ("1234", "5678"))

    assert one == two == "given in clear"


def test_another_ciphertext_is_another_fingerprint() -> None:
    one, two = (stack_settings.shown("psaas:clientSecret", {"secure": value}) for value in ("v1:a", "v1:b"))

    assert one != two
    assert "v1:" not in one + two


@pytest.mark.parametrize(
    ("key", "guarded"),
    [
        ("manageApplication", True), ("adoptApplication", True), ("clientId", True), ("escrow", True),
        ("manageGrant", False), ("adoptGrant", False), ("applicationName", False), ("rotate", False),
    ],
)  # fmt: skip
def test_an_application_whose_secret_comes_into_the_state_is_guarded_and_what_has_rows_is_not(
    key: str, guarded: bool
) -> None:
    [row] = stack_settings.differences({}, {f"psaas:{key}": "x"})

    assert row.guarded == guarded


def test_settings_of_tenants_are_told_by_their_rows_though_an_older_inventory_has_them_here() -> None:
    inside = "psaas:settings: {sessionLifetime: 8}, psaas:managementClient: {rotate: x}"
    assert stack_settings.of_file(f"config: {{{inside}}}") == {}
    published = {"psaas:settings": "{}", "psaas:tenants.a.settings": "{}", "psaas:tenants.a.managementClient": "{}"}
    assert stack_settings.differences(published, {}) == ()
