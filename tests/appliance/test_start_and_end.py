"""The process: how it starts, what it leaves behind, how it ends, and every reason not to start."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from cryptography import x509
from running_appliance import ROOT, RunningAppliance, refusal


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_ready_means_one_line_on_stdout_and_the_same_in_a_private_file(data: Path) -> None:
    appliance = RunningAppliance.start(data)
    try:
        facts = appliance.facts
        assert set(facts) == {"address", "rta", "domain", "ca", "pid", "admin", "provisioning"}
        assert (facts["rta"], facts["domain"]) == ("rta.appliance.test", "appliance.test")
        assert (facts["ca"], facts["pid"]) == (str(data / "ca.pem"), appliance.process.pid)
        assert len(facts["admin"]["client_secret"]) >= 48
        assert json.loads((data / "appliance.json").read_text()) == facts
        assert mode(data) == 0o700
        assert {path.name: mode(path) for path in data.iterdir() if mode(path) != 0o600} == {}
    finally:
        assert appliance.stop() == 0
    assert not (data / "appliance.json").exists()


def test_spare_keys_are_found_before_the_first_tenant_and_no_more_are_sought_for_it(data: Path) -> None:
    def primes() -> int:
        with closing(sqlite3.connect(data / "appliance.db")) as database:
            return int(database.execute("SELECT count(*) FROM primes").fetchone()[0])

    assert RunningAppliance.start(data, "--port", "0", "--spare-keys", "4").stop() == 0
    assert primes() == 4  # whose first four pairs are four keys, one of them the RTA's
    again = RunningAppliance.start(data)
    try:
        provisioning = again.api(again.rta, again.facts["admin"]).granted("create:tenants")
        made = [provisioning.made("/tenants", {"name": f"customer-{number}"}) for number in range(3)]
        keys = {again.call("GET", tenant["domain"], "/.well-known/jwks.json").text for tenant in made}
    finally:
        assert again.stop() == 0
    assert len(keys) == 3
    assert primes() == 4


def test_everything_survives_a_restart(data: Path) -> None:
    first = RunningAppliance.start(data)
    admin = first.api(first.rta, first.facts["admin"])
    made = admin.granted("create:tenants").made("/tenants", {"name": "customer-1"})
    tenant = first.api(made["domain"], made)
    tenant.patch("/tenants/settings", {"friendly_name": "First"})
    keys = first.call("GET", made["domain"], "/.well-known/jwks.json").json()
    first.process.kill()  # nobody is asked to save anything
    first.stop()
    assert (data / "appliance.json").exists()  # nothing could remove it; its pid tells that it is stale

    second = RunningAppliance.start(data)
    try:
        volatile = ("pid", "address")
        kept = {key: value for key, value in first.facts.items() if key not in volatile}
        assert {key: value for key, value in second.facts.items() if key not in volatile} == kept
        assert second.call("GET", made["domain"], "/.well-known/jwks.json").json() == keys
        old_token = type(tenant)(second, made["domain"], tenant.token)
        assert old_token.get("/tenants/settings").json()["friendly_name"] == "First"
        assert second.ask_token(made["domain"], made).status_code == 200
    finally:
        assert second.stop() == 0


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_and_soon_though_connections_are_open(data: Path, signal_number: int) -> None:
    appliance = RunningAppliance.start(data)
    appliance.ask_token(appliance.rta, appliance.facts["admin"])  # leaves a keep-alive connection
    started = time.monotonic()
    appliance.process.send_signal(signal_number)
    assert appliance.process.wait(timeout=20) == 0
    assert time.monotonic() - started < 15
    appliance.stop()


def test_seeded_client_ids_follow_from_the_host_and_their_secrets_do_not(tmp_path: Path) -> None:
    facts = []
    for name in ("one", "two"):
        appliance = RunningAppliance.start(tmp_path / name)
        facts.append(appliance.facts)
        appliance.stop()
    for application in ("admin", "provisioning"):
        first, second = (each[application] for each in facts)
        assert first["client_id"] == second["client_id"]
        assert first["client_secret"] != second["client_secret"]
    command = [sys.executable, "-m", "appliance", "--print-client-ids"]
    printed = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
    assert printed == {
        "rta": "rta.appliance.test",
        "admin": facts[0]["admin"]["client_id"],
        "provisioning": facts[0]["provisioning"]["client_id"],
    }


def test_provisioning_starts_without_a_client_grant(data: Path) -> None:
    appliance = RunningAppliance.start(data)
    try:
        assert appliance.ask_token(appliance.rta, appliance.facts["provisioning"]).status_code == 403
    finally:
        appliance.stop()


def test_on_localhost_the_port_is_part_of_every_name_and_kept_by_the_data_directory(data: Path) -> None:
    first = RunningAppliance.start(data, "--domain", "localhost", "--port", "0")
    port = first.port
    first.stop()
    assert (first.facts["rta"], first.facts["domain"]) == (f"localhost:{port}", f"localhost:{port}")
    second = RunningAppliance.start(data, "--domain", "localhost:0", "--port", "0")
    try:
        assert second.facts["rta"] == f"localhost:{port}"
        admin = second.api(second.rta, second.facts["admin"])
        assert admin.audience == f"https://localhost:{port}/api/v2/"
        tenant = admin.granted("create:tenants").made("/tenants", {"name": "customer-1"})
        assert tenant["domain"] == f"customer-1.localhost:{port}"
        assert second.api(tenant["domain"], tenant).get("/clients").status_code == 200
    finally:
        second.stop()


def test_the_certificate_authority_vouches_for_the_domain_and_nothing_else(appliance: RunningAppliance) -> None:
    authority = x509.load_pem_x509_certificate(Path(appliance.facts["ca"]).read_bytes())
    permitted = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    assert [name.value for name in permitted if isinstance(name, x509.DNSName)] == ["appliance.test"]
    context = ssl.create_default_context(cafile=appliance.facts["ca"])
    for name, trusted in (("rta.appliance.test", True), ("any.appliance.test", True), ("elsewhere.test", False)):
        plain = socket.create_connection(("127.0.0.1", appliance.port), timeout=20)
        try:
            context.wrap_socket(plain, server_hostname=name).close()
        except ssl.SSLCertVerificationError:
            assert not trusted
        else:
            assert trusted


def test_the_strictest_check_of_certificates_is_passed(appliance: RunningAppliance) -> None:
    context = ssl.create_default_context(cafile=appliance.facts["ca"])
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with socket.create_connection(("127.0.0.1", appliance.port), timeout=20) as plain:
        context.wrap_socket(plain, server_hostname="customer-1.appliance.test").close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_plain_http_and_old_tls_are_refused(appliance: RunningAppliance) -> None:
    context = ssl.create_default_context(cafile=appliance.facts["ca"])
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", appliance.port), timeout=20) as plain, pytest.raises(OSError):  # noqa: PT011
        context.wrap_socket(plain, server_hostname=appliance.rta)
    with socket.create_connection(("127.0.0.1", appliance.port), timeout=20) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nhost: rta.appliance.test\r\n\r\n")
        assert not plain.recv(100).startswith(b"HTTP")


def test_an_error_nobody_thought_of_is_a_500_and_a_log_line_without_what_was_sent(data: Path) -> None:
    command = [sys.executable, "-m", "appliance", "--data", str(data), "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    appliance = RunningAppliance(process, json.loads(process.stdout.readline()))
    admin = appliance.api(appliance.rta, appliance.facts["admin"])
    with closing(sqlite3.connect(data / "appliance.db")) as database:
        database.execute("ALTER TABLE client_grants RENAME TO lost")
    answer = admin.post("/client-grants", {"client_id": "nobody", "audience": admin.audience, "scope": ["planted"]})
    assert (answer.status_code, answer.json()["message"]) == (404, "Client not found")
    answer = admin.get("/client-grants", client_id="planted")
    body = {"statusCode": 500, "error": "Internal Server Error", "message": "An internal server error occurred"}
    assert (answer.status_code, answer.json()) == (500, body)
    process.terminate()
    _, err = process.communicate(timeout=20)
    assert "GET /api/v2/client-grants: OperationalError at" in err
    assert "Traceback" not in err
    assert "planted" not in err
    assert admin.token not in err


def one_line(outcome: tuple[int, list[str]]) -> str:
    status, lines = outcome
    assert status not in (0, 1)
    assert len(lines) == 1, lines
    return lines[0]


def test_a_busy_port_is_told_in_one_line(appliance: RunningAppliance, data: Path) -> None:
    line = one_line(refusal("--data", str(data), "--port", str(appliance.port)))
    assert f"cannot listen on 127.0.0.1:{appliance.port}" in line
    assert "--port" in line


def test_a_data_directory_in_use_names_the_process_that_uses_it(data: Path) -> None:
    appliance = RunningAppliance.start(data)
    try:
        line = one_line(refusal("--data", str(data), "--port", "0"))
        assert f"in use by another appliance (process {appliance.process.pid})" in line
        assert (data / "appliance.json").exists()
    finally:
        appliance.stop()


def test_a_data_directory_of_another_domain_is_told_in_one_line(data: Path) -> None:
    RunningAppliance.start(data).stop()
    line = one_line(refusal("--data", str(data), "--port", "0", "--domain", "other.test"))
    assert "was made for appliance.test, not other.test" in line
    assert "--domain appliance.test" in line


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    tmp_path.chmod(0o755)
    assert "holds files" in one_line(refusal("--data", str(tmp_path), "--port", "0"))
    assert mode(tmp_path) == 0o755


def test_a_data_directory_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "--data" in one_line(refusal("--data", str(tmp_path / "file" / "data"), "--port", "0"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_data_directory_is_told_in_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "--data" in one_line(refusal("--data", str(tmp_path / "data"), "--port", "0"))


def test_a_broken_database_is_told_in_one_line(data: Path) -> None:
    RunningAppliance.start(data).stop()
    (data / "appliance.db").write_bytes(b"not a database" * 1000)
    assert "remove the directory" in one_line(refusal("--data", str(data), "--port", "0"))
    shutil.rmtree(data)
    assert RunningAppliance.start(data).stop() == 0


@pytest.mark.parametrize("domain", ["", "under_score.test", "a..b", "-a.test", "a.test:x", "a.test:99999"])
def test_a_domain_that_is_none_is_told_in_one_line(data: Path, domain: str) -> None:
    assert "appliance: " in one_line(refusal("--data", str(data), "--port", "0", f"--domain={domain}"))


def test_it_listens_on_loopback_only_and_says_what_it_is_for(data: Path) -> None:
    command = [sys.executable, "-m", "appliance", "--data", str(data), "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    facts = json.loads(process.stdout.readline())
    process.terminate()
    out, err = process.communicate(timeout=20)
    assert facts["address"].startswith("127.0.0.1:")
    assert out == ""
    assert "development" in err
    assert "Traceback" not in err
