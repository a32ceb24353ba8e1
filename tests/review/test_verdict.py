"""What a person has to do about a change."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from review import verdict
from review.model import (
    Change,
    Diagnostic,
    Finding,
    GrantAction,
    GrantRow,
    Review,
    SettingRow,
    TenantAction,
    TenantRow,
    Waiver,
)
from tests.review.filled import filled

NOTHING = Review("inventory", "prod", "rta.example.com")


def of(**parts: Any) -> int:
    return verdict.of(replace(NOTHING, **parts)).status


def tenant(action: TenantAction, *changes: str) -> tuple[TenantRow, ...]:
    return (TenantRow("customer-1", action, changes=tuple(Change(name, "a", "b") for name in changes)),)


def finding(**parts: Any) -> tuple[Finding, ...]:
    return (
        Finding(**{"rule": "owners-minimum", "level": "mandatory", "subject": "customer-1", "message": "x", **parts}),
    )


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("create", 0), ("look", 0), ("unchanged", 0),
        ("adopt", 1), ("inventory", 1), ("recreate", 1), ("forget", 1), ("delete", 1), ("drift", 1),
        ("refused", 2), ("unretire", 2),
    ],
)  # fmt: skip
def test_what_happens_to_a_tenant_decides(action: TenantAction, status: int) -> None:
    assert of(tenants=tenant(action)) == status


def test_many_takeovers_are_told_with_the_credentials_of_many() -> None:
    two = tuple(replace(tenant("adopt")[0], name=f"customer-{number}") for number in (1, 2))
    assert verdict.of(replace(NOTHING, tenants=tenant("adopt"))).reasons == (
        "1 tenant is taken over with its credential",
    )
    assert verdict.of(replace(NOTHING, tenants=two)).reasons == ("2 tenants are taken over with their credentials",)


@pytest.mark.parametrize(
    ("changes", "status"),
    [(("labels",), 0), (("owners",), 1), (("deletion",), 1), (("labels", "adopt"), 1), (("unheard",), 1), ((), 1)],
)
def test_a_changed_tenant_is_fine_only_if_nothing_but_labels_differs(changes: tuple[str, ...], status: int) -> None:
    assert of(tenants=tenant("change", *changes)) == status


@pytest.mark.parametrize("action", ["create", "adopt", "change", "replace", "delete", "drift"])
def test_a_person_decides_about_every_client_grant(action: GrantAction) -> None:
    assert of(grants=(GrantRow("provisioning", action),)) == 1
    assert of(grants=(GrantRow("provisioning", "unchanged"),)) == 0


def test_a_mandatory_rule_forbids_on_anything_unless_it_is_waived() -> None:
    assert of(findings=finding()) == 2
    assert of(findings=finding(changed=False)) == 2
    assert of(findings=finding(waived_by="octo-lead")) == 1
    assert of(findings=finding(waived_by="octo-lead", changed=False)) == 0


def test_advice_is_for_a_person_where_it_is_about_the_change() -> None:
    assert of(findings=finding(level="advisory")) == 1
    assert of(findings=finding(level="advisory", changed=False)) == 0


def test_an_expired_waiver_forbids_and_one_in_force_does_not() -> None:
    waiver = Waiver("owners-minimum", "customer-1", "a reason", "octo-lead", "2026-02-01")
    assert of(waivers=(waiver,)) == 0
    assert of(waivers=(replace(waiver, expired=True),)) == 2


def test_a_guarded_setting_is_forbidden_until_somebody_approves_it_who_may() -> None:
    row = SettingRow("psaas:escrow", "a", "b", guarded=True)
    assert of(settings=(row,)) == 2
    assert of(settings=(replace(row, approved_by="octo-lead"),)) == 1
    assert of(settings=(replace(row, guarded=False),)) == 1


def test_mistakes_are_broken_and_warnings_are_not() -> None:
    broken = verdict.of(replace(NOTHING, diagnostics=(Diagnostic("error", "x"),)))
    assert (broken.status, broken.word) == (2, "broken")
    assert of(diagnostics=(Diagnostic("warning", "x"),)) == 0


def test_other_files_of_the_same_change_are_for_a_person() -> None:
    assert of(other_files=("README.md",)) == 1


def test_the_most_severe_reasons_come_first() -> None:
    review = replace(
        NOTHING, tenants=(*tenant("delete"), *tenant("refused")), diagnostics=(Diagnostic("error", "x"),),
        other_files=("README.md",),
    )  # fmt: skip

    assert verdict.of(review).reasons == (
        "1 mistake must be mended first",
        "1 tenant left the list while protected, so the update would stop",
        "1 tenant is deleted on the appliance, for ever",
        "1 other file changed too",
    )


def test_reasons_hold_no_value_of_the_change() -> None:
    numbers = count()
    reasons = verdict.of(filled(lambda: f"zzz{next(numbers)}")).reasons

    assert len(reasons) > 12
    assert not any("zzz" in reason for reason in reasons)
