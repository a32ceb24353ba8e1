"""What the reviewer reads from the real engine, what that needs, and what it leaves alone."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from review import drift, inventory, preview
from review.engine_run import Engine, EngineError
from review.model import Review
from tests.engine.snapshots import Made
from tests.engine.stack import NAME, ROOT, Stack

NO_CREDENTIALS = {"PSAAS_CLIENT_SECRET": "", "PSAAS_ADMIN_CLIENT_SECRET": ""}


@pytest.fixture(autouse=True)
def no_variable_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A preview made in this process would find it, and say that nothing reads it."""
    monkeypatch.delenv("PSAAS_LONG", raising=False)


def reviewed(stack: Stack, **environment: str) -> Review:
    return preview.preview(NAME, root=stack.project, environment=stack.environment | environment)


def drifted(stack: Stack, **environment: str) -> Review:
    return drift.drift(NAME, root=stack.project, environment=stack.environment | environment)


def inventory_of(stack: Stack) -> dict[str, object]:
    export = Engine(stack.project, NAME, stack.environment).export()
    return inventory.of_state(export, stack=NAME, stack_file=stack.file.read_text(encoding="utf-8"))


def actions(review: Review) -> dict[str, str]:
    return {row.name: row.action for row in review.tenants}


def everything_in(folder: Path) -> dict[str, str]:
    """Every file below a folder, by what is in it."""
    files = (path for path in folder.rglob("*") if path.is_file() and not {".venv", "logs"} & set(path.parts))
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}


def test_a_preview_needs_no_credentials_sends_nothing_and_writes_nothing_anywhere(made: Made) -> None:
    stack = made("customer-1")
    stack.declare("customer-1", "customer-2")
    document = yaml.safe_load(stack.file.read_text())
    del document["encryptionsalt"]  # which the engine writes back into any stack file that it is given
    stack.file.write_text(yaml.safe_dump(document))
    before = everything_in(stack.project)
    token = stack.appliance.token()
    stack.appliance.request("DELETE", "/__appliance/requests", token=token)

    review = reviewed(stack, **NO_CREDENTIALS)

    requests = stack.appliance.request("GET", "/__appliance/requests", token=token)[1]
    assert [call["path"] for call in requests if not call["path"].startswith("/__appliance/")] == []

    assert actions(review) == {"customer-1": "unchanged", "customer-2": "create"}
    assert review.diagnostics == ()
    assert (review.source, review.stack, review.appliance) == ("preview", NAME, stack.appliance.rta)
    assert review.host_names == ("customer-2.appliance.test",)
    assert everything_in(stack.project) == before


def test_drift_is_told_by_tenant_and_by_scope_and_the_state_is_not_written(stack: Stack) -> None:
    scopes = ["create:tenants", "read:tenants", "delete:tenants"]
    stack.declare("customer-1", "customer-2", scopes=scopes).up().ok()
    assert drifted(stack).changes_nothing
    stack.appliance.api("DELETE", "tenants/customer-2", application="provisioning")
    [grant] = stack.appliance.api("GET", f"client-grants?client_id={stack.config['clientId']}")
    by_hand = {"scope": ["create:tenants", "read:tenants", "update:clients"]}
    stack.appliance.api("PATCH", f"client-grants/{grant['id']}", by_hand)
    stack.declare("customer-1", "customer-2", "customer-3", scopes=scopes)
    before = everything_in(stack.project / "state")

    review = drifted(stack)

    assert actions(review) == {"customer-1": "unchanged", "customer-2": "drift"}
    assert "no longer lists it" in review.of("drift")[0].note
    [row] = review.grants
    assert (row.action, row.added, row.removed) == ("drift", ("update:clients",), ("delete:tenants",))
    assert not [d for d in review.diagnostics if d.severity == "error"]
    assert everything_in(stack.project / "state") == before

    stack.appliance.stop()
    [error] = [d for d in drifted(stack, PSAAS_TIMEOUT_SECONDS="1").diagnostics if d.severity == "error"]
    assert error.subject == "provisioning"
    assert "could not connect to rta.appliance.test" in error.message


def test_no_secret_of_the_state_or_of_the_config_is_in_a_review_or_an_inventory(stack: Stack) -> None:
    canary = "canary-6f1d0a77-in-the-config"
    stack.environment.pop("PSAAS_CLIENT_SECRET")
    stack.pulumi(
        "config",
        "set",
        "--secret",
        "psaas:clientSecret",
        "--",
        stack.appliance.described["provisioning"]["client_secret"],
    ).ok()
    stack.pulumi("config", "set", "--secret", "psaas:escrowKey", "--", canary * 2).ok()
    document = yaml.safe_load(stack.file.read_text())
    stack.config |= {key: document["config"][f"psaas:{key}"] for key in ("clientSecret", "escrowKey")}
    stack.declare("customer-1").up().ok()
    ciphertexts = [value["secure"] for value in document["config"].values() if isinstance(value, dict)]
    secrets = [canary, stack.credential("customer-1")["client_secret"], *stack.appliance.secrets, *ciphertexts]

    stack.declare({"name": "customer-1", "owners": ["you@email.com"]}, "customer-2", clientId="somebody-elses")
    review, published = reviewed(stack), inventory.render(inventory_of(stack))

    assert actions(review) == {"customer-1": "change", "customer-2": "create"}
    assert [(row.key, row.guarded) for row in review.settings] == [("psaas:clientId", True)]
    for secret in secrets:
        assert secret not in repr(review)
        assert secret not in published
    assert "ciphertext" not in published
    assert stack.credential("customer-1")["client_id"] not in published
    assert '"psaas:clientSecret": "encrypted, fingerprint ' in published


@pytest.mark.long
def test_an_inventory_of_a_real_state_is_what_the_stack_file_declares(stack: Stack) -> None:
    stack.declare("customer-1", {"name": "customer-2", "owners": ["me@email.com"], "labels": {"team": "a"}}).up().ok()
    stack.declare("customer-2", retired=[{"name": "customer-1"}]).up().ok()

    document = inventory.parse(inventory.render(inventory_of(stack)), stack=NAME)

    tenants = inventory.tenants_of(document)
    assert (tenants["customer-1"].retired, tenants["customer-2"].domain) == ("forget", "customer-2.appliance.test")
    assert tenants["customer-2"].applied_owners == ("me@email.com",)
    assert document["rta"] == stack.appliance.rta


@pytest.mark.long
def test_the_commands_print_a_report_write_an_inventory_and_end_with_the_verdict(stack: Stack, tmp_path: Path) -> None:
    for name in ("review", "policy"):
        (stack.project / name).symlink_to(ROOT / name)
    stack.declare("customer-1").up().ok()
    stack.declare("customer-1", {"name": "customer-2", "owners": ["me@gmail.com"]})

    preview_ = command(stack, "preview", "--json", str(tmp_path / "review.json"))
    drift_ = command(stack, "drift")
    published = command(stack, "inventory", "--output", str(tmp_path / "test.json"), "--seconds-per-tenant", "2.5")
    broken = command(stack, "preview", PULUMI_CONFIG_PASSPHRASE="wrong")

    assert preview_.returncode == 2  # a personal mailbox, by the policy pack in the engine
    assert "owners-personal-mailbox" in preview_.stdout
    assert json.loads((tmp_path / "review.json").read_text())
    assert (drift_.returncode, published.returncode) == (0, 0), drift_.stdout + drift_.stderr + published.stderr
    assert inventory.parse((tmp_path / "test.json").read_text(), stack=NAME)["secondsPerTenant"] == 2.5
    assert broken.returncode == 2
    assert broken.stderr.startswith("error: the state can't be opened")
    assert "Traceback" not in preview_.stderr + drift_.stderr + broken.stderr


def command(stack: Stack, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "review", *arguments, "--stack", NAME], cwd=stack.project,
        env=stack.environment | environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


def test_mistakes_in_the_stack_file_are_diagnostics_of_which_each_has_its_place(stack: Stack) -> None:
    stack.declare("customer-1", "BAD", {"name": "customer-1", "owners": ["me@"]})

    review = reviewed(stack)

    assert len(review.diagnostics) == 3
    assert {d.severity for d in review.diagnostics} == {"error"}
    assert all(d.message.startswith("stacks/Pulumi.test.yaml") for d in review.diagnostics)


def test_what_the_engine_can_not_look_at_is_one_line(stack: Stack, tmp_path: Path) -> None:
    stack.declare("customer-1")
    (stack.project / "stacks" / "Pulumi.other.yaml").write_text(stack.file.read_text())
    nowhere = (tmp_path / "nowhere").as_uri()

    for environment, name, words in (
        ({"PULUMI_CONFIG_PASSPHRASE": "wrong"}, NAME, "the passphrase is not that of this stack"),
        ({"PULUMI_BACKEND_URL": nowhere}, NAME, "unable to open state directory"),
        ({"PATH": str(tmp_path)}, NAME, "there is no `pulumi` command here"),
        ({}, "other", "the state has no stack other"),
        ({}, "third", "there is no stacks/Pulumi.third.yaml among the stacks here"),
    ):
        with pytest.raises(EngineError, match=words) as told:
            preview.preview(name, root=stack.project, environment=stack.environment | environment)
        assert "\n" not in str(told.value)
    assert "other" not in json.dumps(everything_in(stack.project / "state"))
