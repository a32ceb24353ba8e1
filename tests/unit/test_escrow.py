"""One-time credentials on disk: whole or not at all, readable by us alone, and one for each tenant."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from psaas_resources import escrow, settings
from psaas_resources.errors import EscrowError
from psaas_resources.escrow import Escrow
from psaas_resources.escrow_stores import Directory
from psaas_resources.settings import Credential

RTA = "rta.appliance.test"
ANSWER = b'{"client_id": "abc", "client_secret": "hunter2"}'


def opened(folder: Path, *keys: str, rta: str = RTA) -> Escrow:
    return Escrow(Directory(folder), rta=rta, keys=keys or ("key-1",))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def test_an_answer_comes_back_as_it_was(tmp_path: Path) -> None:
    for answer in (ANSWER, b"", b"\xff\x00 not json", b"x" * 1_000_000):
        opened(tmp_path).keep_answer("customer-1", answer)
        found = opened(tmp_path).find("customer-1")
        assert found is not None
        assert (found.tenant, found.reason, found.answer, found.credential) == ("customer-1", "answer", answer, None)
        assert found.written_at.endswith("+00:00")


@pytest.mark.parametrize("reason", ["forgotten", "deleted"])
def test_a_credential_that_leaves_the_state_comes_back_with_its_domain_and_reason(tmp_path: Path, reason: str) -> None:
    credential = Credential("abc", "hunter2")
    opened(tmp_path).keep_credential("customer-1", credential, domain="customer-1.appliance.test", reason=reason)
    found = opened(tmp_path).find("customer-1")
    assert found is not None
    assert (found.credential, found.domain, found.reason) == (credential, "customer-1.appliance.test", reason)


def test_a_tenant_without_an_entry_has_none(tmp_path: Path) -> None:
    assert opened(tmp_path / "missing").find("customer-1") is None
    assert not opened(tmp_path / "missing").may_hold("customer-1")
    assert not (tmp_path / "missing").exists()


def test_a_settled_entry_waits_no_longer_and_is_found_still(tmp_path: Path) -> None:
    box = opened(tmp_path)
    box.keep_answer("customer-1", ANSWER)
    box.keep_answer("customer-2", ANSWER)
    box.settle("customer-1")
    assert opened(tmp_path).tenants() == ["customer-2"]
    assert not opened(tmp_path).may_hold("customer-1")
    found = opened(tmp_path).find("customer-1")
    assert found is not None
    assert found.answer == ANSWER


def test_an_entry_that_waits_goes_before_one_that_was_settled(tmp_path: Path) -> None:
    box = opened(tmp_path)
    box.keep_answer("customer-1", b"old")
    box.settle("customer-1")
    box.keep_answer("customer-1", b"new")
    found = box.find("customer-1")
    assert found is not None
    assert found.answer == b"new"
    box.settle("customer-1")
    assert files(tmp_path) == [f"{RTA}/settled/customer-1.json"]


def test_an_entry_can_be_opened_where_there_is_one_and_a_key_to_try(tmp_path: Path) -> None:
    opened(tmp_path).keep_answer("customer-1", ANSWER)
    assert opened(tmp_path).may_hold("customer-1")
    assert not opened(tmp_path).may_hold("customer-2")
    assert not Escrow(Directory(tmp_path), rta=RTA, keys=[""]).may_hold("customer-1")


def test_every_folder_that_is_made_on_the_way_is_for_the_user_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        file = Path(opened(tmp_path / "state" / "psaas" / "escrow").keep_answer("customer-1", ANSWER))
    finally:
        os.umask(before)
    assert [mode(folder) for folder in list(file.parents)[:4]] == [0o700] * 4


def test_the_entry_and_its_folder_are_for_the_user_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        file = Path(opened(tmp_path).keep_answer("customer-1", ANSWER))
    finally:
        os.umask(before)
    assert mode(file) == 0o600
    assert mode(file.parent) == 0o700
    assert file.parent.name == RTA


def test_no_secret_stands_in_the_file_in_clear(tmp_path: Path) -> None:
    box = opened(tmp_path)
    file = Path(box.keep_answer("customer-1", ANSWER))
    other = Path(box.keep_credential("customer-2", Credential("abc", "hunter2"), domain="", reason="forgotten"))
    for content in (file.read_bytes(), other.read_bytes()):
        assert b"hunter2" not in content
        assert b"abc" not in content
        assert b"key-1" not in content
        assert b"aHVudGVyMg" not in content


def test_the_same_answer_never_looks_the_same_twice(tmp_path: Path) -> None:
    box = opened(tmp_path)
    payloads = {json.loads(Path(box.keep_answer("customer-1", ANSWER)).read_bytes())["payload"] for _ in range(5)}
    assert len(payloads) == 5


def test_the_header_tells_a_person_whose_entry_it_is(tmp_path: Path) -> None:
    header = json.loads(Path(opened(tmp_path).keep_answer("customer-1", ANSWER)).read_bytes())
    assert (header["rta"], header["tenant"], header["reason"], header["version"]) == (RTA, "customer-1", "answer", 1)


def test_two_appliances_share_a_folder_without_seeing_each_others_entries(tmp_path: Path) -> None:
    opened(tmp_path, rta="localhost:8443").keep_answer("customer-1", ANSWER)
    assert opened(tmp_path).find("customer-1") is None
    assert opened(tmp_path, rta="localhost:8443").find("customer-1") is not None


def test_an_earlier_key_still_opens_its_entries_and_the_first_key_writes_new_ones(tmp_path: Path) -> None:
    opened(tmp_path, "old-secret").keep_answer("customer-1", ANSWER)
    both = opened(tmp_path, "new-secret", "old-secret")
    assert both.find("customer-1") is not None
    both.keep_answer("customer-2", ANSWER)
    assert opened(tmp_path, "new-secret").find("customer-2") is not None


@pytest.mark.parametrize("keys", [[], [""], ["", ""]])
def test_without_a_key_nothing_is_written_and_the_message_says_where_one_comes_from(
    tmp_path: Path, keys: list[str]
) -> None:
    box = Escrow(Directory(tmp_path), rta=RTA, keys=keys)
    for write in (box.probe, lambda: box.keep_answer("customer-1", ANSWER)):
        with pytest.raises(EscrowError, match="PSAAS_ESCROW_KEY"):
            write()
    assert files(tmp_path) == []


def test_the_key_is_the_escrow_key_or_else_made_from_the_provisioning_secret(tmp_path: Path) -> None:
    stack: dict[str, object] = {"domain": RTA, "clientId": "abc", "clientSecret": "s", "escrowDir": str(tmp_path)}
    escrow.of(settings.read(stack.get, {})).keep_answer("customer-1", ANSWER)
    with_key = escrow.of(settings.read((stack | {"escrowKey": "k" * 32}).get, {}))
    assert with_key.find("customer-1") is not None
    with_key.keep_answer("customer-2", ANSWER)
    assert opened(tmp_path, "k" * 32).find("customer-2") is not None
    with pytest.raises(EscrowError, match="PSAAS_CLIENT_SECRET"):
        escrow.of(settings.read({"domain": RTA, "escrowDir": str(tmp_path)}.get, {})).probe()


def test_a_probe_leaves_nothing_behind_but_the_folder(tmp_path: Path) -> None:
    opened(tmp_path).probe()
    assert files(tmp_path) == []


def test_an_entry_that_was_just_written_proves_that_the_next_one_can_be(tmp_path: Path) -> None:
    now = [0.0]
    box = Escrow(Directory(tmp_path), rta=RTA, keys=["hunter2"], clock=lambda: now[0])
    box.probe()
    (tmp_path / RTA).rename(tmp_path / "away")
    (tmp_path / RTA).write_text("in the way")
    now[0] = escrow.PROOF_SECONDS - 0.1
    box.probe()
    now[0] = escrow.PROOF_SECONDS
    with pytest.raises(EscrowError):
        box.probe()


def test_a_failure_takes_the_proof_away(tmp_path: Path) -> None:
    box = opened(tmp_path)
    box.keep_answer("customer-1", ANSWER)
    (tmp_path / RTA).rename(tmp_path / "away")
    (tmp_path / RTA).write_text("in the way")
    with pytest.raises(EscrowError):
        box.keep_rotation("customer-2", Credential("abc", "hunter2"), domain="", previous="hunter1")
    with pytest.raises(EscrowError):
        box.probe()


def test_a_folder_that_cannot_be_written_is_found_out_by_the_probe(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/psaas")):
        with pytest.raises(EscrowError) as caught:
            opened(folder).probe()
        assert str(folder) in str(caught.value)
        assert "PSAAS_ESCROW_DIR" in str(caught.value)


def test_a_name_that_no_path_can_have_is_an_error_of_ours() -> None:
    with pytest.raises(EscrowError):
        opened(Path("a\0b")).probe()


def test_a_file_in_place_of_the_folder_is_no_missing_entry(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EscrowError):
        opened(tmp_path / "file").find("customer-1")


def test_writing_leaves_the_entry_and_nothing_else(tmp_path: Path) -> None:
    box = opened(tmp_path)
    for _ in range(3):
        box.keep_answer("customer-1", ANSWER)
    assert files(tmp_path) == [f"{RTA}/customer-1.json"]


@pytest.mark.parametrize("tenant", ["../x", "a/b", "", ".", "..", "A", "x" * 64, "a\n", ".probe-1", "customer.1"])
def test_nothing_but_a_tenants_name_becomes_a_file_name(tmp_path: Path, tenant: str) -> None:
    box = opened(tmp_path)
    for use in (lambda: box.keep_answer(tenant, ANSWER), lambda: box.find(tenant), lambda: box.settle(tenant)):
        with pytest.raises(EscrowError):
            use()
    assert files(tmp_path) == []


def test_an_appliance_called_dot_dot_does_not_leave_the_folder(tmp_path: Path) -> None:
    opened(tmp_path / "escrow", rta="..").keep_answer("customer-1", ANSWER)
    assert (tmp_path / "escrow").exists()
    assert not (tmp_path / "customer-1.json").exists()
    assert all(file.startswith("escrow/") for file in files(tmp_path))


def test_secrets_are_in_no_representation_of_an_entry(tmp_path: Path) -> None:
    box = opened(tmp_path)
    box.keep_answer("customer-1", ANSWER)
    box.keep_credential("customer-2", Credential("abc", "hunter2"), domain="", reason="deleted")
    assert "hunter2" not in repr(box.find("customer-1")) + repr(box.find("customer-2"))


def test_many_threads_write_and_read_whole_entries(tmp_path: Path) -> None:
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                box = opened(tmp_path)
                box.keep_answer("customer-1", f"{number}-{turn}".encode() * 1000)
                assert box.find("customer-1")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert files(tmp_path) == [f"{RTA}/customer-1.json"]


def test_two_processes_write_the_same_entry_at_once_and_one_whole_entry_remains(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from psaas_resources.escrow import Escrow\n"
        "from psaas_resources.escrow_stores import Directory\n"
        f"box = Escrow(Directory(pathlib.Path(sys.argv[1])), rta={RTA!r}, keys=['key-1'])\n"
        "sys.stdin.read()\n"
        "for _ in range(50): box.keep_answer('customer-1', sys.argv[2].encode() * 500); assert box.find('customer-1')\n"
    )
    root = Path(__file__).parents[2]
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), word], stdin=subprocess.PIPE, cwd=root)
        for word in "ab"
    ]
    for process in both:
        assert process.stdin is not None
        process.stdin.close()
    assert [process.wait(60) for process in both] == [0, 0]
    found = opened(tmp_path).find("customer-1")
    assert found is not None
    assert found.answer in (b"a" * 500, b"b" * 500)
    assert files(tmp_path) == [f"{RTA}/customer-1.json"]
