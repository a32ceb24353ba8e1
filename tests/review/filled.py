"""A Review in which every text that others can write comes from one function."""

from __future__ import annotations

from collections.abc import Callable

from review.model import (
    ApplicationRow,
    Change,
    Diagnostic,
    Effort,
    Finding,
    GrantRow,
    OtherRow,
    Review,
    SettingRow,
    TenantAction,
    TenantRow,
    Waiver,
)

ACTIONS: tuple[TenantAction, ...] = (
    "create", "adopt", "inventory", "recreate", "rotate", "change", "look", "forget", "delete", "refused", "unretire",
    "drift",
)  # fmt: skip


def filled(text: Callable[[], str], *, tenants: int = 1) -> Review:
    """Every section and every column of a report, with `tenants` of each action."""
    rows = tuple(
        TenantRow(
            text(),
            action,
            owners=(text(), text()),
            domain=text(),
            deletion=text(),
            labels={"a" + text(): text()},
            changes=(Change(text(), text(), text()), Change("owners", text(), text())),
            place=text(),
            note=text(),
        )
        for action in ACTIONS
        for _ in range(tenants)
    )
    return Review(
        "files",
        text(),
        text(),
        base=text(),
        head=text(),
        deployed=text(),
        tenants=rows,
        grants=(GrantRow(text(), "change", text(), text(), (text(), text()), (text(),), (text(),)),),
        applications=(ApplicationRow(text(), "rotate", text(), (Change(text(), text(), text()),), text()),),
        others=(OtherRow(text(), text(), text()),),
        settings=(SettingRow(text(), text(), text(), True), SettingRow(text(), text(), text(), True, text())),
        findings=(
            Finding(text(), "mandatory", text(), text(), text()),
            Finding(text(), "mandatory", text(), text(), text(), waived_by=text()),
            Finding(text(), "advisory", text(), text(), text()),
        ),
        waivers=(
            Waiver(text(), text(), text(), text(), text()),
            Waiver(text(), text(), text(), text(), text(), expired=True),
        ),
        diagnostics=(Diagnostic("error", text()), Diagnostic("warning", text())),
        not_happening=(text(), text()),
        other_files=(text(), text()),
        host_names=tuple(f"{text()}.{number}" for number in range(3)),
        effort=Effort(3, 5, 1, 40.0, text(), 2),
    )
