"""What concerns the whole server: refused connections, TLS that is wrong for everybody, rate limits, who started it."""

import json
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest
from running_appliance import ROOT, RunningAppliance, refusal
from test_faults_connections import raw_connection

JWKS = "/.well-known/jwks.json"


def connects(appliance: RunningAppliance) -> bool:
    try:
        socket.create_connection(("127.0.0.1", appliance.port), timeout=20).close()
    except ConnectionRefusedError:
        return False
    return True


def test_new_connections_may_be_refused_for_a_while(data: Path) -> None:
    appliance = RunningAppliance.start(data)
    try:
        other = appliance.new_session()
        other.get(f"https://{appliance.rta}{JWKS}", timeout=20)
        appliance.plan({"route": {"path": JWKS}, "when": {"calls": [1]}, "do": {"refuse_connections": 3}})
        with pytest.raises(OSError, match="Connection"):
            appliance.call("GET", appliance.rta, JWKS)
        assert not connects(appliance)
        with pytest.raises(OSError, match="refused"):
            other.get(f"https://{appliance.rta}{JWKS}", timeout=20)  # its open connection has gone too
        while not connects(appliance):
            time.sleep(0.05)
        assert appliance.call("GET", appliance.rta, JWKS).status_code == 200
        [happened] = appliance.happened()
        assert (happened["kind"], happened["carried_out"]) == ("refuse_connections", False)
    finally:
        assert appliance.stop() == 0


def test_an_appliance_that_holds_a_call_still_ends_cleanly(data: Path) -> None:
    command = [sys.executable, "-m", "appliance", "--data", str(data), "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    appliance = RunningAppliance(process, json.loads(process.stdout.readline()))
    appliance.plan({"route": {"path": JWKS}, "do": {"hang": 60}})
    with raw_connection(appliance) as held:
        held.sendall(f"GET {JWKS} HTTP/1.1\r\nhost: {appliance.rta}\r\n\r\n".encode())
        while not appliance.happened():
            time.sleep(0.01)
        process.terminate()
        with pytest.raises(ConnectionResetError):
            held.recv(1)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in err


def test_an_appliance_that_refuses_connections_still_ends_cleanly(data: Path) -> None:
    appliance = RunningAppliance.start(data)
    appliance.plan({"route": {"path": JWKS}, "do": {"refuse_connections": 60}})
    with pytest.raises(OSError, match="Connection"):
        appliance.call("GET", appliance.rta, JWKS)
    assert appliance.stop() == 0


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("expired", "certificate has expired"),
        ("wrong-name", "Hostname mismatch"),
        ("unknown-ca", "unable to get local issuer certificate|certificate signature failure"),
        ("tls1.1", "EOF|protocol version"),  # the event loop closes without sending the alert
        ("plain-http", "wrong version number|record layer failure"),
    ],
)
def test_tls_may_be_wrong_for_everybody(data: Path, fault: str, reason: str) -> None:
    appliance = RunningAppliance.start(data, "--port", "0", "--tls-fault", fault)
    try:
        context = ssl.create_default_context(cafile=appliance.facts["ca"])
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        with (
            socket.create_connection(("127.0.0.1", appliance.port), timeout=20) as plain,
            pytest.raises(ssl.SSLError, match=reason),
        ):
            context.wrap_socket(plain, server_hostname=appliance.rta)
        if fault == "tls1.1":  # it is really spoken to whoever allows it
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_1
            context.set_ciphers("ALL:@SECLEVEL=0")
            with socket.create_connection(("127.0.0.1", appliance.port), timeout=20) as plain:
                assert context.wrap_socket(plain, server_hostname=appliance.rta).version() == "TLSv1.1"
    finally:
        assert appliance.stop() == 0


def test_rate_limits_are_enforced_per_domain_where_that_is_asked_for(data: Path) -> None:
    options = ("--port", "0", "--rate-limit", "0.001:5", "--started-by", "run-17")
    appliance = RunningAppliance.start(data, *options)
    try:
        assert appliance.facts["started_by"] == "run-17"
        assert json.loads((data / "appliance.json").read_text())["started_by"] == "run-17"
        answers = [appliance.call("GET", appliance.rta, JWKS) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        remaining = [int(answer.headers["x-ratelimit-remaining"]) for answer in answers]
        assert remaining == [4, 3, 2, 1, 0, 0]
        assert {answer.headers["x-ratelimit-limit"] for answer in answers} == {"5"}
        assert int(answers[-1].headers["x-ratelimit-reset"]) > time.time() + 60
        assert answers[-1].json() == {
            "statusCode": 429,
            "error": "Too Many Requests",
            "message": "Global limit has been reached",
            "errorCode": "too_many_requests",
        }
        token = appliance.ask_token(appliance.rta, appliance.facts["admin"])
        assert (token.status_code, token.json()["error"]) == (429, "too_many_requests")
        # What it tells about itself is not limited, and another domain has a bucket of its own.
        assert len(appliance.requests_seen()) == 7
        assert appliance.call("GET", "nobody.appliance.test", JWKS).status_code == 404
    finally:
        assert appliance.stop() == 0


def test_a_bucket_fills_again(data: Path) -> None:
    appliance = RunningAppliance.start(data, "--port", "0", "--rate-limit", "20:1")
    try:
        while appliance.call("GET", appliance.rta, JWKS).status_code != 429:
            pass
        while appliance.call("GET", appliance.rta, JWKS).status_code != 200:
            time.sleep(0.01)
    finally:
        assert appliance.stop() == 0


@pytest.mark.parametrize("limit", ["x", "0", "5:0", "inf"])
def test_a_rate_limit_that_is_none_is_told_in_one_line(data: Path, limit: str) -> None:
    status, lines = refusal("--data", str(data), "--port", "0", f"--rate-limit={limit}")
    assert (status, len(lines)) == (2, 1)
    assert "no rate limit" in lines[0]
