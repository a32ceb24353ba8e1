"""That the declared application proves itself by a key is told in its row, in every kind of review."""

from __future__ import annotations

from typing import Any

from policy import Settings
from review import inventory, preview
from review.comparison import Judgement, compare
from review.declared import Declared
from review.model import ApplicationRow, Change
from tests.review import told
from tests.review.changes import TODAY
from tests.review.told import began, end, step

SECRET = {"name": "Ours", "description": "", "adopt": "", "rotate": "", "client_id": "id", "drift": []}
KEY = SECRET | {"signs": True, "previous_key_hours": 24.0}
ON = Change("applicationKey", "false", "true")


def previewed(old: dict[str, Any], new: dict[str, Any]) -> ApplicationRow:
    seen = [began(), step("update", "application", old=old, new=new, kind=told.APPLICATION), end()]
    [row] = preview.of_events(seen, stack="test").applications
    return row


def of_files(before: str, after: str) -> ApplicationRow:
    text = "config: {psaas:domain: rta.example.com, psaas:adminClientId: a, psaas:manageApplication: true%s}\n"
    sides = [Declared.of_files("prod", {"stacks/Pulumi.prod.yaml": text % more}) for more in (before, after)]
    assert [side.problems for side in sides] == [(), ()]
    [row] = compare(*sides, judgement=Judgement(Settings(), TODAY), source="files").applications
    return row


def test_a_key_instead_of_a_secret_and_how_long_the_one_before_stays_good_are_differences() -> None:
    assert previewed(SECRET, KEY).changes == (ON,)
    assert previewed(KEY, SECRET).changes == (Change("applicationKey", "true", "false"),)
    longer = previewed(KEY, KEY | {"previous_key_hours": 48.0})
    assert (longer.action, longer.changes) == ("change", (Change("previousKeyHours", "24", "48"),))
    on, day = ", psaas:applicationKey: true", ", psaas:applicationKey: true, psaas:previousKeyHours: 24"
    assert of_files("", on).changes == (ON,)
    assert of_files(on, day).changes == (Change("previousKeyHours", "168", "24"),)


def test_the_end_of_the_key_before_the_last_rotation_is_said() -> None:
    row = previewed(KEY | {"previous_key_id": "a thumbprint"}, KEY)
    assert (row.action, row.changes) == ("change", ())
    assert "has had its time" in row.note


def test_an_inventory_has_the_way_and_no_key() -> None:
    props = KEY | {"client_key": told.SECRET, "rta": "rta.appliance.test"}
    urn, kind = told.urn("application", told.APPLICATION), told.APPLICATION
    resource = {"urn": urn, "type": kind, "inputs": {}, "outputs": props}

    document = inventory.of_state({"deployment": {"resources": [resource]}}, stack="test", stack_file="")

    found = inventory.applications_of(document)
    assert found
    assert (found["application"].key, found["application"].previous_key_hours) == (True, "24")
    assert "ciphertext" not in inventory.render(document)
