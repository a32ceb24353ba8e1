"""Every secret that takes part in an update, searched for in everything that it leaves behind."""

from __future__ import annotations

from pathlib import Path

from tests.engine.stack import Stack


def test_no_secret_is_left_in_clear_anywhere(stack: Stack, tmp_path: Path) -> None:
    stack.declare("customer-1", "customer-2", exportCredentials=True)
    stack.pulumi("config", "set", "--secret", "psaas:escrowKey", "canary-escrow-key-of-this-stack-0123456789").ok()
    stack.config["escrowKey"] = {"secure": stack.file.read_text().partition("secure: ")[2].split("\n")[0]}
    events, logs = tmp_path / "events.json", tmp_path / "logs"
    logs.mkdir()
    stack.environment["PULUMI_DEBUG_COMMANDS"] = "true"  # for --event-log
    options = ("--event-log", str(events), "--debug", "-v=7", "--logtostderr")

    stack.up(*options, TMPDIR=str(logs)).ok()
    stack.preview(*options, TMPDIR=str(logs)).ok()
    stack.refresh(*options, TMPDIR=str(logs)).ok()
    stack.up(*options, PSAAS_CLIENT_SECRET="canary-wrong-secret", TMPDIR=str(logs))
    stack.declare("customer-1", "customer-2", "customer-3")
    stack.up(*options, PSAAS_CLIENT_SECRET="canary-wrong-secret", TMPDIR=str(logs)).failed("is wrong there")

    delivered = [stack.credential(name)["client_secret"] for name in ("customer-1", "customer-2")]
    planted = [*stack.appliance.secrets, *delivered, "canary-wrong-secret", "canary-escrow-key"]
    left = {ran.command: ran.output for ran in stack.said}
    for file in [*stack.project.rglob("*"), *logs.rglob("*"), events]:
        if file.is_file() and not file.is_symlink():
            left[str(file)] = file.read_text(encoding="utf-8", errors="replace")
    assert any("state/.pulumi/stacks" in name for name in left)
    assert any(str(stack.project / "escrow") in name for name in left)
    found = [(name, secret[:6]) for name, text in left.items() for secret in planted if secret in text]
    assert found == []
