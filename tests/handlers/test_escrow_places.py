"""The escrow in a directory, in a bucket and behind a command: the same promises, and none made where it can't stay."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from psaas_resources.errors import ConfigError, EscrowError
from tests.handlers.operator import Operator

KEEPER = """#!{python}
import pathlib, sys
root = pathlib.Path({root!r}); verb, name = sys.argv[1:]
file = root / name
if verb == "write":
    file.parent.mkdir(parents=True, exist_ok=True); file.write_bytes(sys.stdin.buffer.read())
elif verb == "read":
    sys.exit(4) if not file.is_file() else sys.stdout.buffer.write(file.read_bytes())
elif verb == "remove":
    sys.exit(4) if not file.is_file() else file.unlink()
elif verb == "list":
    print(*[str(f.relative_to(root)) for f in (root / name).rglob("*") if f.is_file()], sep="\\n")
"""


@pytest.fixture
def keeper(tmp_path: Path) -> Path:
    """A program of the user's that keeps entries."""
    program = tmp_path / "keep"
    program.write_text(KEEPER.format(python=sys.executable, root=str(tmp_path / "kept")))
    program.chmod(0o755)
    return program


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of an S3-compatible server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path / "bucket.log").open("wb")
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log
    )
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for variable in ("AWS_CA_BUNDLE", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(variable, raising=False)
    for _ in range(200):
        try:
            urllib3.request("PUT", f"http://127.0.0.1:{port}/escrow", retries=False)
            break
        except urllib3.exceptions.HTTPError:
            assert server.poll() is None, (tmp_path / "bucket.log").read_text()
            time.sleep(0.1)
    yield "s3://escrow/psaas"
    server.terminate()
    server.wait()
    log.close()


def lifecycle(operator: Operator) -> None:
    """A tenant is made, its run dies, the next one recovers it, a later one settles, and a lost state gets it back."""
    made = operator.run().create("customer-1")
    assert operator.run().escrow.tenants() == ["customer-1"]
    assert operator.run().create("customer-1").credential == made.credential
    operator.run().settle(made)
    assert operator.run().escrow.tenants() == []
    assert operator.run().create("customer-1").credential == made.credential
    assert operator.posts() == [201]


def test_a_command_keeps_entries(operator: Operator, keeper: Path) -> None:
    operator.environment["PSAAS_ESCROW_COMMAND"] = str(keeper)
    lifecycle(operator)
    kept = [file for file in (keeper.parent / "kept").rglob("*") if file.is_file()]
    assert "customer-1" in [file.name for file in kept]


def test_a_command_that_fails_stops_before_the_request_and_its_words_are_not_repeated(
    operator: Operator, tmp_path: Path
) -> None:
    program = tmp_path / "broken"
    program.write_text("#!/bin/sh\necho canary-of-a-vault; exit 1\n")
    program.chmod(0o755)

    with pytest.raises(EscrowError, match="ended with status 1") as raised:
        operator.run(PSAAS_ESCROW_COMMAND=str(program)).create("customer-1")
    with pytest.raises(EscrowError, match="did not run"):
        operator.run(PSAAS_ESCROW_COMMAND=str(tmp_path / "missing")).create("customer-1")

    assert "canary" not in str(raised.value)
    assert operator.posts() == []


def test_a_bucket_keeps_entries(operator: Operator, bucket: str) -> None:
    operator.environment["PSAAS_ESCROW"] = bucket
    lifecycle(operator)


def test_a_bucket_that_does_not_exist_stops_before_the_request(operator: Operator, bucket: str) -> None:
    with pytest.raises(EscrowError, match=r"s3://another/.*NoSuchBucket"):
        operator.run(PSAAS_ESCROW="s3://another/psaas").create("customer-1")

    assert operator.posts() == []


def test_variables_that_no_client_can_be_made_of_are_told_in_one_line(
    operator: Operator, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "")

    with pytest.raises(EscrowError, match=r"can't be reached: InvalidConfigError; check .* the AWS_\* variables"):
        operator.run(PSAAS_ESCROW=bucket).create("customer-1")


def test_in_a_pipeline_a_directory_must_be_declared_durable(operator: Operator) -> None:
    with pytest.raises(ConfigError, match="escrowDurable: true"):
        operator.run(CI="true").create("customer-1")
    assert operator.posts() == []

    assert operator.run(CI="true", PSAAS_ESCROW_DURABLE="true").create("customer-1").ready


def test_a_rotated_provisioning_secret_loses_no_entry_of_an_escrow_with_its_own_key(operator: Operator) -> None:
    key = os.urandom(32).hex()
    made = operator.run(PSAAS_ESCROW_KEY=key).create("customer-1")
    secret = operator.appliance.api(
        "POST", f"clients/{operator.appliance.described['provisioning']['client_id']}/rotate-secret"
    )["client_secret"]

    recovered = operator.run(PSAAS_CLIENT_SECRET=secret).create("customer-1")

    assert recovered.credential == made.credential
    assert operator.posts() == [201]


def test_without_its_own_key_the_old_secret_opens_what_it_closed(operator: Operator) -> None:
    made = operator.run().create("customer-1")
    old = operator.appliance.described["provisioning"]["client_secret"]
    client = operator.appliance.described["provisioning"]["client_id"]
    secret = operator.appliance.api("POST", f"clients/{client}/rotate-secret")["client_secret"]

    with pytest.raises(EscrowError, match="another key"):
        operator.run(PSAAS_CLIENT_SECRET=secret).create("customer-1")
    new_key = os.urandom(32).hex()
    recovered = operator.run(PSAAS_ESCROW_KEY=f"{new_key} {old}").create("customer-1")

    assert recovered.credential == made.credential


def test_a_real_appliance_asks_for_a_key_of_its_own() -> None:
    from psaas_resources import escrow, settings

    config = {"domain": "rta.example.com", "clientId": "abc", "clientSecret": "secret"}
    escrow.of.cache_clear()

    with pytest.raises(ConfigError, match="openssl rand -hex 32"):
        escrow.of(settings.read(config.get, {})).probe()
