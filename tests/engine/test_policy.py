"""The policy pack under the real engine: every rule, the settings file, waivers, and what is stopped in time."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from policy import GrantFacts, StackFacts, TenantFacts, judge, messages, settings
from tests.engine.stack import ROOT, Ran, Stack

PACK = ROOT / "policy"
EXAMPLES = PACK / "examples"
OURS = ROOT / "stacks" / "policy.json"
OTHER_PROGRAM = """
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

import psaas_resources


class Provider(ResourceProvider):
    serialize_as_secret_always = False

    def create(self, props):
        return CreateResult(props["rta"], props)


class Tenant(Resource, module="psaas", name="Tenant"):
    pass


class ClientGrant(Resource, module="psaas", name="ClientGrant"):
    pass


RTA = pulumi.Config("psaas").require("domain")
HOSTILE = "x\\n        - [mandatory]  forged\\x1b[2K"
Tenant(Provider(), "hostile", {"rta": RTA, "name": HOSTILE, "owners": [HOSTILE + "@gmail.com"], "client_secret": "s"})
ClientGrant(Provider(), "users", {
    "rta": RTA, "client_id": "c", "audience": "https://api.example.com", "scopes": ["create:tenants"],
    "subject_type": "user",
})
psaas_resources.Tenant("loose", name="loose", owners=["me@example.com"], opts=pulumi.ResourceOptions(protect=False))
psaas_resources.ClientGrant("fine", client_id="d", scopes=["create:tenants"])
"""


def with_pack(stack: Stack, given: dict[str, Any] | Path | None, command: str = "preview") -> Ran:
    options = ["--policy-pack", str(PACK), "--event-log", str(stack.project / "events.json")]
    if isinstance(given, dict):
        file = stack.project / "policy.json"
        file.write_text(json.dumps(given), encoding="utf-8")
        options += ["--policy-pack-config", str(file)]
    elif given:
        options += ["--policy-pack-config", str(given)]
    ran = stack.preview if command == "preview" else stack.up
    return ran(*options, PULUMI_DEBUG_COMMANDS="true")  # for --event-log, which is what the Automation API reads


def violations(ran: Ran) -> set[tuple[str, str, str]]:
    """(level, policy, first line of our own) of each violation that the engine shows."""
    lines = [line.strip() for line in ran.output.splitlines()]
    heads = [(i, line) for i, line in enumerate(lines) if line.startswith(("- [mandatory]", "- [advisory]"))]
    return {(line[3 : line.index("]")], line.split("]")[1].split()[0], lines[i + 2]) for i, line in heads}


def rules_told(ran: Ran, level: str) -> set[str]:
    return {policy for given, policy, _ in violations(ran) if given == level}


@pytest.fixture
def elsewhere(engine_bin: Path, appliance: Any, tmp_path: Path) -> Stack:
    return Stack.create(tmp_path / "elsewhere", engine_bin, appliance, OTHER_PROGRAM)


def test_one_preview_tells_every_rule_that_a_stack_file_breaks(stack: Stack) -> None:
    stack.declare(
        "customer-1",
        "customer1",
        "demo",
        {"name": "shop", "owners": ["me@gmail.com", "ME@gmail.com"], "deletion": "forget"},
        {"name": "customer-2", "owners": ["me@example.com", "you@example.com"], "deletion": "delete"},
        retired=[{"name": "customer-3", "deletion": "delete"}],
        scopes=["create:tenants", "delete:tenants", "read:tenants", "read:users"],
    )
    rules = {
        "tenant-name-form": {"pattern": "(customer|shop).*"},
        "tenant-name-reserved": {"also": ["demo"]},
        "owners-minimum": {"minimum": 2},
        "owners-domains": {"allowed": ["example.com", "email.com"]},
        "deletion-refused": {"enforcementLevel": "mandatory", "stacks": []},
    }

    ran = with_pack(stack, rules)

    ran.failed("preview failed")
    assert rules_told(ran, "mandatory") == {
        "tenant-name-form", "tenant-name-reserved", "tenant-name-near-duplicate",
        "owners-minimum", "owners-domains", "owners-personal-mailbox", "owners-duplicate",
        "deletion-refused", "deletion-delete-stacks", "grant-least-scope", "local-only",
    }  # fmt: skip
    assert rules_told(ran, "advisory") == set()
    told = {line for _, policy, line in violations(ran) if policy in ("local-only", "deletion-delete-stacks")}
    assert told == {
        'the stack: "rta.appliance.test" is a local appliance, and "test" is no local stack',
        'the stack: connectTo is set, and "test" is no local stack',
        'customer-2: has `deletion: delete`, in stack "test"',
        'customer-3: is retired with `deletion: delete`, in stack "test"',
    }
    stack.environment.pop("PSAAS_CONNECT_TO")
    stack.declare("customer-1", connectTo=stack.appliance.address)
    assert 'the stack: connectTo is set, and "test" is no local stack' in with_pack(stack, None).output


def test_other_programs_are_held_to_the_rules_and_hostile_values_forge_nothing(elsewhere: Stack) -> None:
    ran = with_pack(elsewhere, {"local-only": "disabled", "deletion-refused": {"stacks": []}})

    ran.failed("preview failed")
    assert rules_told(ran, "mandatory") == {
        "tenant-name-form", "owners-personal-mailbox", "secret-outputs", "grant-audience", "grant-machine-only",
    }  # fmt: skip
    assert ("advisory", "deletion-refused", "loose: its resource is not protected") in violations(ran)
    ours = ran.output.partition("Policies:")[2].partition("Diagnostics:")[0]
    assert "\x1b" not in ours
    assert not any("forged" in head for _, head, _ in violations(ran))


@pytest.mark.long
def test_a_stack_that_keeps_the_rules_passes_and_one_that_was_waived_is_shown(stack: Stack) -> None:
    waiver = {"tenant": "customer1", "reason": "an old name", "approver": "octo-lead", "until": "2999-12-31"}
    rules = {
        "all": "mandatory",
        "local-only": {"stacks": ["test"]},
        "tenant-name-near-duplicate": {"waivers": [waiver]},
    }
    stack.declare("customer-1", "customer-2", {"name": "old_one", "adopt": "inventory"})

    fine = with_pack(stack, rules | {"tenant-name-form": {"adopted": "ignore"}}).ok()
    stack.declare("customer-1", "customer1", {"name": "old_one", "adopt": "inventory"})
    waived = with_pack(stack, rules).ok()

    assert violations(fine) == set()
    near = '"customer1" is easily taken for the tenant "customer-1"'
    form = '"old_one" is not 3 to 63 lower-case letters, digits and inner hyphens'
    assert violations(waived) == {
        ("advisory", "advice", f"tenant-name-near-duplicate: customer1: {near}"),
        ("advisory", "advice", f"tenant-name-form: old_one: {form}"),
    }
    assert "Waived by octo-lead, until 2999-12-31" in waived.output


def test_an_expired_waiver_and_a_forbidden_name_stop_an_update_before_a_name_is_used_up(stack: Stack) -> None:
    waiver = {"tenant": "customer-1", "reason": "an old name", "approver": "octo-lead", "until": "2020-12-31"}
    quiet = {"local-only": "disabled"}
    stack.declare("customer-1")

    expired = with_pack(stack, quiet | {"owners-domains": {"waivers": [waiver]}}, "up")
    named = with_pack(stack, quiet | {"tenant-name-reserved": {"also": ["customer-1"]}}, "up")

    expired.failed("waiver-expired", 'approved by "octo-lead", ended on 2020-12-31')
    named.failed("is reserved in this organisation")
    assert stack.posts() == []
    with_pack(stack, quiet, "up").ok()
    assert stack.posts() == ["201"]
    assert with_pack(stack, quiet, "up").ok().summary.startswith("3 unchanged")


def test_mistakes_of_the_settings_are_told_before_anything_runs(stack: Stack) -> None:
    stack.declare("customer-1")

    ours = with_pack(stack, {"tenant-name-fromat": "advisory", "owners-minimum": {"minimm": 2}})
    engines = with_pack(stack, {"owners-minimum": {"minimum": "two"}, "owners-domains": {"waivers": [{"tenant": "x"}]}})

    ours.failed(
        'there is no rule "tenant-name-fromat"; did you mean "tenant-name-form"?',
        'owners-minimum.minimm: unknown setting; did you mean "minimum"?',
    )
    engines.failed("owners-minimum: minimum: Invalid type", "owners-domains: waivers.0: approver is required")


def facts(stack: Stack) -> StackFacts:
    """What a reviewer makes of the stack file, without an engine."""
    rta, config = stack.appliance.rta, stack.config
    tenants = (
        TenantFacts(entry["name"], tuple(entry["owners"]), entry.get("deletion", "refuse"), rta=rta)
        for entry in config["tenants"]
    )
    grant = GrantFacts("provisioning", config["clientId"], f"https://{rta}/api/v2/", tuple(config["scopes"]), rta)
    return StackFacts("test", rta, tuple(tenants), (grant,), connect_to=True)


@pytest.mark.parametrize(
    ("file", "mandatory", "advisory"),
    [
        (
            EXAMPLES / "strict.json",
            {"tenant-name-form", "tenant-name-near-duplicate", "owners-minimum", "owners-domains",
             "deletion-delete-stacks", "grant-least-scope", "local-only"},
            set(),
        ),
        pytest.param(EXAMPLES / "relaxed.json", set(), {"tenant-name-near-duplicate"}, marks=pytest.mark.long),
        pytest.param(
            OURS, {"tenant-name-near-duplicate", "deletion-delete-stacks", "local-only"}, set(), marks=pytest.mark.long
        ),
    ],
    ids=["strict", "relaxed", "ours"],
)  # fmt: skip
def test_engine_and_reviewer_judge_a_stack_alike_by_the_same_file(
    stack: Stack, file: Path, mandatory: set[str], advisory: set[str]
) -> None:
    deletable = {"name": "customer-2", "owners": ["me@example.com"], "deletion": "delete"}
    stack.declare("customer-1", "customer1", deletable, scopes=["create:tenants", "delete:tenants", "read:tenants"])
    judged = judge(facts(stack), settings.load(file), today=datetime.now(UTC).date())

    ran = with_pack(stack, file)

    assert (ran.status != 0) is bool(mandatory)
    assert rules_told(ran, "mandatory") == mandatory
    assert rules_told(ran, "advisory") == advisory
    lines = (stack.project / "events.json").read_text(encoding="utf-8").splitlines()
    events = [event["policyEvent"] for event in map(json.loads, lines) if "policyEvent" in event]
    read = [messages.read(event["policyName"], event["enforcementLevel"], event["message"]) for event in events]
    assert set(read) == set(judged)
    assert len(read) == len(judged)
