"""Which credentials are old, and which of them come first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from psaas_resources.errors import ConfigError
from psaas_resources.rotating import KINDS, ages, choice
from psaas_resources.rotating.ages import Aged, Kind
from psaas_resources.rotating.choice import Choice

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def aged(kind: Kind, tenant: str, days: int | None, marker: str = "") -> Aged:
    return Aged(kind, tenant, marker, None if days is None else NOW - timedelta(days=days))


FLEET = [
    aged("tenant", "customer-1", 100), aged("tenant", "customer-2", 300), aged("tenant", "customer-3", 10),
    aged("client", "customer-1", 200, "2026-05"), aged("client", "customer-2", None),
    aged("client", "customer-3", 400, "old"), aged("application", "", 90), aged("tenant", "gone", 500),
]  # fmt: skip
DECLARED: dict[tuple[Kind, str], str] = {
    (one.kind, one.tenant): one.marker for one in FLEET if one.tenant != "gone"
} | {("client", "customer-3"): "new"}


def chosen(**rest: object) -> Choice:
    given = {"older_than": timedelta(days=90), "now": NOW, "declared": DECLARED, "kinds": KINDS, **rest}
    return choice.choose(FLEET, **given)  # type: ignore[arg-type]


def names(found: tuple[Aged, ...]) -> list[str]:
    return [f"{one.kind} {one.tenant}".strip() for one in found]


def test_the_oldest_come_first_and_what_is_marked_already_or_unknown_is_told() -> None:
    found = chosen()
    assert names(found.marked) == ["tenant customer-2", "client customer-1", "tenant customer-1", "application"]
    assert names(found.pending) == ["client customer-3"]
    assert names(found.unknown) == ["client customer-2"]
    assert (found.later, found.young) == ((), 1)


def test_a_wave_has_so_many_or_a_share_of_all_and_the_rest_waits() -> None:
    assert names(chosen(at_most=1).marked) == ["tenant customer-2"]
    assert names(chosen(at_most=1).later) == ["client customer-1", "tenant customer-1", "application"]
    assert len(chosen(waves=4).marked) == 2, "a fourth of seven, rounded up"
    assert len(chosen(waves=7).marked) == 1
    assert len(chosen(waves=1).marked) == 4


def test_kinds_are_chosen() -> None:
    assert names(chosen(kinds=["client"]).marked) == ["client customer-1"]


def test_ages_are_read_as_people_write_them() -> None:
    assert [choice.age(text) for text in ("90d", "12w", "36h")] == [
        timedelta(days=90), timedelta(days=84), timedelta(hours=36),
    ]  # fmt: skip
    for wrong in ("", "90", "d", "-1d", "1y", "1.5d"):
        with pytest.raises(ConfigError, match="90d, 12w or 36h"):
            choice.age(wrong)


def test_a_new_marker_is_the_date_and_never_the_one_before() -> None:
    today = "2026-11-24"
    assert choice.marker(today, "OPS-1") == today
    assert choice.marker(today, today) == f"{today}.2"
    assert choice.marker(today, f"{today}.2") == f"{today}.3"


def test_an_inventory_tells_ages_and_what_is_at_least_so_old() -> None:
    tenant = {
        "name": "customer-1", "held": True, "retired": "", "rotate": None, "credentialSince": "", "teamSince": "",
        "managedSince": "2026-01-01T00:00:00+00:00", "inside": {"managementClient": {"rotate": "x"}},
    }  # fmt: skip
    others = [tenant | {"name": "b", "held": False, "inside": None}]
    others += [tenant | {"name": "c", "retired": "forget", "inside": {}}]
    application = {"rotate": "OPS-7", "secretSince": "2026-02-01T00:00:00+00:00"}
    document = {"tenants": [tenant, *others], "applications": {"application": application}}

    assert list(ages.of_inventory(document)) == [
        Aged("tenant", "customer-1", "", datetime(2026, 1, 1, tzinfo=UTC), at_least=True),
        Aged("client", "customer-1", "x"),
        Aged("application", "", "OPS-7", datetime(2026, 2, 1, tzinfo=UTC)),
    ]
