"""Every secret that takes part in an update, searched for in everything that it leaves behind."""

from __future__ import annotations

import re
from pathlib import Path

from tests.engine.stack import Stack

TOKEN = re.compile(r"eyJ[\w-]{20,}\.eyJ")  # of this appliance, whatever its value


def test_no_secret_is_left_in_clear_anywhere(stack: Stack, tmp_path: Path) -> None:
    stack.declare("customer-1", "customer-2", exportCredentials=True)
    stack.pulumi("config", "set", "--secret", "psaas:escrowKey", "canary-escrow-key-of-this-stack-0123456789").ok()
    stack.config["escrowKey"] = {"secure": stack.file.read_text().partition("secure: ")[2].split("\n")[0]}
    events, logs = tmp_path / "events.json", tmp_path / "logs"
    logs.mkdir()
    stack.environment["PULUMI_DEBUG_COMMANDS"] = "true"  # for --event-log
    options = ("--event-log", str(events), "--debug", "-v=7", "--logtostderr")

    stack.up(*options, TMPDIR=str(logs)).ok()
    left = contents(stack.project / "escrow")
    assert len(left) == 4  # two tenants, and notes about the appliance and the grant
    stack.preview(*options, TMPDIR=str(logs)).ok()
    stack.refresh(*options, TMPDIR=str(logs)).ok()
    stack.up(*options, PSAAS_CLIENT_SECRET="canary-wrong-secret", TMPDIR=str(logs))
    stack.declare("customer-1", "customer-2", "customer-3")
    stack.up(*options, PSAAS_CLIENT_SECRET="canary-wrong-secret", TMPDIR=str(logs)).failed("is wrong there")

    delivered = [stack.credential(name)["client_secret"] for name in ("customer-1", "customer-2")]
    planted = [*stack.appliance.secrets, *delivered, "canary-wrong-secret", "canary-escrow-key"]
    left |= {f"{number} {ran.command}": ran.output for number, ran in enumerate(stack.said)}
    left |= contents(stack.project) | contents(tmp_path / "logs") | {"events": events.read_text(encoding="utf-8")}
    assert any("state/.pulumi/stacks" in name for name in left)
    found = [(name, secret[:6]) for name, text in left.items() for secret in planted if secret in text]
    assert found == []
    assert [name for name, text in left.items() if TOKEN.search(text)] == []


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder, as text."""
    files = [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
    return {str(file): file.read_text(encoding="utf-8", errors="replace") for file in files}
