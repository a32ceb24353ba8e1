"""Credentials behind a command: JSON on standard input, no shell, and an end to everything."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from psaas_resources import redaction
from psaas_resources.errors import ConfigError, SinkDown, SinkError
from psaas_resources.handed_over import HandedOver
from psaas_resources.sink_place import SinkPlace
from psaas_resources.sink_settings import SinkSettings
from psaas_resources.sinks import deliver
from psaas_resources.sinks.command import Command

WHAT = HandedOver("customer-1", "customer-1.appliance.test", "client-1", "canary-credential-1-4f7b1c9d2e")
PLACE = SinkPlace("command", path="billing/customer-1")
KEEPS = """
import json, os, pathlib, sys
given, kept = json.load(sys.stdin), pathlib.Path(sys.argv[1])
if given["action"] == "look":
    sys.exit(4) if not kept.exists() else print(json.loads(kept.read_text())["fingerprint"])
else:
    kept.write_text(json.dumps(given | {"environment": sorted(os.environ), "arguments": sys.argv[2:]}))
"""


def program(text: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text, *arguments)


def test_a_command_gets_the_credential_as_json_and_nothing_of_our_own_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PSAAS_CLIENT_SECRET", "canary")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "canary")
    sink = Command(SinkSettings(command=program(KEEPS, str(tmp_path / "kept"), "$(not a shell)")))

    assert deliver(sink, PLACE, WHAT)

    kept = json.loads((tmp_path / "kept").read_text())
    environment = kept.pop("environment")
    assert kept == {
        "action": "write", "tenant": "customer-1", "path": "billing/customer-1", "domain": WHAT.domain,
        "audience": "https://customer-1.appliance.test/api/v2/", "clientId": "client-1",
        "clientSecret": WHAT.client_secret, "fingerprint": WHAT.fingerprint, "arguments": ["$(not a shell)"],
    }  # fmt: skip
    assert "PATH" in environment
    assert not [name for name in environment if name.startswith(("PSAAS_", "PULUMI_CONFIG_PASSPHRASE"))]


def test_a_command_that_can_look_is_asked_first_and_given_nothing_that_it_keeps_already(tmp_path: Path) -> None:
    keeps = program(KEEPS, str(tmp_path / "kept"))
    sink = Command(SinkSettings(command=keeps, look_command=keeps))

    assert deliver(sink, PLACE, WHAT)
    assert not deliver(sink, PLACE, WHAT)


def test_a_command_without_a_look_is_given_the_credential_each_time(tmp_path: Path) -> None:
    sink = Command(SinkSettings(command=program(KEEPS, str(tmp_path / "kept"))))
    assert deliver(sink, PLACE, WHAT)
    assert deliver(sink, PLACE, WHAT)


def test_a_command_that_fails_is_told_without_the_secrets_that_it_printed() -> None:
    says = f"import sys; sys.stdin.read(); print('no room for {WHAT.client_secret}'); sys.exit(3)"
    redaction.remember(WHAT.client_secret)
    with pytest.raises(SinkDown, match=r"ended with status 3: no room for \[secret\]"):
        deliver(Command(SinkSettings(command=program(says))), PLACE, WHAT)


def test_a_command_that_takes_or_prints_too_much_is_ended_with_everything_that_it_started(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    sleeps = ("sh", "-c", '(sleep 3; touch "$0") & sleep 60', str(alive))
    began = time.monotonic()
    with pytest.raises(SinkDown, match=r"did not end within 1 seconds"):
        deliver(Command(SinkSettings(command=sleeps), seconds=1.0), PLACE, WHAT)
    assert time.monotonic() - began < 30

    shouts = "import sys\nwhile True: sys.stdout.write('x' * 10000)"
    with pytest.raises(SinkError, match="more than 64 KiB"):
        deliver(Command(SinkSettings(command=program(shouts))), PLACE, WHAT)
    time.sleep(max(0.0, began + 5 - time.monotonic()))
    assert not alive.exists()


def test_a_command_is_never_taken_from_a_file_and_one_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match="set PSAAS_SINK_COMMAND"):
        deliver(Command(SinkSettings()), PLACE, WHAT)
    with pytest.raises(ConfigError, match="PSAAS_SINK_COMMAND: no-such-program can't be started"):
        deliver(Command(SinkSettings(command=("no-such-program",))), PLACE, WHAT)


def test_a_command_that_ignores_its_input_is_fine() -> None:
    assert deliver(Command(SinkSettings(command=("true",))), PLACE, WHAT)
