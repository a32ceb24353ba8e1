"""The ledger of tenant POSTs: what was carried out, refused, delivered; and that it outlives the process."""

from pathlib import Path

from running_appliance import ManagementApi, RunningAppliance


def test_the_ledger_counts_what_became_of_every_post(
    appliance: RunningAppliance, provisioning: ManagementApi, name: str
) -> None:
    for _ in range(3):
        provisioning.post("/tenants", {"name": name})
    provisioning.post("/tenants", {"name": name, "owners": ["nobody"]})
    row = appliance.ledger()[name]
    assert row.pop("created_at")
    assert row == {
        "posts_carried_out": 1,
        "posts_refused": 3,
        "posts_failed": 0,
        "answers_delivered": 1,
        "credentials_delivered": 1,
        "deleted_at": None,
    }
    provisioning.delete(f"/tenants/{name}")
    assert appliance.ledger()[name]["deleted_at"]


def test_the_ledger_outlives_a_killed_appliance_and_holds_no_secret(data: Path) -> None:
    first = RunningAppliance.start(data)
    admin = first.api(first.rta, first.facts["admin"])
    provisioning = admin.granted("create:tenants")
    made = provisioning.made("/tenants", {"name": "customer-1"})
    provisioning.post("/tenants", {"name": "admin"})
    first.plan({"route": {"tenant": "customer-2"}, "do": {"reset": "after"}})
    try:
        provisioning.post("/tenants", {"name": "customer-2"})
    except OSError:
        before = first.inspect("GET", "tenants-ledger").json()
    first.process.kill()
    first.stop()

    second = RunningAppliance.start(data)
    try:
        answer = second.inspect("GET", "tenants-ledger")
        assert answer.json() == before
        rows = {row["name"]: row for row in before}
        assert list(rows) == ["customer-1", "customer-2", "admin"]
        assert [row["posts_carried_out"] for row in rows.values()] == [1, 1, 0]
        assert [row["credentials_delivered"] for row in rows.values()] == [1, 0, 0]
        assert rows["admin"]["created_at"] is None
        assert made["client_secret"] not in answer.text
    finally:
        assert second.stop() == 0
