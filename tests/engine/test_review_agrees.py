"""What a review says will happen is what happens: made-up changes, reviewed two ways and then carried out.

Both reviews, the one from the engine's preview and the one from stack files and a published inventory, are compared
with each other, with what a person would expect, with the update's own events and with the appliance's request log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation.events import EngineEvent

from policy import Settings, rules
from psaas_resources import stack_files
from review import application_events, comparison, events, inventory, preview, tenant_events, verdict
from review.declared import Declared
from review.engine_run import Engine
from review.model import Review
from tests.engine.changes import Change, Changes
from tests.engine.stack import NAME, Ran, Stack

EXISTING = [f"existing-{number}" for number in range(1, 7)]
APART = re.compile("/api/v2/(clients|connections)/")  # about the application, whose requests no review counts
WRITES = ("POST", "PATCH", "PUT", "DELETE")


class Compared:
    """A stack that changes, and its two reviews. Counts what was compared with an update."""

    def __init__(self, stack: Stack, tmp_path: Path) -> None:
        self.stack, self.log, self.count = stack, tmp_path / "events.json", 0
        self.credentials: dict[str, dict[str, str]] = {}
        self.token = ""
        stack.declare().up().ok()
        self.published = self.publish()

    def seed(self) -> None:
        """Tenants that somebody else has made, and the credentials that came back."""
        for name in EXISTING:
            made = self.stack.appliance.api(
                "POST", "tenants", {"name": name, "owners": ["me@email.com"]}, application="provisioning"
            )
            self.credentials[name] = {"clientId": made["client_id"], "clientSecret": made["client_secret"]}
        self.stack.environment["PSAAS_CREDENTIALS"] = json.dumps(self.credentials)
        self.token = self.stack.appliance.token("provisioning")

    def publish(self) -> Declared:
        export = Engine(self.stack.project, NAME, self.stack.environment).export()
        document = inventory.of_state(export, stack=NAME, stack_file=self.stack.file.read_text(encoding="utf-8"))
        return Declared.of_inventory(inventory.parse(inventory.render(document), stack=NAME))

    def reviews(self, change: Change) -> tuple[Review, Review]:
        """By the engine, and without it."""
        config = {"domain": self.stack.appliance.rta, **change.config, "retired": change.retired or None}
        self.stack.declare(*change.tenants, **config)
        files = stack_files.from_disk(self.stack.project)
        without = compare(self.published, Declared.of_files(NAME, files))
        return preview.preview(NAME, root=self.stack.project, environment=self.stack.environment), without

    def update(self, change: Change) -> tuple[Ran, list[EngineEvent], list[dict[str, Any]]]:
        """What an update says, what it did, and what it wrote to the appliance."""
        self.requests(forget=True)
        self.log.unlink(missing_ok=True)
        ran = self.stack.up(
            "--event-log", str(self.log), PULUMI_DEBUG_COMMANDS="true",
            PSAAS_ALLOW_DELETE=",".join(change.allow_delete),
        )  # fmt: skip
        seen = [EngineEvent.from_json(json.loads(line)) for line in self.log.read_text().splitlines()]
        self.count += change.count
        return ran, seen, self.requests()

    def requests(self, *, forget: bool = False) -> list[dict[str, Any]]:
        """Requests that write something, and all that were sent inside of tenants, since they were forgotten."""
        method = "DELETE" if forget else "GET"
        token = self.stack.appliance.token()
        listed = self.stack.appliance.request(method, "/__appliance/requests", token=token)[1] or []
        apart = [r for r in listed if r["path"].startswith("/api/")]
        return [r for r in apart if r["method"] in WRITES or r["host"] != self.stack.appliance.rta]

    def on_appliance(self) -> set[str]:
        if not self.credentials:
            return set()  # a stack without tenants
        listed = self.stack.appliance.api("GET", "tenants", application="provisioning")
        return {str(tenant["name"]) for tenant in (listed if isinstance(listed, list) else listed["tenants"])}


@pytest.fixture
def compared(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Compared]:
    monkeypatch.delenv("PSAAS_LONG", raising=False)  # a preview made in this process would find a variable too many
    made = Compared(stack, tmp_path)
    made.seed()
    return made


def compare(before: Declared, after: Declared) -> Review:
    """Without rules: what is asked here is whether what happens is told."""
    none = Settings(levels={rule.name: "disabled" for rule in rules.ALL})
    judgement = comparison.Judgement(none, datetime.now(UTC).date())
    return comparison.compare(before, after, judgement=judgement, source="inventory")


def actions(review: Review) -> dict[str, str]:
    """Everything that happens, by tenant, grant and application."""
    rows = [*review.tenants, *review.grants, *review.applications]
    return {row.name: row.action for row in rows if row.action not in ("unchanged", "look")}


def agree(compared: Compared, change: Change) -> Review:
    """Both reviews say what is expected, and the update does that and nothing else."""
    by_engine, without = compared.reviews(change)
    assert actions(by_engine) == actions(without) == change.expected, (by_engine.diagnostics, without.diagnostics)
    assert by_engine.digest == without.digest
    assert verdict.of(by_engine).status == verdict.of(without).status < 2
    assert by_engine.effort == without.effort or by_engine.effort.requests == without.effort.requests
    before = compared.on_appliance()

    ran, seen, wrote = compared.update(change)

    ran.ok()
    assert {row.name: row.action for row in done(seen) if row.action not in ("unchanged", "look")} == change.expected
    created = {name for name, action in change.expected.items() if action in ("create", "recreate")}
    deleted = {name for name, action in change.expected.items() if action == "delete"}
    on_rta = [r for r in wrote if r["host"] == compared.stack.appliance.rta and not APART.match(r["path"])]
    posted = [r for r in on_rta if r["method"] == "POST" and r["path"] == "/api/v2/tenants"]
    assert compared.on_appliance() - before == created - change.unposted
    assert before - compared.on_appliance() == deleted
    assert len(posted) == len(created - change.unposted)
    assert {r["path"].rpartition("/")[2] for r in on_rta if r["method"] == "DELETE"} == deleted
    on_grants = [r for r in on_rta if "/client-grants" in r["path"]]
    assert len(on_grants) == by_engine.effort.grant_requests
    assert len(on_rta) == len(posted) + len(deleted) + len(on_grants)
    within = [r for r in wrote if r["host"] != compared.stack.appliance.rta]
    secrets = [r for r in within if r["method"] == "PATCH" and "/clients/" in r["path"]]
    assert len(secrets) == len(by_engine.of("rotate"))
    expected = by_engine.effort.requests_in_tenants
    spared = 2 * len(change.unposted)  # settings that a tenant from the escrow has already
    assert expected - spared <= len(within) <= expected, within
    compared.published = compared.publish()
    settled = compare(compared.published, declared(compared))
    assert settled.changes_nothing, settled.actions
    return by_engine


def stops(compared: Compared, change: Change) -> None:
    """Both reviews forbid it for the same reason, and an update fails without a word about it to the appliance."""
    by_engine, without = compared.reviews(change)
    wrong = {name: action for name, action in change.expected.items() if action in ("refused", "unretire")}
    for review in (by_engine, without):
        assert verdict.of(review).status == 2
        assert {row.name for row in review.of("refused", "unretire")} == set(wrong)
    if change.broken:
        mistakes = [[d.message for d in r.diagnostics if d.severity == "error"] for r in (by_engine, without)]
        assert mistakes[0], by_engine
        assert mistakes[1] or without.settings, without

    ran, _, wrote = compared.update(change)

    ran.failed()
    assert wrote == []


def forbids_without_stopping(compared: Compared, change: Change) -> None:
    """A name that leaves psaas:retired is forbidden by both reviews, although the engine would let it go."""
    for review in compared.reviews(change):
        assert verdict.of(review).status == 2
        assert actions(review) == change.expected
    _, _, wrote = compared.update(change)
    assert wrote == []


def needs_permission(compared: Compared, change: Change) -> None:
    """A deletion that the run isn't allowed is reviewed as one, and stops before the appliance hears of it."""
    allowed, change.allow_delete = change.allow_delete, set()
    for review in compared.reviews(change):
        assert actions(review) == change.expected == dict.fromkeys(allowed, "delete")

    ran, _, wrote = compared.update(change)

    ran.failed("PSAAS_ALLOW_DELETE must name it for this run")
    assert wrote == []
    change.allow_delete = allowed


def done(seen: list[EngineEvent]) -> list[Any]:
    """What an update did, read as a review is read."""
    assert not any(event.res_op_failed_event for event in seen)
    tenants = events.steps(seen, events.TENANT)
    within = tenant_events.steps_within(events.steps_within(seen), tenants)
    applications = application_events.rows(events.steps(seen, events.APPLICATION))
    grants = events.grant_rows(events.steps(seen, events.GRANT))
    return [*tenant_events.rows(tenants, within), *grants, *applications]


def declared(compared: Compared) -> Declared:
    return Declared.of_files(NAME, stack_files.from_disk(compared.stack.project))


@pytest.mark.timeout(900)
def test_reviews_agree_with_what_updates_then_do(compared: Compared) -> None:
    """Once each way in which tenants come, change and go."""
    changes = Changes(7, list(EXISTING))

    agree(compared, changes.good(add=14, adopt=2, inventory=3, scopes=1))
    agree(compared, changes.good(labels=2, owners=2, deletion=3, take=2, settings=1, team=3, retire=2, add=1))
    stops(compared, changes.removed(2))
    agree(compared, changes.good(remove=2, own=1, rotate=1, rights=1, ended=1, retire=1, scopes=1, labels=1, add=1))

    assert compared.count >= 45


@pytest.mark.long
@pytest.mark.timeout(900)  # some 25 runs of the engine
def test_reviews_agree_with_what_updates_then_do_step_by_step(compared: Compared) -> None:
    changes = Changes(7, list(EXISTING))

    agree(compared, changes.good(add=14, adopt=2, inventory=3, scopes=1))
    agree(compared, changes.good(labels=4, owners=3, deletion=3, take=2, retire=2, add=1))
    stops(compared, changes.mistaken())
    stops(compared, changes.removed(2))
    agree(compared, changes.good(remove=3, own=1, retire=1, labels=3, add=2))
    stops(compared, changes.returned())
    agree(compared, changes.good(again=1, scopes=1, deletion=2, labels=1, add=1))
    deletion = changes.good(erase=1)
    needs_permission(compared, deletion)
    agree(compared, deletion)
    agree(compared, changes.good(settings=2, rotate=1, defaults=1, add=1))
    agree(compared, changes.good(settings=1, rotate=1, labels=1, team=2))
    agree(compared, changes.good(rights=1, ended=1, team=1))
    agree(compared, changes.good(turned=1, rights=1))
    stops(compared, changes.moved())

    assert compared.count >= 50


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(1, 5))
def test_reviews_agree_with_what_updates_then_do_for_any_seed(compared: Compared, seed: int) -> None:
    changes = Changes(seed, list(EXISTING))
    rounds = changes.random.randint

    agree(compared, changes.good(add=rounds(12, 20), adopt=2, inventory=3, scopes=1))
    for _ in range(3):
        agree(compared, changes.good(labels=rounds(0, 2), owners=rounds(0, 2), deletion=rounds(0, 2), add=rounds(1, 3)))
        agree(compared, changes.good(remove=2, retire=rounds(0, 1), labels=1, scopes=rounds(0, 1), add=1))
        stops(compared, changes.removed(rounds(1, 2)))
    agree(compared, changes.good(take=2, again=1, retire=2))
    stops(compared, changes.returned())
    stops(compared, changes.mistaken())
    forbids_without_stopping(compared, changes.unretired())
